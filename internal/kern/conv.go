package kern

import "fmt"

// Sizes of a tile of a convolution: pixels by output channels.
const (
	ConvRows = 6
	ConvCols = 16
)

// ConvTile lists where the products of a few pixels come from: one segment a
// tap, of the pixels' input channels by the tap's weights.
type ConvTile struct {
	rows         int
	at, from     []int32
	lastA, lastB int // the greatest offsets
}

// NewConvTile makes a tile of up to [ConvRows] pixels and len(from) segments.
// Segment s of pixel i reads A from at[s*rows+i], or zeros if that is negative,
// and B from from[s]. The slices are kept.
func NewConvTile(rows int, at, from []int32) ConvTile {
	if rows < 1 || rows > ConvRows || len(at) != rows*len(from) {
		panic(fmt.Sprintf("kern: NewConvTile: %d rows, %d segments, %d offsets", rows, len(from), len(at)))
	}
	t := ConvTile{rows: rows, at: at, from: from, lastA: -1, lastB: -1}
	for _, o := range at {
		t.lastA = max(t.lastA, int(o))
	}
	for _, o := range from {
		if o < 0 {
			panic(fmt.Sprintf("kern: NewConvTile: offset %d into B", o))
		}
		t.lastB = max(t.lastB, int(o))
	}
	return t
}

// ConvTile computes up to [ConvCols] output channels of a tile of pixels into
// C(i,j) = c[i*ldc+j], where
//
//	A(i,s,p) = a[at(s,i)+p], or +0 if at(s,i) < 0
//	B(s,p,j) = b[from(s)+ConvCols*p+j]
//
// for p = 0 … k-1. Each C(i,j) is one chain t = fma(A(i,s,p), B(s,p,j), t) over
// s and, within s, over p in ascending order, from t = +0, to which +0 is added
// last. B holds ConvCols columns whatever cols is. C must not overlap A or B.
func (k *Impl) ConvTile(t *ConvTile, cols, kk int, a, b, c []float32, ldc int, s *Scratch) {
	if cols < 1 || cols > ConvCols || kk < 0 || len(c) < (t.rows-1)*ldc+cols || t.rows > 1 && ldc < cols ||
		kk > 0 && (t.lastA >= 0 && len(a) < t.lastA+kk || t.lastB >= 0 && len(b) < t.lastB+ConvCols*kk) {
		panic(fmt.Sprintf("kern: ConvTile: %d×%d, k=%d, A len %d last %d, B len %d last %d, C len %d stride %d",
			t.rows, cols, kk, len(a), t.lastA, len(b), t.lastB, len(c), ldc))
	}
	if kk > cap(s.zeros) {
		s.zeros = make([]float32, kk)
	}
	if cols == ConvCols {
		k.convTile(t, kk, a, s.zeros, b, c, ldc)
		return
	}
	all := grow(&s.chains, ConvRows*ConvCols)
	k.convTile(t, kk, a, s.zeros, b, all, ConvCols)
	for i := range t.rows {
		copy(c[i*ldc:i*ldc+cols], all[i*ConvCols:])
	}
}

func portableConvTile(t *ConvTile, kk int, a, zeros, b, c []float32, ldc int) {
	for i := range t.rows {
		var chains [ConvCols]float32
		for s, from := range t.from {
			x := zeros
			if o := t.at[s*t.rows+i]; o >= 0 {
				x = a[o:]
			}
			for p := range kk {
				w := b[int(from)+ConvCols*p:][:ConvCols]
				for j, v := range w {
					chains[j] = FMA(x[p], v, chains[j])
				}
			}
		}
		for j, v := range chains {
			c[i*ldc+j] = v + 0
		}
	}
}

// ConvPairs lists the pixels that a tap's weight gradient sums over: pairs of
// offsets into two operands.
type ConvPairs struct {
	at           []int32
	lastA, lastB int
}

// NewConvPairs keeps at, which holds an offset into A and one into B for each
// pair.
func NewConvPairs(at []int32) ConvPairs {
	p := ConvPairs{at: at}
	for i, o := range at {
		if o < 0 || len(at)%2 != 0 {
			panic(fmt.Sprintf("kern: NewConvPairs: offset %d of %d is %d", i, len(at), o))
		}
		if i%2 == 0 {
			p.lastA = max(p.lastA, int(o))
		} else {
			p.lastB = max(p.lastB, int(o))
		}
	}
	return p
}

// Swapped is the same list for exchanged operands.
func (p ConvPairs) Swapped() ConvPairs {
	at := make([]int32, len(p.at))
	for i := range at {
		at[i] = p.at[i^1]
	}
	return NewConvPairs(at)
}

// ConvWeights sums the products of pairs lo … hi−1 into C(i,j) = c[i*ldc+j],
// rows by cols: chains t = fma(a[p+i], b[q+j], t) over the pairs (p, q) in
// ascending order, from +0, or from C if cont is true, as if the list went on
// from an earlier call. C must not overlap A or B.
func (k *Impl) ConvWeights(p *ConvPairs, lo, hi, rows, cols int, a, b, c []float32, ldc int, cont bool) {
	if rows < 1 || cols < 1 || ldc < cols || len(c) < (rows-1)*ldc+cols || lo < 0 || hi > len(p.at)/2 ||
		lo < hi && (len(a) < p.lastA+rows || len(b) < p.lastB+cols) {
		panic(fmt.Sprintf("kern: ConvWeights: %d×%d, pairs %d:%d of %d, A len %d last %d, B len %d last %d, C len %d stride %d",
			rows, cols, lo, hi, len(p.at)/2, len(a), p.lastA, len(b), p.lastB, len(c), ldc))
	}
	if lo < hi {
		k.convPairs(p.at[2*lo:2*hi], rows, cols, a, b, c, ldc, cont)
		return
	}
	for i := 0; i < rows && !cont; i++ {
		clear(c[i*ldc:][:cols])
	}
}

func portableConvPairs(at []int32, rows, cols int, a, b, c []float32, ldc int, cont bool) {
	for i := range rows {
		chains := c[i*ldc:][:cols]
		if !cont {
			clear(chains)
		}
		for q := 0; q < len(at); q += 2 {
			x, y := a[int(at[q])+i], b[at[q+1]:]
			for j := range chains {
				chains[j] = FMA(x, y[j], chains[j])
			}
		}
	}
}
