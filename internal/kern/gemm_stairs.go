package kern

import "fmt"

// Stairs is the shape of a masked matrix whose open entries are, in row i,
// those from column First[i] on, where First ascends.
type Stairs struct {
	First []int32
	rows  []int32 // column j is open in rows 0 … rows[j]−1
}

// NewStairs returns the stairs of a matrix of len(first) by cols. The firsts
// must ascend and lie in 0 … cols.
func NewStairs(first []int32, cols int) *Stairs {
	s := &Stairs{First: first, rows: make([]int32, cols)}
	i := 0
	for j := range s.rows {
		for i < len(first) && int(first[i]) <= j {
			i++
		}
		s.rows[j] = int32(i)
	}
	return s
}

// StairCols is the number of columns of a product that share a range of k; see
// [Impl.GemmMasked].
const StairCols = 16

// Mask closes entries of a product: those of B, if B is the matrix of the
// stairs or its transpose, or those of C, which are set to +0. The zero value
// closes none.
type Mask struct {
	Stairs *Stairs
	Of     Masked
	// Row and Col are where the first row and column of C lie in those of the
	// whole product: Col a multiple of StairCols, and Row 0 unless C is masked.
	Row, Col int
}

// Masked names the operand that a mask is of.
type Masked int

const (
	MaskB  Masked = iota // B is the masked matrix
	MaskBT               // B is its transpose
	MaskC                // C is the masked matrix
)

// ofB reports whether the mask closes entries of B.
func (m *Mask) ofB() bool { return m.Stairs != nil && m.Of != MaskC }

// Span returns the range, in a k of so many, of the StairCols columns from
// column j of C on: that in which any of their entries of B is open. The columns
// of the whole product decide, whatever part of them C has.
func (m *Mask) Span(k, j int) (lo, hi int) {
	if !m.ofB() {
		return 0, k
	}
	j += m.Col
	if m.Of == MaskBT {
		return int(m.Stairs.First[j]), k
	}
	rows := m.Stairs.rows
	return 0, int(rows[min(j+StairCols, len(rows))-1])
}

// full returns the part of Span in which all entries are open.
func (m *Mask) full(k, j int) (lo, hi int) {
	if !m.ofB() {
		return 0, k
	}
	j += m.Col
	if m.Of == MaskBT {
		first := m.Stairs.First
		return int(first[min(j+StairCols, len(first))-1]), k
	}
	return 0, int(m.Stairs.rows[j])
}

// open returns which of the cols columns from j on are open in row p of B.
func (m *Mask) open(p, j, cols int) (lo, hi int) {
	j += m.Col
	switch {
	case !m.ofB():
		return 0, cols
	case m.Of == MaskB:
		return min(max(int(m.Stairs.First[p])-j, 0), cols), cols
	}
	for hi < cols && int(m.Stairs.First[j+hi]) <= p {
		hi++
	}
	return 0, hi
}

// Height returns how many of the rows of C, from the first on, have an open
// entry in the StairCols columns from j on.
func (m *Mask) Height(rows, j int) int {
	if m.Stairs == nil || m.Of != MaskC {
		return rows
	}
	end := m.Stairs.rows
	return min(max(int(end[min(m.Col+j+StairCols, len(end))-1])-m.Row, 0), rows)
}

// closeC clears the closed entries of C.
func (g *product) closeC() {
	if g.mask.Stairs == nil || g.mask.Of != MaskC {
		return
	}
	for i := range g.m {
		first := int(g.mask.Stairs.First[g.mask.Row+i]) - g.mask.Col
		clear(g.c[i*g.ldc:][:min(max(first, 0), g.n)])
	}
}

func (g *product) checkMask() {
	m := &g.mask
	if m.Stairs == nil {
		return
	}
	rows, cols := len(m.Stairs.First), len(m.Stairs.rows)
	ok := m.Col >= 0 && m.Col%StairCols == 0 && m.Row >= 0
	switch m.Of {
	case MaskB:
		ok = ok && g.k == rows && m.Col+g.n <= cols
	case MaskBT:
		ok = ok && g.k == cols && m.Col+g.n <= rows
	case MaskC:
		ok = ok && m.Row+g.m <= rows && m.Col+g.n <= cols
	default:
		ok = false
	}
	if !ok {
		g.fail(fmt.Sprintf("mask of %d by %d does not fit from row %d and column %d on", rows, cols, m.Row, m.Col))
	}
}
