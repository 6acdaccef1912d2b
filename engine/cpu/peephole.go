package cpu

import (
	"math"
	"slices"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
)

// peepholes are patterns of operations that one kernel does in one pass, with
// the same bits; larger ones come first. Each reads its pattern backwards from
// the val that m begins at.
var peepholes = []func(m *match) piece{
	(*match).adam,
	(*match).lerp,
	(*match).gate,
	(*match).flush,
	(*match).chosen,
}

// peep returns the first pattern that ends in v, and the members it joins.
func (c *compiler) peep(v *val, place map[*val]*val) (p piece, inside []*val, ok bool) {
	for _, pattern := range peepholes {
		m := &match{compiler: c, end: v, place: place}
		p := pattern(m)
		if !m.failed && m.closed(p.results) {
			return p, m.inside, true
		}
	}
	return piece{}, nil, false
}

// match is a pattern being read. Once something does not fit it has failed and
// its methods return nothing of use.
type match struct {
	*compiler
	end    *val
	place  map[*val]*val // of what other patterns joined
	inside []*val
	failed bool
}

// nothing is what a failed match goes on with.
var nothing = &val{op: graph.OpConst}

func (m *match) need(ok bool) { m.failed = m.failed || !ok }

// take reads v as an operation of the pattern and returns its operands.
func (m *match) take(v *val, op graph.Op) [3]arg {
	m.need(v.op == op && m.assembly.group[v] == m.group && m.place[v] == nil && !slices.Contains(m.inside, v))
	out := [3]arg{{key: nothing}, {key: nothing}, {key: nothing}}
	if m.failed {
		return out
	}
	m.inside = append(m.inside, v)
	for i := range v.in {
		out[i] = m.arg(v, i)
	}
	return out
}

// scaled reads v as a commutative operation of a val and a scalar, and returns
// the val and the slot of the scalar.
func (m *match) scaled(v *val, op graph.Op) (x arg, scalar int) {
	in := m.take(v, op)
	if !in[1].m.scalar() {
		in[0], in[1] = in[1], in[0]
	}
	if m.need(in[1].m.scalar()); m.failed {
		return arg{key: nothing}, 0
	}
	return in[0], in[1].src.slot
}

// pair reads v as op, commutative, of x and of something of operation second.
func (m *match) pair(v *val, op, second graph.Op) (x arg, other *val) {
	in := m.take(v, op)
	if in[1].key.op != second {
		in[0], in[1] = in[1], in[0]
	}
	return in[0], in[1].key
}

// closed reports whether the members inside can run in the place of the last
// one: nobody else reads them, save results from there on, and no other member
// overwrites meanwhile what they read.
func (m *match) closed(results []*val) bool {
	for _, v := range m.inside {
		result := slices.Contains(results, v)
		if !result && m.lastUse[v.id] != unused {
			return false
		}
		for _, r := range m.reads[v] {
			if !slices.Contains(m.inside, r) && (!result || r.id < m.end.id) {
				return false
			}
		}
		for _, o := range m.operands(v) {
			for _, w := range m.group.vals {
				if m.lastUse[w.id] != unused && w.slot == o.src.slot && m.assembly.group[o.src] != m.group && w.id > v.id && w.id < m.end.id && !slices.Contains(m.inside, w) {
					return false
				}
			}
		}
	}
	return true
}

// zero requires an argument of only +0.
func (m *match) zero(a arg) {
	x, ok := scalarConst(a.key)
	m.need(ok && math.Float32bits(x) == 0)
}

// lerp is x + t·(y − x).
func (m *match) lerp() piece {
	x, way := m.pair(m.end, graph.OpAdd, graph.OpMul)
	d, t := m.scaled(way, graph.OpMul)
	in := m.take(d.key, graph.OpSub)
	m.need(in[1].key == x.key)
	return piece{instr{do: doLerp, scalars: []int{t}}, []arg{x, in[0]}, []*val{m.end}}
}

// gate is g where 0 < x and else 0: the gradient of a ReLU.
func (m *match) gate() piece {
	in := m.take(m.end, graph.OpWhere)
	m.zero(in[2])
	less := m.take(in[0].key, graph.OpLess)
	m.zero(less[0])
	return piece{instr{do: doGate}, []arg{less[1], in[1]}, []*val{m.end}}
}

// flush is 0 where |x| is less than a scalar and else x.
func (m *match) flush() piece {
	x, least := m.flushed(m.end)
	return piece{instr{do: doFlush, scalars: []int{least}}, []arg{x}, []*val{m.end}}
}

func (m *match) flushed(v *val) (x arg, least int) {
	in := m.take(v, graph.OpWhere)
	m.zero(in[1])
	less := m.take(in[0].key, graph.OpLess)
	abs := m.take(less[0].key, graph.OpAbs)
	m.need(less[1].m.scalar() && abs[0].key == in[2].key)
	if m.failed {
		return arg{key: nothing}, 0
	}
	return in[2], less[1].src.slot
}

// chosen is x where a condition holds and else 0: the bits of both.
func (m *match) chosen() piece {
	in := m.take(m.end, graph.OpWhere)
	m.zero(in[2])
	return piece{instr{do: doBinary, binary: kern.And}, in[:2], []*val{m.end}}
}
