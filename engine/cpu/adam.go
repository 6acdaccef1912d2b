package cpu

import (
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
)

// Scalars of an instruction doAdam, in the order of their slots. The last is
// there if the parameter decays.
const (
	keep1 = iota
	add1
	keep2
	add2
	correct1
	correct2
	epsilon
	rate
	least
	decay
)

func adamStep(mem [][]float32, slots []int) kern.AdamStep {
	at := func(i int) float32 { return mem[slots[i]][0] }
	s := kern.AdamStep{Keep1: at(keep1), Add1: at(add1), Keep2: at(keep2), Add2: at(add2),
		Correct1: at(correct1), Correct2: at(correct2), Epsilon: at(epsilon), Rate: at(rate), Least: at(least)}
	if len(slots) > decay {
		s.Decay, s.Decayed = at(decay), true
	}
	return s
}

// adam is a step of Adam that is written in place:
//
//	m = flush(oldM·keep1 + g·add1), v = flush(oldV·keep2 + g²·add2)
//	p − rate·(m·correct1/(√(v·correct2) + epsilon) + p·decay)
func (m *match) adam() piece {
	var s [decay + 1]int
	sub := m.take(m.end, graph.OpSub)
	p := sub[0]
	step, r := m.scaled(sub[1].key, graph.OpMul)
	quotient, scalars := step.key, s[:decay]
	if quotient.op == graph.OpAdd {
		decayed, q := m.pair(quotient, graph.OpAdd, graph.OpDiv)
		x, d := m.scaled(decayed.key, graph.OpMul)
		m.need(x.key == p.key)
		quotient, scalars, s[decay] = q, s[:], d
	}
	div := m.take(quotient, graph.OpDiv)
	first, c1 := m.scaled(div[0].key, graph.OpMul)
	root, eps := m.scaled(div[1].key, graph.OpAdd)
	second, c2 := m.scaled(m.take(root.key, graph.OpSqrt)[0].key, graph.OpMul)
	s[rate], s[correct1], s[correct2], s[epsilon] = r, c1, c2, eps

	oldV, square, kv := m.moment(second.key, func(x *val) bool { return x.op == graph.OpSquare })
	g := m.take(square.key, graph.OpSquare)[0]
	oldM, _, km := m.moment(first.key, func(x *val) bool { return x == g.key })
	s[keep1], s[add1], s[keep2], s[add2], s[least] = km[0], km[1], kv[0], kv[1], km[2]
	m.need(km[2] == kv[2])
	for i, old := range []arg{p, oldM, oldV} {
		next := []*val{m.end, first.key, second.key}[i]
		m.need(!m.failed && old.m == nil && old.src.leaf() && m.lastUse[next.id] == inStore && next.slot == old.src.slot)
	}
	return piece{instr{do: doAdam, scalars: scalars}, []arg{p, oldM, oldV, g}, []*val{m.end, first.key, second.key}}
}

// moment reads flush(old·keep + x·add) and returns the slots of keep, add and
// the scalar of flush.
func (m *match) moment(v *val, isNew func(x *val) bool) (old, x arg, slots [3]int) {
	sum, least := m.flushed(v)
	in := m.take(sum.key, graph.OpAdd)
	a, keep := m.scaled(in[0].key, graph.OpMul)
	b, add := m.scaled(in[1].key, graph.OpMul)
	if isNew(a.key) {
		a, b, keep, add = b, a, add, keep
	}
	m.need(isNew(b.key))
	return a, b, [3]int{keep, add, least}
}
