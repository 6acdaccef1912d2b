package bench

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/tensor"
)

// BenchmarkWork times every work on one and two threads.
func BenchmarkWork(b *testing.B) {
	for _, w := range Works() {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("work=%s/batch=%d/threads=%d/kern=%s", w.Model, w.Batch, threads, kern.Default.Name), func(b *testing.B) {
				exec := cpu.New(cpu.Options{Threads: threads})
				defer exec.Close()
				r, err := w.Open(exec)
				if err != nil {
					b.Fatal(err)
				}
				for range 3 { // what a first step allocates
					if _, err := r.Step(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportAllocs()
				for b.Loop() {
					if _, err := r.Step(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(w.Batch*b.N)/b.Elapsed().Seconds(), "samples/s")
			})
		}
	}
}

// TestWorksLearn holds that what is timed is training: the loss falls, and
// scoring gives what training has reached.
func TestWorksLearn(t *testing.T) {
	exec := cpu.New(cpu.Options{Threads: 2})
	defer exec.Close()
	for _, w := range Works() {
		if testing.Short() && (w.Batch == 1000 || slices.Contains([]string{"iwae", "pixelcnn", "transformer"}, w.Model)) {
			continue
		}
		t.Run(w.Name(), func(t *testing.T) {
			if kern.Default.Name == "portable" && w.Model != "vae" {
				t.Skip("takes minutes without assembly")
			}
			r, err := w.Open(exec)
			if err != nil {
				t.Fatal(err)
			}
			first := step(t, r)
			if w.family() == "score" || w.family() == "sample" {
				// The entropy of a flipped bit is 0.1985 nats, of a prototype
				// ln 10; independent marginals need 413.
				if floor := Pixels*0.1985 + math.Ln10; first < 0.9*floor || first > 400 {
					t.Errorf("scores %.1f nats, want between %.1f and what marginals need", first, floor)
				}
				return
			}
			last := first
			steps := max(10, SetSize/w.Batch) // the last sees the first minibatch again
			if w.Model == "transformer" {
				steps = 25 // of 250: minibatches are alike, and 10 % of the loss is learned at once
			}
			for range steps {
				last = step(t, r)
			}
			if !(last < 0.99*first) {
				t.Errorf("a minibatch has %.4g nats at first and %.4g when seen again: nothing is learned", first, last)
			}
		})
	}
}

func step(t *testing.T, r *Run) float64 {
	t.Helper()
	nats, err := r.Step()
	if err != nil {
		t.Fatal(err)
	}
	return nats
}

// TestEvents holds the events, which the peers repeat, by sums.
func TestEvents(t *testing.T) {
	bits := make([]float64, SetSize*Pixels)
	Bits().Float64s(bits, 0)
	reals := make([]float64, SetSize*Columns)
	Reals().Float64s(reals, 0)
	ones, squares := 0.0, 0.0
	for _, v := range bits {
		ones += v
	}
	for _, v := range reals {
		squares += v * v
	}
	texts := make([]float64, SetSize*Tokens)
	Texts().Float64s(texts, 0)
	codes := 0.0
	for i, v := range texts {
		codes += float64(i%Tokens) * v
	}
	if codes != 8325697624 {
		t.Errorf("the codes, each times its position, add up to %v, want 8325697624", codes)
	}
	if ones != 512375 {
		t.Errorf("%v bits are 1, want 512375", ones)
	}
	if math.Abs(squares-86751.768977) > 1e-5 {
		t.Errorf("the squares of the reals add up to %v, want 86751.768977", squares)
	}
}

// TestProducts holds that either way of running a product multiplies X by W,
// whichever is stored transposed.
func TestProducts(t *testing.T) {
	exec := cpu.New(cpu.Options{Threads: 2})
	defer exec.Close()
	at := func(m tensor.Tensor, r, c int, transposed bool) float64 {
		if transposed {
			r, c = c, r
		}
		return float64(m.F32()[r*m.Shape[1]+c])
	}
	want := map[string]float64{}
	for _, p := range products {
		x, w := p.operands()
		for k := range p.k {
			want[p.model()+fmt.Sprint(p.m)] += at(x, p.m-1, k, p.xT) * at(w, k, p.n-1, p.wT)
		}
	}
	for _, w := range Products() {
		r, err := w.Open(exec)
		if err != nil {
			t.Fatal(err)
		}
		key := strings.TrimPrefix(w.Model, w.family()) + fmt.Sprint(w.Batch)
		if got := step(t, r); math.Abs(got/want[key]-1) > 1e-5 {
			t.Errorf("%s: last element %g, want %g", w.Name(), got, want[key])
		}
	}
}

func TestSelect(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  int
	}{{nil, len(Works())}, {[]string{"made"}, 2}, {[]string{"vae-100", "score"}, 3},
		{[]string{"gemm"}, len(products) - 1}, {[]string{"gemm1-tt-512x512"}, 1}} {
		got, err := Select(c.names)
		if err != nil || len(got) != c.want {
			t.Errorf("Select(%v) gives %d works and error %v, want %d", c.names, len(got), err, c.want)
		}
	}
	if _, err := Select([]string{"made", "mode"}); err == nil {
		t.Error("an unknown work is accepted")
	}
}
