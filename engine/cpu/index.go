package cpu

import (
	"fmt"

	"github.com/surprisal-go/surprisal/graph"
)

// oneHotStep writes rows of zeros with a one; a code outside leaves zeros.
func (p *plan) oneHotStep(v *val) step {
	ids, dst, n := strip(v.in[0]).slot, v.slot, v.attr.Size
	return &loop{plan: p, items: v.in[0].size(), cost: n, body: func(w *worker, lo, hi int) {
		clear(p.mem[dst][lo*n : hi*n])
		for i, id := range ints(p.mem[ids])[lo:hi] {
			if id >= 0 && int(id) < n {
				p.mem[dst][(lo+i)*n+int(id)] = 1
			}
		}
	}}
}

// gatherStep copies rows of a table.
func (p *plan) gatherStep(v *val) step {
	table, ids, dst := strip(v.in[0]).slot, strip(v.in[1]).slot, v.slot
	rows, n := v.in[0].shape[0], graph.RowSize(v.in[0].shape[1:])
	size := v.in[1].size()
	return &loop{plan: p, items: size, cost: n + 4, before: func() error {
		return checkCodes(v, ints(p.mem[ids])[:size.at(p.batch)], rows)
	}, body: func(w *worker, lo, hi int) {
		for i, id := range ints(p.mem[ids])[lo:hi] {
			copy(p.mem[dst][(lo+i)*n:(lo+i+1)*n], p.mem[table][int(id)*n:])
		}
	}}
}

// scatterRowsStep adds rows to a table of zeros, in row order: pieces are
// ranges of the columns.
func (p *plan) scatterRowsStep(v *val) step {
	x, ids, dst := strip(v.in[0]).slot, strip(v.in[1]).slot, v.slot
	rows, n := v.attr.Size, graph.RowSize(v.shape[1:])
	size := v.in[1].size()
	l := &loop{plan: p, items: extent{n: n}, align: 16}
	l.before = func() error {
		count := size.at(p.batch)
		l.cost = rows + 2*count
		return checkCodes(v, ints(p.mem[ids])[:count], rows)
	}
	l.body = func(w *worker, lo, hi int) {
		out := p.mem[dst][:rows*n]
		for r := range rows {
			clear(out[r*n+lo : r*n+hi])
		}
		for i, id := range ints(p.mem[ids])[:size.at(p.batch)] {
			addTo(out[int(id)*n+lo:int(id)*n+hi], p.mem[x][i*n+lo:])
		}
	}
	return l
}

func checkCodes(v *val, ids []int32, rows int) error {
	for i, id := range ids {
		if id < 0 || int(id) >= rows {
			return fmt.Errorf("%s: code %d at position %d is outside the table of %d rows", v.op, id, i, rows)
		}
	}
	return nil
}
