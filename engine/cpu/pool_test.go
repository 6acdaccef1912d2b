package cpu

import (
	"context"
	"errors"
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
		p.helpers = threads - 1 // more than there are processors
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
	p.helpers = 3
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

// TestPoolCallsNoMoreThanProcessors holds that threads beyond the processors
// are left parked.
func TestPoolCallsNoMoreThanProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	p := newPool(16)
	defer p.close()
	parked := func() (n int) {
		for _, w := range p.workers[1:] {
			if w.parked.Load() {
				n++
			}
		}
		return n
	}
	for begin := time.Now(); parked() < 15; time.Sleep(time.Millisecond) {
		if time.Since(begin) > 10*time.Second {
			t.Fatalf("only %d of 15 workers park", parked())
		}
	}
	for range 50 {
		p.do(&counting{runs: make([]atomic.Int32, 64)}, 64)
		if n := parked(); n < 14 {
			t.Fatalf("%d of 15 workers stay parked on 2 processors, want 14", n)
		}
	}
}

// countdown is a context that is cancelled when it is asked for the n-th time.
type countdown struct {
	context.Context
	n int
}

func (c *countdown) Err() error {
	if c.n--; c.n < 0 {
		return context.Canceled
	}
	return nil
}

// TestCancelBetweenOperations cancels before every step in turn: until the
// first update is written the run ends there and the store is as it was, and
// afterwards it goes on to its end.
func TestCancelBetweenOperations(t *testing.T) {
	g := graph.New()
	loss, updates := madeStep(g, 30, 20, false)
	p := compile(t, Options{Threads: 2}, []*graph.Node{loss}, updates...)
	fed, before := madeFeeds(10, 30), madeParams(g)
	after := before.Clone()
	if _, err := p.Run(context.Background(), fed, after); err != nil {
		t.Fatal(err)
	}
	if p.firstWrite < 3 || p.firstWrite >= len(p.steps) {
		t.Fatalf("the first of %d steps that writes is %d", len(p.steps), p.firstWrite)
	}
	for n := range len(p.steps) + 1 {
		store, want := before.Clone(), before
		_, err := p.Run(&countdown{context.Background(), n}, fed, store)
		if n <= p.firstWrite {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled before step %d: error %v", n, err)
			}
		} else if want = after; err != nil {
			t.Errorf("cancelled before step %d: %v", n, err)
		}
		for name, x := range store.All() {
			sameBits(t, name, x, want.Must(name))
		}
	}
}
