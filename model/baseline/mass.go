package baseline

import (
	"math"
	"math/rand/v2"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// mass is a probability mass function on the whole grid of a discrete scalar,
// by index i:
//
//	p(i) = table[b]  (for low ≤ i < high, in bin b)  +  tail·h(i)
//
// A bin is width neighbouring indices; the table holds mass per index. The tail
// h is uniform on a bounded grid and otherwise s / ((s+i)(s+i+1)), the
// differences of s/(s+i), so that it sums to one over i = 0, 1, 2, … and decays
// as i⁻².
type mass struct {
	field            surprisal.Field
	low, high, width int
	tail, scale      float64
	table            []float64 // T
}

func (m *mass) bins() int { return (m.high - m.low + m.width - 1) / m.width }

// bin returns the indices start … end−1 of bin b.
func (m *mass) bin(b int) (start, end int) {
	start = m.low + b*m.width
	return start, min(start+m.width, m.high)
}

// tailMass is the tail's mean mass of the indices start … end−1; unbounded,
// (s/(s+start) − s/(s+end)) / (end − start).
func (m *mass) tailMass(start, end int) float64 {
	if _, _, levels := m.field.Grid(); levels > 0 {
		return 1 / float64(levels)
	}
	a, b := m.scale+float64(start), m.scale+float64(end)
	return m.scale / a / b
}

func (m *mass) logProb(v float64) float64 {
	i, ok := m.field.Index(v)
	if !ok {
		return math.Inf(-1)
	}
	p := float64(m.tail * m.tailMass(i, i+1))
	if i >= m.low && i < m.high {
		p += m.table[(i-m.low)/m.width]
	}
	return fmath.Log(p)
}

func (m *mass) sample(r *rand.Rand) float64 {
	low, step, _ := m.field.Grid()
	return float64(float64(m.index(r))*step) + low
}

func (m *mass) index(r *rand.Rand) int {
	u := r.Float64()
	for b, p := range m.table {
		start, end := m.bin(b)
		if u -= float64(p * float64(end-start)); u < 0 {
			return start + r.IntN(end-start)
		}
	}
	if _, _, levels := m.field.Grid(); levels > 0 {
		return r.IntN(levels)
	}
	// Inversion: the greatest i with s/(s+i) ≥ v.
	v := 1 - r.Float64()
	return int(min(math.Floor(m.scale/v-m.scale), math.MaxInt32))
}

// codes fits a binary or categorical scalar: (n + α) / (N + α·levels).
func codes(f surprisal.Field, values, weights []float64, alpha float64) *mass {
	_, _, levels := f.Grid()
	m := &mass{field: f, high: levels, width: 1, table: make([]float64, levels)}
	total := float64(alpha * float64(levels))
	for i := range m.table {
		m.table[i] = alpha
	}
	for i, v := range values {
		m.table[int(v)] += weights[i]
		total += weights[i]
	}
	for i := range m.table {
		m.table[i] /= total
	}
	return m
}

// mostBins bounds the table of one scalar. A wider range of indices gets bins
// of several.
const mostBins = 1 << 14

// ordered fits a count or a value on a grid.
//
// The table mixes the frequencies of the bins with their smoothed versions:
// kernels that fall off by b/(b+1) a bin, b = 1, 2, 4, … up to the range. The
// weights of frequencies, kernels and tail maximise the leave-one-out log p of
// the training events by expectation maximisation (deleted interpolation:
// Jelinek and Mercer 1980), with half an event of each component added, so
// that the tail never loses all weight.
func ordered(f surprisal.Field, values, weights []float64) *mass {
	m := &mass{field: f}
	idx := make([]int, len(values))
	for i, v := range values {
		idx[i], _ = f.Index(v)
	}
	m.place(idx)
	counts := make([]float64, m.bins())
	total, events := 0.0, 0
	for i, w := range weights {
		counts[(idx[i]-m.low)/m.width] += w
		total += w
		if w > 0 {
			events++
		}
	}
	parts := smoothed(counts, total)
	mix := m.interpolate(parts, counts, total, total/float64(events))
	m.tail = mix[len(parts)]
	m.table = make([]float64, len(counts))
	for b := range m.table {
		start, end := m.bin(b)
		for c, p := range parts {
			m.table[b] += float64(mix[c] * p.mass[b])
		}
		m.table[b] /= float64(end - start)
	}
	return m
}

// place sets the bins and the scale of the tail for training indices: the
// range of the indices and half as much on either side.
func (m *mass) place(idx []int) {
	lo, hi, mean := idx[0], idx[0], 0.0
	for _, i := range idx {
		lo, hi = min(lo, i), max(hi, i)
		mean += float64(i) / float64(len(idx))
	}
	margin := (hi-lo)/2 + 1
	m.low, m.high = max(0, lo-margin), min(hi+1+margin, math.MaxInt32+1)
	if _, _, levels := m.field.Grid(); levels > 0 {
		m.high = min(m.high, levels)
	}
	m.scale = mean + 1
	m.width = 1
	for m.bins() > mostBins {
		m.width *= 2
	}
}
