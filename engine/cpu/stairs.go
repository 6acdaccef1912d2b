package cpu

import (
	"slices"

	"github.com/surprisal-go/surprisal/graph"
)

// stairs is how a product walks along a mask. Where the degrees ascend on both
// sides, the open weights of row i are columns first[i] … N−1, a staircase, and
// only the tiles that it cuts need the mask; otherwise every tile does.
type stairs struct {
	mask  *graph.Mask
	k, n  int
	first []int // nil if the degrees do not ascend
}

func newStairs(m *graph.Mask) *stairs {
	if m == nil {
		return nil
	}
	s := &stairs{mask: m, k: len(m.In), n: len(m.Out)}
	if !slices.IsSorted(m.In) || !slices.IsSorted(m.Out) {
		return s
	}
	s.first = make([]int, s.k)
	j := 0
	for i := range s.first {
		for j < s.n && !m.Open(i, j) {
			j++
		}
		s.first[i] = j
	}
	return s
}

// zone is a range of the sum in a product, for one block of its columns.
type zone struct {
	lo, hi int
	masked bool // some weights in it are closed
}

// down returns the zones of rows i for columns lo … hi−1, in ascending order;
// rows that are closed to all of them are left out.
func (s *stairs) down(lo, hi int) []zone {
	if s.first == nil {
		return []zone{{0, s.k, true}}
	}
	full, some := 0, 0
	for ; full < s.k && s.first[full] <= lo; full++ {
	}
	for some = full; some < s.k && s.first[some] < hi; some++ {
	}
	return zones(zone{0, full, false}, zone{full, some, true})
}

// across returns the zones of columns j for rows lo … hi−1.
func (s *stairs) across(lo, hi int) []zone {
	if s.first == nil {
		return []zone{{0, s.n, true}}
	}
	some, full := s.first[lo], s.first[hi-1]
	return zones(zone{some, full, true}, zone{full, s.n, false})
}

func zones(z ...zone) []zone {
	return slices.DeleteFunc(z, func(z zone) bool { return z.lo >= z.hi })
}

// row copies columns lo … hi−1 of row i of the weights, those that are closed
// as +0.
func (s *stairs) row(dst, w []float32, i, lo, hi int) {
	w = w[i*s.n:]
	if s.first != nil {
		open := min(max(s.first[i], lo), hi)
		clear(dst[:open-lo])
		copy(dst[open-lo:hi-lo], w[open:hi])
		return
	}
	for j := lo; j < hi; j++ {
		dst[j-lo] = 0
		if s.mask.Open(i, j) {
			dst[j-lo] = w[j]
		}
	}
}

// close clears the closed ones of columns lo … hi−1 of row i, which are dst.
func (s *stairs) close(dst []float32, i, lo, hi int) {
	if s.first != nil {
		clear(dst[:min(max(s.first[i], lo), hi)-lo])
		return
	}
	for j := lo; j < hi; j++ {
		if !s.mask.Open(i, j) {
			dst[j-lo] = 0
		}
	}
}
