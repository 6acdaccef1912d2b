package cpu

import (
	"github.com/surprisal-go/surprisal/internal/hugepage"
	"github.com/surprisal-go/surprisal/internal/kern"
)

// panels are the right operand of a product, B of k by n, packed by all workers
// before they share out the tiles of the result, so that none packs what another
// has packed. The memory is the executor's; the next product packs over it.
type panels struct {
	pack     loop
	n        int
	chunk    int // rows of B that are packed as one matrix
	rsb, csb int
	mask     kern.Mask

	k int // of a run
	b []float32
}

// newPanels describes the panels of a B of n columns.
func newPanels(p *plan, n, chunk, rsb, csb int, mask kern.Mask) *panels {
	s := &panels{n: n, chunk: chunk, rsb: rsb, csb: csb, mask: mask}
	s.pack = loop{plan: p, count: s.count, body: s.body}
	return s
}

// reserve says that B may have so many rows.
func (s *panels) reserve(rows extent) {
	need, all := extent{n: kern.PanelsLen(rows.n, s.n), batched: rows.batched}.amount(1), &s.pack.plan.panels
	all.Fixed, all.PerEvent = max(all.Fixed, need.Fixed), max(all.PerEvent, need.PerEvent)
}

// packed packs the first k rows of b.
func (s *panels) packed(k int, b []float32) error {
	s.k, s.b = k, b
	exec := s.pack.plan.exec
	if need := kern.PanelsLen(k, s.n); len(exec.panels) < need {
		exec.panels = hugepage.Make[float32](need)
	}
	s.pack.cost = min(k, s.chunk) * kern.StairCols
	return s.pack.run()
}

// count is the number of panels, in all chunks.
func (s *panels) count() int { return ceil(s.n, kern.StairCols) * ceil(s.k, s.chunk) }

func (s *panels) body(w *worker, lo, hi int) {
	each := ceil(s.n, kern.StairCols)
	for i := lo; i < hi; i++ {
		c, j := i/each, i%each*kern.StairCols
		dst, k := s.from(c, j)
		mask := s.mask
		mask.Col = j
		s.pack.plan.exec.kern.Pack(dst, k, min(kern.StairCols, s.n-j), s.b[c*s.chunk*s.rsb+j*s.csb:], s.rsb, s.csb, mask, &w.scratch)
	}
}

// from returns the panels of a chunk from column j on, and its rows.
func (s *panels) from(chunk, j int) (panels []float32, k int) {
	k = min(s.chunk, s.k-chunk*s.chunk)
	return s.pack.plan.exec.panels[kern.PanelsLen(chunk*s.chunk, s.n)+j*k:], k
}
