package eval_test

import (
	"errors"
	"iter"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
)

// cut hands out b in batches of n, all in the same memory.
func cut(b *surprisal.Batch, n int) iter.Seq2[*surprisal.Batch, error] {
	return func(yield func(*surprisal.Batch, error) bool) {
		for lo := 0; lo < b.Len(); lo += n {
			part := b.Slice(lo, min(lo+n, b.Len()))
			part.Weight, part.Group = append([]float64(nil), part.Weight...), append([]int32(nil), part.Group...)
			if !yield(part, nil) {
				return
			}
			clear(part.Weight)
			clear(part.Group)
		}
	}
}

func TestBatchesScoreAsOne(t *testing.T) {
	plain := normals(1000, 4)
	grouped, weighted, ordered := *plain, *plain, *plain
	grouped.Group, weighted.Weight = make([]int32, 1000), make([]float64, 1000)
	for i := range 1000 {
		grouped.Group[i], weighted.Weight[i] = int32(i%37), float64(i%5)
	}
	ordered.Ordered = true
	models := map[string]any{"density": gaussian{0.1, 1}, "bound": latent{}, "heavy": each(func(x float64) float64 { return -math.Exp(x * x) })}
	for name, b := range map[string]*surprisal.Batch{"plain": plain, "grouped": &grouped, "weighted": &weighted, "ordered": &ordered} {
		for kind, m := range models {
			o := eval.Options{Samples: 8, Key: 3}
			want := score(t, m, b, o)
			for _, n := range []int{1, 64, 1000} {
				last := [2]int{}
				o.Progress = func(done, total int) { last = [2]int{done, total} }
				got, err := eval.ScoreBatches(t.Context(), m, cut(b, n), o)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("%s, %s, batches of %d (-one +batches):\n%s", name, kind, n, d)
				}
				if d := cmp.Diff(want.Likelihood("x", "all"), got.Likelihood("x", "all")); d != "" {
					t.Errorf("%s, %s, batches of %d (-one +batches):\n%s", name, kind, n, d)
				}
				if last != [2]int{1000, 0} {
					t.Errorf("progress ended at %v", last)
				}
			}
		}
	}
}

// TestEachIsToldOfEveryChunk as it is scored, in order, and can end it.
func TestEachIsToldOfEveryChunk(t *testing.T) {
	b := normals(1000, 3)
	var told []float64
	done, ended := 0, errors.New("the disk is full")
	o := eval.Options{Samples: 8, Key: 3, Chunk: 100, Each: func(nats []float64) error {
		if len(told) != done {
			t.Errorf("told of %d events when %d were done", len(told), done)
		}
		told = append(told, nats...)
		return nil
	}, Progress: func(n, _ int) { done = n }}
	check := func(what string, want eval.Scores, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want.Nats, told); d != "" {
			t.Errorf("%s (-scores +told):\n%s", what, d)
		}
		told, done = nil, 0
	}
	s, err := eval.Score(t.Context(), latent{}, b, o)
	check("a batch", s, err)
	s, err = eval.ScoreBatches(t.Context(), gaussian{0, 1}, cut(b, 64), o)
	check("batches", s, err)
	tight, err := eval.Tighten(t.Context(), latent{}, b, "", "", []int{2, 16}, o)
	check("tightness", tight.Scores, err)
	o.Each = func([]float64) error { return ended }
	if _, err := eval.Score(t.Context(), gaussian{0, 1}, b, o); !errors.Is(err, ended) {
		t.Errorf("got %v", err)
	}
}

func TestScoreBatchesRefuses(t *testing.T) {
	b := normals(10, 1)
	grouped := *b
	grouped.Group = make([]int32, 10)
	none := *b
	none.Weight = make([]float64, 10)
	broken := errors.New("a broken file")
	list := func(bs ...*surprisal.Batch) iter.Seq2[*surprisal.Batch, error] {
		return func(yield func(*surprisal.Batch, error) bool) {
			for _, b := range bs {
				if b == nil {
					yield(nil, broken)
					return
				}
				if !yield(b, nil) {
					return
				}
			}
		}
	}
	for want, batches := range map[string]iter.Seq2[*surprisal.Batch, error]{
		"there are no events": list(), "events from 10 on are of another kind": list(b, &grouped), "all events have weight 0": list(&none, &none),
		"a broken file": list(b, nil),
	} {
		_, err := eval.ScoreBatches(t.Context(), gaussian{0, 1}, batches, eval.Options{})
		wantError(t, err, want)
	}
	bad := each(func(x float64) float64 {
		if x == 7 {
			return math.NaN()
		}
		return 0
	})
	line := &surprisal.Batch{Space: realLine(), Columns: []surprisal.Column{surprisal.Values[float64]{0, 1, 2, 3, 4, 5, 6, 7}}}
	_, err := eval.ScoreBatches(t.Context(), bad, cut(line, 3), eval.Options{})
	wantError(t, err, "scoring events 6 to 7: event 7 (id 7): log p is NaN")
}
