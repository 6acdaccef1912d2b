package cpu

import "github.com/surprisal-go/surprisal/graph"

// randomStep draws a row for every event id.
func (p *plan) randomStep(v *val) step {
	key, ids, dst := strip(v.in[0]).slot, strip(v.in[1]).slot, v.slot
	draw := p.exec.kern.Uniform
	if v.op == graph.OpNormal {
		draw = p.exec.kern.Normal
	}
	d := graph.RowSize(v.shape[1:])
	stream := v.attr.Draw
	return &loop{plan: p, items: extentOf(v.shape[:1]), cost: 8 * d, body: func(w *worker, lo, hi int) {
		words, id := uints(p.mem[key]), uints(p.mem[ids])
		for i := lo; i < hi; i++ {
			draw(p.mem[dst][i*d:(i+1)*d], [2]uint32{words[0], words[1]}, uint64(id[2*i])|uint64(id[2*i+1])<<32, stream)
		}
	}}
}
