package diagnose

import "math"

// The splits that are contrasted.
const (
	inTest = iota
	inValid
)

// contrast is about the costs of a part in the events of both splits.
type contrast [2]half

// half are the sums of a contrast over the units of a split: T is what the
// part's events of a unit cost, N the number of all its events.
type half struct {
	n      float64 // events of the split that are looked at
	units  int
	events int // of the part
	inside int // units that have some of these
	t      float64
	tt     float64 // Σ T²
	tn     float64 // Σ T·N
	nn     float64 // Σ N²
}

// value is the sum of the costs in test less that in validation, each for one
// event of the split.
func (c contrast) value() float64 { return c[inTest].mean() - c[inValid].mean() }

func (h half) mean() float64 { return h.t / max(1, h.n) }

// around is Σ (T − mean·N)², with a correction for the mean of few units.
func (h half) around(mean float64) float64 {
	units := float64(h.units)
	return max(0, h.tt-float64(2*mean*h.tn)+float64(mean*mean*h.nn)) * units / max(1, units-1)
}

// variance of the value, the greater of two: that of each split by itself, and
// that of both taken as one, as they are if nothing differs. A small split by
// itself may hold none of the few events that cost much, and so claim to have
// no variance; both as one spread what one of them has too much of.
func (c contrast) variance() float64 {
	t, v := c[inTest], c[inValid]
	if t.n == 0 || v.n == 0 {
		return math.NaN()
	}
	apart := t.around(t.mean())/(t.n*t.n) + v.around(v.mean())/(v.n*v.n)
	mean := (t.t + v.t) / (t.n + v.n)
	both := (t.around(mean) + v.around(mean)) / (t.n + v.n) * (1/t.n + 1/v.n)
	return max(apart, both)
}

func (c contrast) z() float64 {
	return c.value() / max(math.Sqrt(c.variance()), math.SmallestNonzeroFloat64)
}
