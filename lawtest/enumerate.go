package lawtest

import (
	"fmt"
	"math"

	"github.com/surprisal-go/surprisal"
)

// states is a space laid out as points: every value of the discrete dims, and
// midpoints of equal intervals of the real ones.
type states struct {
	space *surprisal.Space
	axes  []axis
	n     int
}

// axis is one dim: points low + i·step, each of weight 1 where discrete and of
// weight step where real, where it stands for low + (i ± ½)·step.
type axis struct {
	low, step float64
	points    int
	real      bool
}

// mostPoints bounds an enumeration.
const mostPoints = 400_000

// enumerate lays out the space of a case, or says why it cannot.
func enumerate(c *DensityCase) (*states, error) {
	s := &states{space: c.Space, n: 1}
	reals := 0
	for _, f := range c.Space.Columns() {
		if !f.Discrete() {
			reals++
		}
	}
	for j, f := range c.Space.Columns() {
		var a axis
		if f.Discrete() {
			a.low, a.step, a.points = f.Grid()
			if a.points == 0 {
				a.points = c.Levels
			}
			if a.points == 0 {
				a.points = 1000
			}
		} else {
			if j >= len(c.Box) || !(c.Box[j][0] < c.Box[j][1]) {
				return nil, fmt.Errorf("real dim %s has no box to integrate over", f.Name)
			}
			a.real, a.points = true, 4000
			if reals > 1 {
				a.points = 400
			}
			a.step = (c.Box[j][1] - c.Box[j][0]) / float64(a.points)
			a.low = c.Box[j][0] + a.step/2
		}
		s.axes = append(s.axes, a)
		if s.n *= a.points; s.n > mostPoints {
			return nil, fmt.Errorf("the space has more than %d points to enumerate: choose a smaller one", mostPoints)
		}
	}
	return s, nil
}

// rows returns points lo … hi−1, the last dim running fastest.
func (s *states) rows(lo, hi int) []float64 {
	out := make([]float64, 0, (hi-lo)*len(s.axes))
	row := make([]float64, len(s.axes))
	for p := lo; p < hi; p++ {
		rest := p
		for j := len(row) - 1; j >= 0; j-- {
			a := s.axes[j]
			row[j] = a.low + float64(rest%a.points)*a.step
			rest /= a.points
		}
		out = append(out, row...)
	}
	return out
}

// volume is the weight of a point: the volume in the real dims that it stands
// for.
func (s *states) volume() float64 {
	v := 1.0
	for _, a := range s.axes {
		if a.real {
			v *= a.step
		}
	}
	return v
}

// batches calls use with the points, some thousand at a time.
func (s *states) batches(use func(lo int, b *surprisal.Batch) error) error {
	const size = 4096
	for lo := 0; lo < s.n; lo += size {
		hi := min(s.n, lo+size)
		b := events(s.space, s.rows(lo, hi))
		for i := lo; i < hi; i++ {
			b.IDs = append(b.IDs, uint64(i))
		}
		if err := use(lo, b); err != nil {
			return err
		}
	}
	return nil
}

// masses returns the mass of every point under a density.
func (s *states) masses(m any) ([]float64, error) {
	out := make([]float64, 0, s.n)
	err := s.batches(func(_ int, b *surprisal.Batch) error {
		lp, err := logProb(m, b)
		for _, v := range lp {
			out = append(out, math.Exp(v)*s.volume())
		}
		return err
	})
	return out, err
}

// cells is how many coarse intervals a real dim has for counting samples.
const cells = 16

// cell returns the number of the coarse cell that a row lies in: the value of
// every discrete dim and the interval of every real one. It is −1 outside.
func (s *states) cell(row []float64) int {
	c := 0
	for j, a := range s.axes {
		i, n := int(math.Round((row[j]-a.low)/a.step)), a.points
		if a.real {
			i, n = int(math.Floor((row[j]-(a.low-a.step/2))/(a.step*float64(a.points))*cells)), cells
		}
		if i < 0 || i >= n {
			return -1
		}
		c = c*n + i
	}
	return c
}

// events returns a batch of the rows, every column of float64.
func events(space *surprisal.Space, rows []float64) *surprisal.Batch {
	d := space.Dims()
	b := &surprisal.Batch{Space: space}
	at := 0
	for _, f := range space.Fields {
		var col surprisal.Values[float64]
		for lo := at; lo < len(rows); lo += d {
			col = append(col, rows[lo:lo+f.Size()]...)
		}
		b.Columns = append(b.Columns, col)
		at += f.Size()
	}
	return b
}
