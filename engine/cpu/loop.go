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

	n    int // of the run
	cuts []int
}

const (
	minWork = 1 << 14 // elements that make up for the cost of a claim
	pieces  = 6       // per thread, where they are all alike
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
		l.plan.exec.pool.do(l, l.cut())
	}
	if l.after != nil {
		l.after()
	}
	return nil
}

// cut returns the number of pieces.
func (l *loop) cut() int {
	if l.large {
		return l.n
	}
	least := max(minWork/max(l.cost, 1), 1)
	l.cuts = shares(l.cuts, l.n, l.plan.exec.pool.atOnce(), least, l.n, max(l.align, 1))
	return len(l.cuts) - 1
}

// chunk does a piece. The pool begins with the last.
func (l *loop) chunk(w *worker, i int) {
	if l.large {
		l.body(w, i, i+1)
		return
	}
	i = len(l.cuts) - 2 - i
	l.body(w, l.cuts[i], l.cuts[i+1])
}

func ceil(a, b int) int { return (a + b - 1) / b }
