package feed_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/tensor"
)

// events are 10 events of a count and a real.
func events() *surprisal.Batch {
	counts, reals := make(surprisal.Values[int32], 10), make(surprisal.Values[float64], 10)
	ids := make([]uint64, 10)
	for i := range counts {
		counts[i], reals[i], ids[i] = int32(i), float64(i)/4, uint64(i)<<33|1
	}
	space := &surprisal.Space{Fields: []surprisal.Field{{Name: "n", Kind: surprisal.Count}, {Name: "r"}}}
	return &surprisal.Batch{Space: space, Columns: []surprisal.Column{counts, reals}, IDs: ids}
}

// TestRunner computes n − r, the row itself and a draw per event in chunks of
// several sizes.
func TestRunner(t *testing.T) {
	b := events()
	g := graph.New()
	x := g.Input("x", graph.F32, graph.Batch, 2)
	noise := graph.Uniform(g.Input("key", graph.U32, 2), g.Input("ids", graph.U32, graph.Batch, 2), 0)
	var drawn []float64
	for _, chunk := range []int{0, 1, 3, 10} {
		rows := feed.Rows{Input: "x", Width: 2}
		r := feed.Runner{Exec: ref.New(), Store: &tensor.Store{}, Chunk: chunk,
			Outputs: []*graph.Node{x.Slice(1, 0, 1).Sub(x.Slice(1, 1, 2)).Sum(1), x, noise},
			Feed: func(feeds graph.Feeds, b *surprisal.Batch) error {
				feed.IDs(feeds, "ids", b)
				feed.Key(feeds, "key", 5<<40|9)
				return rows.Feed(feeds, b)
			}}
		diff, all, draws := make([]float64, 10), make([]float64, 20), make([]float64, 10)
		if err := r.Floats(b, diff, all, draws); err != nil {
			t.Fatal(err)
		}
		for i := range diff {
			n, v := float64(i), float64(i)/4
			if diff[i] != n-v || all[2*i] != n || all[2*i+1] != v {
				t.Errorf("chunk %d: event %d gives %g, %v", chunk, i, diff[i], all[2*i:2*i+2])
			}
		}
		if drawn == nil {
			drawn = draws
		}
		if !slices.Equal(draws, drawn) {
			t.Errorf("chunk %d changes the draws", chunk)
		}
	}
	if slices.Sort(drawn); len(slices.Compact(drawn)) != 10 {
		t.Error("events share their draws: the high words of ids do not count")
	}
}

func TestRunnerReturnsErrors(t *testing.T) {
	g := graph.New()
	bad := errors.New("bad event")
	rows := feed.Rows{Input: "x", Width: 2, Fill: func([]float64, *surprisal.Batch) error { return bad }}
	r := feed.Runner{Exec: ref.New(), Store: &tensor.Store{}, Outputs: []*graph.Node{g.Input("x", graph.F32, graph.Batch, 2)}, Feed: rows.Feed}
	if err := r.Floats(events(), make([]float64, 20)); !errors.Is(err, bad) {
		t.Errorf("got %v, want %v", err, bad)
	}
}

func TestCheckSpace(t *testing.T) {
	b := events()
	same := *b.Space
	if err := feed.CheckSpace(b, &same); err != nil {
		t.Error(err)
	}
	hidden := *b
	hidden.Mask = make([]bool, 20)
	if feed.CheckSpace(&hidden, b.Space) == nil {
		t.Error("unobserved values are accepted")
	}
	for _, fields := range [][]surprisal.Field{
		b.Space.Fields[:1],
		{{Name: "n", Kind: surprisal.Count}, {Name: "s"}},
		{{Name: "n", Kind: surprisal.Count, Levels: 12}, {Name: "r"}},
	} {
		if feed.CheckSpace(b, &surprisal.Space{Fields: fields}) == nil {
			t.Errorf("space %v is accepted", fields)
		}
	}
}

// TestBytes compares bytes of all lengths with a plain conversion, and the
// union with that of a single odd byte in every place.
func TestBytes(t *testing.T) {
	for n := range 40 {
		src := make([]uint8, n)
		for i := range src {
			src[i] = uint8(7*i + n)
		}
		dst := make([]float32, n+1)
		dst[n] = -1
		feed.Bytes(dst, src)
		for i, v := range src {
			if dst[i] != float32(v) {
				t.Fatalf("byte %d of %d is fed as %g, want %d", i, n, dst[i], v)
			}
		}
		if dst[n] != -1 {
			t.Fatalf("%d bytes write further than they are", n)
		}
		clear(src)
		for i := range src {
			src[i] = 1 << (i % 8)
			if got := feed.Bytes(dst, src); got != src[i] {
				t.Fatalf("the union of %v is %d", src, got)
			}
			src[i] = 0
		}
	}
}

// TestRaw feeds columns of every type without and with a detour over float64.
func TestRaw(t *testing.T) {
	b := events()
	b.Space.Fields = append(b.Space.Fields, surprisal.Field{Name: "b", Kind: surprisal.Grid, Step: 1, Shape: []int{9}})
	bytes := make(surprisal.Values[uint8], 90)
	for i := range bytes {
		bytes[i] = uint8(i)
	}
	b.Columns = append(b.Columns, bytes)
	b.Columns[1].(surprisal.Values[float64])[3] = 1.0 / 3
	direct := feed.Rows{Input: "x", Width: 11}
	detour := feed.Rows{Input: "y", Width: 11, Fill: func(dst []float64, b *surprisal.Batch) error { b.Float64s(dst, 0); return nil }}
	mapped := feed.Mapped{Events: "z", Offset: "offset", LogCell: 2}
	feeds := graph.Feeds{}
	if err := errors.Join(direct.Feed(feeds, b), detour.Feed(feeds, b), mapped.Feed(feeds, b, 0)); err != nil {
		t.Fatal(err)
	}
	want := feeds["y"].F32()
	if want[3*11+1] != 1.0/3 || want[4*11+2] != 36 {
		t.Errorf("row 3 is %v", want[33:44])
	}
	for _, name := range []string{"x", "z"} {
		if !slices.Equal(feeds[name].F32(), want) {
			t.Errorf("%s is %v, want %v", name, feeds[name].F32(), want)
		}
	}
	if feeds["offset"].F32()[9] != 2 {
		t.Errorf("offset is %v, want 2", feeds["offset"].F32())
	}
}
