//go:build (amd64 || arm64) && !noasm

package kern

import "unsafe"

// stream is a product of few rows. Nothing is packed: C stays in the first
// cache, and B is read once, a block of rows at a time from left to right.
type stream struct {
	*microKernels
	*product
	runs   [2]run     // the tiles of a panel
	broad  wideKernel // if all tiles have so few rows; else nothing
	p0, p1 int        // the block of rows of B
}

func (u *microKernels) stream(g *product) {
	s := stream{microKernels: u, product: g, runs: split(g.m, len(u.full)-1)}
	if r := s.runs[1].rows; s.runs[0].n == 0 && r < len(u.wide) {
		s.broad = u.wide[r]
	}
	kc := u.kc
	switch {
	case g.mode == GemmAdd:
		kc = g.k // a chain must be finished before it is added
	case s.broad.f != nil:
		kc = u.streamK
	case g.m < len(u.full):
		kc = g.k // the only tile comes to a row of B once
	}
	for more := true; more; more = s.p1 < g.k {
		s.p0, s.p1 = s.p1, min(s.p1+kc, g.k)
		s.rest(s.stairs())
	}
}

// stairs does the panels in which not all rows of the block are open, and
// returns the column of the first that is left.
func (s *stream) stairs() (j int) {
	if s.mask.Stairs == nil {
		return 0
	}
	for ; j < s.n; j += panelCols {
		_, hi := s.mask.Span(s.k, j)
		_, open := s.mask.full(s.k, j)
		if open >= s.p1 && (hi > s.p1 || hi == s.k) {
			break
		}
		if hi <= s.p0 && s.p0 > 0 {
			continue
		}
		cols := min(panelCols, s.n-j)
		open, top := max(open, s.p0), min(hi, s.p1)
		open = min(open, top)
		if open > s.p0 || top == s.p0 {
			s.panel(j, cols, s.p0, open, s.modeOf(s.p0, open == hi))
		}
		if top > open {
			s.steps(j, cols, open, top, s.modeOf(open, top == hi))
		}
	}
	return j
}

// modeOf is the mode of a part of the chains that begins with p.
func (s *stream) modeOf(p int, ends bool) int {
	mode := s.mode
	if p > 0 {
		mode |= GemmContinue
	}
	if !ends {
		mode &^= GemmEnd
	}
	return int(mode)
}

// rest does the columns from j on, in which the block is open.
func (s *stream) rest(j int) {
	mode := s.modeOf(s.p0, s.p1 == s.k)
	if u, w := s.runs[1], s.broad; w.f != nil {
		for ; s.n-j >= w.cols; j += w.cols {
			w.f(s.p1-s.p0, s.atA(0, s.p0), 4*s.rsa, 4*s.csa, s.atB(s.p0, j), 4*s.rsb, &s.c[j], 4*s.ldc, mode, u.n, 4*u.rows*s.rsa)
		}
	}
	for ; j < s.n; j += panelCols {
		s.panel(j, min(panelCols, s.n-j), s.p0, s.p1, mode)
	}
}

// panel does rows p0 … p1−1 of B, which are open.
func (s *stream) panel(j, cols, p0, p1, mode int) {
	runs := s.runs
	if cols < panelCols {
		runs = split(s.m, s.edgeRows)
	}
	row, b := 0, s.atB(p0, j)
	for _, u := range runs {
		if u.n == 0 {
			continue
		}
		a, c := s.atA(row, p0), &s.c[row*s.ldc+j]
		if cols == panelCols {
			s.full[u.rows](p1-p0, a, 4*s.rsa, 4*s.csa, b, 4*s.rsb, c, 4*s.ldc, mode, u.n, 4*u.rows*s.rsa)
		} else {
			s.edge[u.rows](p1-p0, a, 4*s.rsa, 4*s.csa, b, 4*s.rsb, c, 4*s.ldc, mode, u.n, 4*u.rows*s.rsa, &edgeMask[panelCols-cols])
		}
		row += u.rows * u.n
	}
}

// steps does rows p0 … p1−1 of B, each of which begins within the panel.
func (s *stream) steps(j, cols, p0, p1, mode int) {
	row, b, first := 0, s.atB(p0, j), &s.mask.Stairs.First[p0]
	for _, u := range split(s.m, len(s.stair)-1) {
		if u.n > 0 {
			s.stair[u.rows](p1-p0, s.atA(row, p0), 4*s.rsa, 4*s.csa, b, 4*s.rsb, &s.c[row*s.ldc+j], 4*s.ldc, mode, u.n, 4*u.rows*s.rsa,
				&edgeMask[panelCols-cols], first, &edgeMask[2*panelCols], s.mask.Col+j)
		}
		row += u.rows * u.n
	}
}

// atA returns where A(i, p) lies, and atB where B(p, j) does; at the end of k
// nothing does.
func (s *stream) atA(i, p int) *float32 {
	if p == s.k {
		return nil
	}
	return &s.a[i*s.rsa+p*s.csa]
}

func (s *stream) atB(p, j int) *float32 {
	if p == s.k {
		return nil
	}
	return unsafe.SliceData(s.b[p*s.rsb+j*s.csb:])
}
