package cpu

import (
	"math"

	"github.com/surprisal-go/surprisal/internal/kern"
)

// stepNorm is layer norm of rows of d elements.
type stepNorm struct {
	src, dst   int
	gain, bias int // sources
	d          int
	eps        float32
	spans      []span
	work       []float32
}

func (b *stepBuilder) norm(v *val) {
	x := v.in[0].shape
	s := spansOf(b.level[v], b.top)
	t := &stepNorm{src: b.operand(v.in[0]), dst: b.newSlot(v.size().n), gain: b.source(v.in[1]), bias: b.source(v.in[2]),
		d: x[len(x)-1], eps: float32(v.attr.Eps), spans: s.list}
	b.slot[v] = t.dst
	b.add(t, s.start)
}

func (t *stepNorm) run(p *stepPlan, lo, hi int) error {
	for _, s := range t.spans[lo:hi] {
		for i := int(s.lo); i < int(s.hi); i += t.d {
			t.row(p, p.mem[t.dst][i*p.lanes:(i+t.d)*p.lanes], p.mem[t.src][i*p.lanes:(i+t.d)*p.lanes])
		}
	}
	return nil
}

// row computes one row in every lane, with the operations of layerNormStep.
func (t *stepNorm) row(p *stepPlan, y, x []float32) {
	k, n := p.exec.kern, p.lanes
	if need := (t.d + 1) * n; cap(t.work) < need {
		t.work = make([]float32, need)
	}
	each, squares := t.work[:n], t.work[n:(t.d+1)*n] // a number of every lane
	size := float32(t.d)
	p.reduce(true, each, x, t.d, 1)
	k.BinaryScalar(kern.Div, each, each, size, false)
	p.rows(kern.Sub, y, x, each)
	k.Unary(kern.Square, squares, y)
	p.reduce(true, each, squares, t.d, 1)
	for i, sum := range each {
		variance := sum/size + t.eps
		each[i] = 1 / float32(math.Sqrt(float64(variance))) // rounds as a square root in float32 does
	}
	p.rows(kern.Mul, y, y, each)
	p.columns(kern.Mul, y, p.src[t.gain])
	p.columns(kern.Add, y, p.src[t.bias])
}

// columns applies an operation with a right operand for every element, the
// same in all lanes, in place.
func (p *stepPlan) columns(op kern.BinaryOp, x, y []float32) {
	k, n := p.exec.kern, p.lanes
	if n == 1 {
		k.Binary(op, x, x, y)
		return
	}
	for i, v := range y {
		k.BinaryScalar(op, x[i*n:(i+1)*n], x[i*n:], v, false)
	}
}
