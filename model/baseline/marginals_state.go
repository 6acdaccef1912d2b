package baseline

import (
	"fmt"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/tensor"
)

func (m *Marginals) save(dims []marginal) {
	var grid, table, norms []float64
	var ks []int32
	for _, d := range dims {
		switch d := d.(type) {
		case *mass:
			grid = append(grid, float64(d.low), float64(d.high), float64(d.width), d.tail, d.scale)
			table = append(table, d.table...)
		case *line:
			ks = append(ks, int32(d.k))
			for k := range d.k {
				norms = append(norms, d.logW[k], d.mean[k], d.chol[k])
			}
		}
	}
	m.state.Set("grid", tensor.Of(grid, len(grid)/5, 5))
	m.state.Set("table", tensor.Of(table, len(table)))
	m.state.Set("components", tensor.Of(ks, len(ks)))
	m.state.Set("normals", tensor.Of(norms, len(norms)/3, 3))
}

// load reads the state, which may come from a file.
func (m *Marginals) load() ([]marginal, error) {
	if m.state.Len() == 0 {
		return nil, unfitted("marginals")
	}
	part := func(name string) any { t, _ := m.state.Get(name); return t.Data }
	grid, ok1 := part("grid").([]float64)
	table, ok2 := part("table").([]float64)
	ks, ok3 := part("components").([]int32)
	norms, ok4 := part("normals").([]float64)
	if !(ok1 && ok2 && ok3 && ok4) {
		return nil, fmt.Errorf("marginals: its state wants grid, table and normals of float64 and components of int32, holds %v", m.state.Names())
	}
	dims := make([]marginal, 0, m.space.Dims())
	for _, f := range m.space.Columns() {
		switch {
		case f.Discrete() && len(grid) >= 5:
			d := &mass{field: f, low: int(grid[0]), high: int(grid[1]), width: int(grid[2]), tail: grid[3], scale: grid[4]}
			if d.width < 1 || d.low < 0 || d.high <= d.low || d.bins() > len(table) {
				return nil, misfit(m.space)
			}
			d.table, table, grid = table[:d.bins()], table[d.bins():], grid[5:]
			dims = append(dims, d)
		case !f.Discrete() && len(ks) > 0 && ks[0] > 0 && ks[0] <= mostComponents && len(norms) >= 3*int(ks[0]):
			l := &line{normals{k: int(ks[0]), d: 1}}
			for range l.k {
				l.logW, l.mean, l.chol = append(l.logW, norms[0]), append(l.mean, norms[1]), append(l.chol, norms[2])
				norms = norms[3:]
			}
			l.finish()
			ks = ks[1:]
			dims = append(dims, l)
		default:
			return nil, misfit(m.space)
		}
	}
	return dims, nil
}

func misfit(space *surprisal.Space) error {
	return fmt.Errorf("marginals: the state was not fitted to this space of %d dims", space.Dims())
}
