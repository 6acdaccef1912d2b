package cpu

// step is one operation of a plan.
type step interface {
	run() error
}

// loop is a step over independent items, cut in pieces for the pool. How it is
// cut must not change bits.
type loop struct {
	plan  *plan
	items extent // their number
	count func() int
	cost  int  // of an item, in elements touched
	align int  // pieces begin at multiples of this (0: 1)
	large bool // every item is a piece

	before func() error // optional, on the caller
	body   func(w *worker, lo, hi int)
	after  func() // optional, on the caller

	n, span int // of the run
}

const (
	minWork = 1 << 14 // elements that make up for the cost of a claim
	pieces  = 6       // per thread, so that a slow thread holds up little
)

func (l *loop) run() error {
	l.n = l.items.at(l.plan.batch)
	if l.count != nil {
		l.n = l.count()
	}
	if l.before != nil {
		if err := l.before(); err != nil {
			return err
		}
	}
	if l.n > 0 {
		threads := len(l.plan.exec.pool.workers)
		align := max(l.align, 1)
		l.span = max(minWork/max(l.cost, 1), ceil(l.n, threads*pieces), 1)
		l.span = ceil(l.span, align) * align
		if l.large {
			l.span = 1
		}
		l.plan.exec.pool.do(l, ceil(l.n, l.span))
	}
	if l.after != nil {
		l.after()
	}
	return nil
}

func (l *loop) chunk(w *worker, i int) {
	l.body(w, i*l.span, min(l.n, (i+1)*l.span))
}

func ceil(a, b int) int { return (a + b - 1) / b }
