package cpu

import "github.com/surprisal-go/surprisal/graph"

// reduceStep sums over adjacent axes, or takes their maximum: x is outer ×
// reduced × inner elements.
func (p *plan) reduceStep(v *val) step {
	x := v.in[0]
	lo, hi := v.attr.Axes[0], v.attr.Axes[len(v.attr.Axes)-1]+1
	outer, reduced, inner := extentOf(x.shape[:lo]), extentOf(x.shape[lo:hi]), extentOf(x.shape[hi:])
	src, dst := strip(x).slot, v.slot
	sum := v.op == graph.OpSum
	switch {
	case inner.n == 1 && lo == 0 && sum:
		return p.sumAll(src, dst, reduced)
	case inner.n == 1:
		f := p.exec.kern.MaxReduce
		if sum {
			f = p.exec.kern.Sum
		}
		return &loop{plan: p, items: outer, cost: reduced.n, body: func(w *worker, lo, hi int) {
			d := reduced.at(p.batch)
			x, y := p.mem[src], p.mem[dst]
			for i := lo; i < hi; i++ {
				y[i] = f(x[i*d : (i+1)*d])
			}
		}}
	}
	f := p.exec.kern.MaxRows
	if sum {
		f = p.exec.kern.SumRows
	}
	if lo == 0 {
		return p.reduceColumns(src, dst, reduced, inner.n, f)
	}
	return &loop{plan: p, items: outer, cost: reduced.n * inner.n, body: func(w *worker, lo, hi int) {
		x, y := p.mem[src], p.mem[dst]
		for i := lo; i < hi; i++ {
			f(y[i*inner.n:(i+1)*inner.n], x[i*reduced.n*inner.n:], reduced.n, inner.n, inner.n)
		}
	}}
}

// reduceColumns reduces the leading axes, split by columns: in few pieces,
// because rows are read fastest in long runs.
func (p *plan) reduceColumns(src, dst int, rows extent, cols int, f func(dst, x []float32, rows, cols, stride int)) step {
	l := &loop{plan: p, items: extent{n: cols}, align: ceil(ceil(cols, 2*len(p.exec.pool.workers)), 16) * 16}
	l.before = func() error {
		l.cost = rows.at(p.batch)
		return nil
	}
	l.body = func(w *worker, lo, hi int) {
		n := rows.at(p.batch)
		if n == 0 {
			f(p.mem[dst][lo:hi], nil, 0, hi-lo, cols)
			return
		}
		f(p.mem[dst][lo:hi], p.mem[src][lo:], n, hi-lo, cols)
	}
	return l
}

// sumChunk is the length that kern.Impl.Sum adds up at a time; the sums of
// chunks may be taken by several workers.
const sumChunk = 4096

// sumAll adds up all elements, in the order of kern.Impl.Sum.
func (p *plan) sumAll(src, dst int, n extent) step {
	var parts []float32
	l := &loop{plan: p, cost: sumChunk}
	l.count = func() int {
		chunks := ceil(n.at(p.batch), sumChunk)
		if cap(parts) < chunks {
			parts = make([]float32, chunks)
		}
		parts = parts[:chunks]
		return chunks
	}
	l.body = func(w *worker, lo, hi int) {
		x := p.mem[src][:n.at(p.batch)]
		for i := lo; i < hi; i++ {
			parts[i] = p.exec.kern.Sum(x[i*sumChunk : min(len(x), (i+1)*sumChunk)])
		}
	}
	l.after = func() {
		total := float32(0)
		for i, s := range parts {
			if i == 0 {
				total = s
			} else {
				total += s
			}
		}
		p.mem[dst][0] = total
	}
	return l
}
