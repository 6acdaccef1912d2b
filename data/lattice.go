package data

import (
	"math"
	"slices"
	"strconv"
)

const (
	// gridLevels is the greatest number of steps between the ends of a column
	// whose values need not repeat to make it a grid.
	gridLevels = 1_000_000
	// distinctShare of the values at which they count as practically all
	// distinct.
	distinctShare = 0.9
	// onGrid is how far, in steps, a value may lie from its grid point: half
	// of what Field.Index grants.
	onGrid = 5e-7
	// onGridSingle is the same for values of single precision, which are then
	// moved to the grid.
	onGridSingle = 1e-2
)

// commonStep returns the greatest δ such that the distinct sorted values v lie
// on v[0] + i·δ, and false if the values are real: no δ with at most
// gridLevels steps serves, and either nearly all of the n values differ or
// there is no δ at all.
func commonStep(v []float64, n int, single bool) (step float64, ok bool) {
	span := v[len(v)-1] - v[0]
	if math.IsInf(span, 0) {
		return 0, false
	}
	tolerance := onGrid
	if single {
		tolerance = onGridSingle
	}
	if d := maxDecimals(v); d <= 15 {
		if g, ok := decimalStep(v, d); ok && liesOn(v, g, onGrid) {
			levels := span / g
			repeated := float64(len(v)) < distinctShare*float64(n)
			if levels <= gridLevels || repeated && levels < math.MaxInt32 && d < 7 {
				return g, true
			}
		}
	}
	if g := roughStep(v, single); g > 0 {
		for _, c := range append(neat(g), g) {
			if liesOn(v, c, tolerance) {
				return c, true
			}
		}
	}
	return 0, false
}

func maxDecimals(v []float64) int {
	d := 0
	for _, x := range v {
		d = max(d, decimals(x))
	}
	return d
}

// decimalStep is the greatest common divisor of the differences of values of d
// decimals, and false where they do not fit 53 bits.
func decimalStep(v []float64, d int) (float64, bool) {
	scale := math.Pow10(d)
	first, g := 0.0, uint64(0)
	for i, x := range v {
		s := math.Round(x * scale)
		if math.Abs(s) > 1<<52 {
			return 0, false
		}
		if i == 0 {
			first = s
			continue
		}
		for a := uint64(s - first); a != 0; { // v ascends
			g, a = a, g%a
		}
	}
	return float64(g) / scale, g > 0
}

// roughStep is the common divisor of the differences by Euclid's algorithm
// with a tolerance for rounding (0.1 + 0.2, or thirds written to 14 digits),
// and 0 once it falls below gridLevels steps.
func roughStep(v []float64, single bool) float64 {
	span := v[len(v)-1] - v[0]
	noise := 0x1p-51 * max(math.Abs(v[0]), math.Abs(v[len(v)-1]))
	if single {
		noise = 0x1p-23 * max(math.Abs(v[0]), math.Abs(v[len(v)-1]))
	} else if d := maxDecimals(v); d <= 17 {
		noise = max(noise, math.Pow10(-d))
	}
	g := 0.0
	for _, x := range v[1:] {
		d := x - v[0]
		switch k := math.Round(d / g); {
		case g == 0:
			g = d
		case math.Abs(d-float64(k*g)) <= float64(16*noise)+float64(1e-7*g):
			g = d / k // a longer difference gives a better estimate
		default:
			g = euclid(g, math.Abs(d-float64(k*g)), float64(16*noise))
		}
		if !(g*gridLevels >= span) { // NaN too
			return 0
		}
	}
	return span / math.Round(span/g)
}

// euclid returns the common divisor of a and b, remainders up to noise aside.
func euclid(a, b, noise float64) float64 {
	for b > noise+float64(1e-7*a) {
		a, b = b, math.Abs(a-float64(math.Round(a/b)*b))
	}
	return a
}

// neat returns numbers near g that a person would write: 1/n, and decimals of
// few digits.
func neat(g float64) []float64 {
	var c []float64
	if n := math.Round(1 / g); n >= 1 && n < 1<<53 {
		c = append(c, 1/n)
	}
	for digits := range 6 {
		if v, err := strconv.ParseFloat(strconv.FormatFloat(g, 'e', digits, 64), 64); err == nil {
			c = append(c, v)
		}
	}
	return slices.DeleteFunc(c, func(x float64) bool { return !(math.Abs(x-g) <= 1e-3*g) })
}

// liesOn reports whether every value lies within tolerance steps of the grid.
func liesOn(v []float64, step, tolerance float64) bool {
	for _, x := range v {
		r := math.Round((x - v[0]) / step)
		if !(math.Abs(float64(r*step)+v[0]-x) <= tolerance*step) {
			return false
		}
	}
	return true
}
