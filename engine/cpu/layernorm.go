package cpu

import "github.com/surprisal-go/surprisal/internal/kern"

// norm is what the operations of layer norm share: rows of d elements.
type norm struct {
	*kern.Impl
	d   int
	eps float32
}

func (p *plan) norm(v *val) (n norm, rows extent) {
	x := v.in[0].shape
	last := len(x) - 1
	return norm{p.exec.kern, x[last], float32(v.attr.Eps)}, extentOf(x[:last])
}

func (p *plan) layerNormStep(v *val) step {
	n, rows := p.norm(v)
	x, gain, bias, dst, d := strip(v.in[0]).slot, strip(v.in[1]).slot, strip(v.in[2]).slot, v.slot, n.d
	return &loop{plan: p, items: rows, cost: 6 * d, body: func(w *worker, lo, hi int) {
		for i := lo; i < hi; i++ {
			y := p.mem[dst][i*d : (i+1)*d]
			n.Standardize(y, p.mem[x][i*d:(i+1)*d], n.eps)
			n.MulAdd(y, y, p.mem[gain], p.mem[bias])
		}
	}}
}

// layerNormGradStep computes the gradient by x; see the package comment.
func (p *plan) layerNormGradStep(v *val) step {
	n, rows := p.norm(v)
	x, gain, g, dst, d := strip(v.in[0]).slot, strip(v.in[1]).slot, strip(v.in[2]).slot, v.slot, n.d
	p.reserve(2 * d)
	return &loop{plan: p, items: rows, cost: 12 * d, body: func(w *worker, lo, hi int) {
		buf := w.need(2 * d)
		unit, h := buf[:d], buf[d:]
		for i := lo; i < hi; i++ {
			r := n.Standardize(unit, p.mem[x][i*d:(i+1)*d], n.eps)
			n.Binary(kern.Mul, h, p.mem[g][i*d:(i+1)*d], p.mem[gain])
			n.StandardizeGrad(p.mem[dst][i*d:(i+1)*d], h, unit, r)
		}
	}}
}

// normRows is how many rows are summed at a time for the gradients by gain and
// bias.
const normRows = 64

// layerNormParamsStep sums g·x̂ and g over rows: over chunks of normRows, and
// then over the chunks.
func (p *plan) layerNormParamsStep(v *val) step {
	n, rows := p.norm(v)
	x, g, dst, d := strip(v.in[0]).slot, strip(v.in[1]).slot, v.slot, n.d
	var parts []float32 // chunks × 2·d
	p.reserve(normRows * d)
	l := &loop{plan: p, cost: 8 * d * normRows}
	l.count = func() int {
		chunks := ceil(rows.at(p.batch), normRows)
		if cap(parts) < chunks*2*d {
			parts = make([]float32, chunks*2*d)
		}
		parts = parts[:chunks*2*d]
		return chunks
	}
	l.body = func(w *worker, lo, hi int) {
		products := w.need(normRows * d)
		for ; lo < hi; lo++ {
			first := lo * normRows
			count := min(normRows, rows.at(p.batch)-first)
			gs := p.mem[g][first*d : (first+count)*d]
			for i := range count {
				n.Standardize(products[i*d:(i+1)*d], p.mem[x][(first+i)*d:(first+i+1)*d], n.eps)
			}
			n.Binary(kern.Mul, products[:count*d], products, gs)
			part := parts[lo*2*d : (lo+1)*2*d]
			n.SumRows(part[:d], products, count, d, d)
			n.SumRows(part[d:], gs, count, d, d)
		}
	}
	l.after = func() { n.SumRows(p.mem[dst][:2*d], parts, len(parts)/max(2*d, 1), 2*d, 2*d) }
	return l
}
