package cpu

import (
	"runtime"
	"sync/atomic"
	"time"

	"github.com/surprisal-go/surprisal/internal/kern"
)

// task is work cut in chunks that may run in any order and at the same time.
type task interface {
	chunk(w *worker, i int)
}

// pool runs the chunks of one task at a time. The caller claims chunks like
// any worker, so that a task ends even if no worker ever gets to run; it then
// waits only for chunks that others have begun.
//
// Workers spin for a while when they have nothing to do, since the next
// operation usually follows within microseconds, and then park. No more of them
// are called at a time than there are processors, and none while other processes
// keep these busy.
type pool struct {
	workers []*worker // workers[0] is the caller
	helpers int       // how many of the others are called for a task
	others  contention
	task    task // written while no chunk is claimed

	_    [64]byte
	left atomic.Int64 // chunks not yet claimed, or less than 0
	_    [56]byte
	done atomic.Int64 // chunks finished
	_    [56]byte
	stop atomic.Bool
}

// worker is the memory of one goroutine of the pool.
type worker struct {
	scratch kern.Scratch
	floats  []float32   // see need
	refs    [][]float32 // of a cluster's block
	parked  atomic.Bool
	wake    chan struct{}
	asleep  atomic.Int64 // since then, as time.Time.UnixNano says it, or 0
	slept   atomic.Int64 // nanoseconds, before
}

// need returns n floats of the worker's own memory, with whatever they hold.
func (w *worker) need(n int) []float32 {
	if cap(w.floats) < n {
		w.floats = make([]float32, n)
	}
	return w.floats[:n]
}

const (
	idleSpins = 70_000 // about 100 µs
	yieldMask = 63     // spinning goroutines yield once in so many turns
)

func newPool(threads int) *pool {
	p := &pool{workers: make([]*worker, threads), helpers: min(threads, runtime.GOMAXPROCS(0)) - 1, others: contention{rest: leastRest}}
	for i := range p.workers {
		p.workers[i] = &worker{wake: make(chan struct{}, 1)}
		if i > 0 {
			go p.serve(p.workers[i])
		}
	}
	return p
}

// atOnce is the number of goroutines that work on a task, as far as there are
// processors: more pieces than they need would only be smaller. It is the same
// for a whole run.
func (p *pool) atOnce() int {
	if p.others.alone {
		return 1
	}
	return p.helpers + 1
}

// do runs chunks 0 … n−1 of t. One goroutine may call it at a time.
func (p *pool) do(t task, n int) {
	if n <= 0 {
		return
	}
	caller := p.workers[0]
	if n == 1 || p.helpers == 0 || p.others.alone {
		for i := range n {
			t.chunk(caller, i)
		}
		return
	}
	p.task = t
	p.done.Store(0)
	p.left.Store(int64(n))
	for _, w := range p.workers[1:min(n, p.helpers+1)] {
		if w.parked.CompareAndSwap(true, false) {
			w.wake <- struct{}{}
		}
	}
	p.claim(caller)
	for spins := 1; p.done.Load() != int64(n); spins++ {
		if spins&yieldMask == 0 {
			runtime.Gosched()
		}
	}
	p.task = nil // or the workers would keep its plan and executor alive
}

// claim runs chunks until none are left. A worker that comes late finds the
// count below zero, or chunks of the next task, which are as good: what it
// reads of a task, it reads after the claim.
func (p *pool) claim(w *worker) {
	for {
		i := p.left.Add(-1)
		if i < 0 {
			return
		}
		p.task.chunk(w, int(i))
		p.done.Add(1)
	}
}

func (p *pool) serve(w *worker) {
	for spins := 0; !p.stop.Load(); spins++ {
		switch {
		case p.left.Load() > 0:
			p.claim(w)
			spins = 0
		case spins >= idleSpins:
			p.park(w)
			spins = 0
		case spins&yieldMask == 0:
			runtime.Gosched()
		}
	}
}

// park sleeps until do or close wakes the worker, unless work has come in
// between.
func (p *pool) park(w *worker) {
	w.parked.Store(true)
	if (p.left.Load() > 0 || p.stop.Load()) && w.parked.CompareAndSwap(true, false) {
		return
	}
	begin := time.Now()
	w.asleep.Store(begin.UnixNano())
	<-w.wake
	w.asleep.Store(0)
	w.slept.Add(int64(time.Since(begin)))
}

// usage of the threads that work on a task.
func (p *pool) usage(now time.Time) usage {
	u := usage{threads: p.helpers + 1, now: now}
	u.used, u.stops = processorTime()
	for _, w := range p.workers[1:u.threads] {
		u.slept += time.Duration(w.slept.Load())
		if since := w.asleep.Load(); since != 0 {
			u.slept += time.Duration(now.UnixNano() - since)
		}
	}
	return u
}

func (p *pool) close() {
	p.stop.Store(true)
	for _, w := range p.workers[1:] {
		if w.parked.CompareAndSwap(true, false) {
			w.wake <- struct{}{}
		}
	}
}
