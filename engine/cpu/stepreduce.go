package cpu

import (
	"fmt"
	"math"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
)

// stepReduce sums, or takes the maximum, over adjacent axes of a row.
type stepReduce struct {
	src, dst       int
	reduced, inner int
	sum            bool
	spans          []span
}

func (b *stepBuilder) reduce(v *val) {
	_, reduced, inner := reducedAxes(v)
	s := spansOf(b.level[v], b.top)
	t := &stepReduce{b.operand(v.in[0]), b.newSlot(v.size().n), reduced, inner, v.op == graph.OpSum, s.list}
	b.slot[v] = t.dst
	b.add(t, s.start)
}

func (t *stepReduce) run(p *stepPlan, lo, hi int) error {
	for _, s := range t.spans[lo:hi] {
		for i := int(s.lo); i < int(s.hi); i++ {
			first := i/t.inner*t.reduced*t.inner + i%t.inner
			p.reduce(t.sum, p.mem[t.dst][i*p.lanes:(i+1)*p.lanes], p.mem[t.src][first*p.lanes:], t.reduced, t.inner)
		}
	}
	return nil
}

// reduce reduces n elements of x, every stride-th, in each lane.
func (p *stepPlan) reduce(sum bool, dst, x []float32, n, stride int) {
	k := p.exec.kern
	switch {
	case n == 0:
		x = nil
		fallthrough
	case p.lanes > 1 || stride > 1:
		if sum {
			k.SumRows(dst, x, n, p.lanes, stride*p.lanes)
		} else {
			k.MaxRows(dst, x, n, p.lanes, stride*p.lanes)
		}
	case sum:
		dst[0] = k.Sum(x[:n])
	default:
		dst[0] = k.MaxReduce(x[:n])
	}
}

// stepSoftmax is LogSumExp or Softmax over the last axis, of d elements.
type stepSoftmax struct {
	src, dst, d int
	logSum      bool
	spans       []span // of the results; Softmax has d of them for one of LogSumExp
	buf         []float32
}

func (b *stepBuilder) softmax(v *val) {
	x := v.in[0].shape
	s := spansOf(b.level[v], b.top)
	t := &stepSoftmax{src: b.operand(v.in[0]), dst: b.newSlot(v.size().n), d: x[len(x)-1], logSum: v.op == graph.OpLogSumExp, spans: s.list}
	b.slot[v] = t.dst
	b.add(t, s.start)
}

func (t *stepSoftmax) run(p *stepPlan, lo, hi int) error {
	each := t.d
	if t.logSum {
		each = 1
	}
	for _, s := range t.spans[lo:hi] {
		for i := int(s.lo) / each; i < int(s.hi)/each; i++ {
			t.row(p, p.mem[t.src][i*t.d*p.lanes:(i+1)*t.d*p.lanes], p.mem[t.dst][i*each*p.lanes:(i+1)*each*p.lanes])
		}
	}
	return nil
}

// row computes one row in every lane, with the operations of softmaxStep.
func (t *stepSoftmax) row(p *stepPlan, x, y []float32) {
	k, n := p.exec.kern, p.lanes
	if need := (t.d + 2) * n; cap(t.buf) < need {
		t.buf = make([]float32, need)
	}
	shift, sum, exps := t.buf[:n], t.buf[n:2*n], t.buf[2*n:(t.d+2)*n]
	if !t.logSum {
		exps = y
	}
	p.reduce(false, shift, x, t.d, 1)
	for i, m := range shift {
		if !(m >= -math.MaxFloat32 && m <= math.MaxFloat32) {
			shift[i] = 0
		}
	}
	p.rows(kern.Sub, exps, x, shift)
	k.Unary(kern.Exp, exps, exps)
	p.reduce(true, sum, exps, t.d, 1)
	if t.logSum {
		k.Unary(kern.Log, sum, sum)
		k.Binary(kern.Add, y, sum, shift)
		return
	}
	p.rows(kern.Div, exps, exps, sum)
}

// rows applies an operation with the same right operand in every element.
func (p *stepPlan) rows(op kern.BinaryOp, dst, x, y []float32) {
	k, n := p.exec.kern, p.lanes
	if n == 1 {
		k.BinaryScalar(op, dst, x, y[0], false)
		return
	}
	for i := 0; i < len(dst); i += n {
		k.Binary(op, dst[i:i+n], x[i:i+n], y)
	}
}

// stepCodes is Gather of rows of a table, or OneHot: n elements a code.
type stepCodes struct {
	ids, dst int
	table    int // a source, or −1: one-hot
	n, rows  int
	spans    []span // of the codes
	name     string
}

func (b *stepBuilder) codes(v *val) {
	ids := v.in[len(v.in)-1]
	s := spansOf(b.level[strip(ids)], b.top)
	t := &stepCodes{ids: b.operand(ids), dst: b.newSlot(v.size().n), table: -1, n: v.attr.Size, spans: s.list, name: v.op.String()}
	if v.op == graph.OpGather {
		t.table, t.rows, t.n = b.source(v.in[0]), v.in[0].shape[0], graph.RowSize(v.in[0].shape[1:])
	}
	b.slot[v] = t.dst
	b.add(t, s.start)
}

func (t *stepCodes) run(p *stepPlan, lo, hi int) error {
	n := p.lanes
	for _, s := range t.spans[lo:hi] {
		for i := int(s.lo); i < int(s.hi); i++ {
			dst := p.mem[t.dst][i*t.n*n : (i+1)*t.n*n]
			for r, id := range ints(p.mem[t.ids])[i*n:][:p.batch] {
				if err := t.one(p, dst[r:], int(id)); err != nil {
					return fmt.Errorf("%w in event %d", err, r)
				}
			}
		}
	}
	return nil
}

// one writes the elements of a code into one lane.
func (t *stepCodes) one(p *stepPlan, dst []float32, id int) error {
	if t.table < 0 {
		for j := range t.n {
			dst[j*p.lanes] = 0
			if j == id {
				dst[j*p.lanes] = 1
			}
		}
		return nil
	}
	if id < 0 || id >= t.rows {
		return fmt.Errorf("%s: code %d is outside the table of %d rows", t.name, id, t.rows)
	}
	for j, v := range p.src[t.table][id*t.n:][:t.n] {
		dst[j*p.lanes] = v
	}
	return nil
}
