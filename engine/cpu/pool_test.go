package cpu

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/surprisal-go/surprisal/graph"
)

// counting counts the runs of every chunk.
type counting struct {
	runs []atomic.Int32
	work time.Duration
}

func (c *counting) chunk(_ *worker, i int) {
	c.runs[i].Add(1)
	for start := time.Now(); time.Since(start) < c.work; {
	}
}

// TestPool holds that every chunk runs exactly once before do returns, over
// many tasks of all sizes, with pauses that let workers park, and after close.
func TestPool(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 16} {
		p := newPool(threads)
		tasks := 2000
		if testing.Short() {
			tasks = 300
		}
		for k := range tasks {
			n := k % 23
			c := &counting{runs: make([]atomic.Int32, n)}
			if k%50 == 0 {
				time.Sleep(time.Millisecond)
				c.work = 20 * time.Microsecond
			}
			if k == tasks-20 {
				p.close()
			}
			p.do(c, n)
			for i := range c.runs {
				if got := c.runs[i].Load(); got != 1 {
					t.Fatalf("%d threads, task %d: chunk %d of %d ran %d times", threads, k, i, n, got)
				}
			}
		}
	}
}

// TestForgottenExecutor holds that the workers of an executor that nobody has
// closed or can reach end.
func TestForgottenExecutor(t *testing.T) {
	before := runtime.NumGoroutine()
	func() {
		g := graph.New()
		p, err := New(Options{Threads: 5}).Compile([]*graph.Node{g.Input("wide", graph.F32, graph.Batch, 1500).Exp()})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Run(context.Background(), feeds(50, false), nil); err != nil {
			t.Fatal(err)
		}
	}()
	for range 200 {
		if runtime.GC(); runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// TestPoolShares holds that workers take part.
func TestPoolShares(t *testing.T) {
	p := newPool(4)
	defer p.close()
	var seen [4]atomic.Bool
	for range 200 {
		p.do(sharing{p, &seen}, 8)
	}
	for i := range seen {
		if !seen[i].Load() {
			t.Errorf("worker %d never ran a chunk", i)
		}
	}
}

type sharing struct {
	p    *pool
	seen *[4]atomic.Bool
}

func (s sharing) chunk(w *worker, _ int) {
	for i, v := range s.p.workers {
		if v == w {
			s.seen[i].Store(true)
		}
	}
	time.Sleep(200 * time.Microsecond)
}
