package kern

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// columnsCase is an array of columns beside others, and what the kernels make of
// it, column by column, by those of rows.
type columnsCase struct {
	rows, seen, ld   int
	x, y, exps, grad []float32
	sum, divisor     []float32
}

func (c *columnsCase) String() string {
	return fmt.Sprintf("%d rows, %d seen, stride %d", c.rows, c.seen, c.ld)
}

// newColumnsCase draws scores of all kinds: ordinary ones, and those of which
// some are infinite or one is NaN.
func newColumnsCase(rng *rand.Rand, rows, seen int) *columnsCase {
	c := &columnsCase{rows: rows, seen: seen, ld: StairCols + rng.IntN(3)*5}
	size := max(0, (rows-1)*c.ld+StairCols)
	c.x, c.y = make([]float32, size), make([]float32, size)
	for i := range c.x {
		c.x[i], c.y[i] = float32(30*rng.NormFloat64()), float32(rng.NormFloat64())
	}
	switch rng.IntN(6) {
	case 0:
		for i := range c.x {
			if rng.IntN(3) == 0 {
				c.x[i] = -inf
			}
		}
	case 1:
		copy(c.x, randomFloats(rng, size))
	case 2:
		for range min(size, 3) {
			c.x[rng.IntN(size)] = []float32{nan(), inf}[rng.IntN(2)]
		}
	}
	for i := range StairCols {
		c.divisor = append(c.divisor, 1+float32(i)/3)
		c.sum = append(c.sum, c.divisor[i])
	}
	c.define()
	return c
}

// define computes what is wanted.
func (c *columnsCase) define() {
	p := Impls()[0]
	c.exps, c.grad = append([]float32(nil), c.x...), append([]float32(nil), c.x...)
	for j := range StairCols {
		n := min(c.rows, c.seen+j)
		x, y := make([]float32, n), make([]float32, n)
		for r := range c.rows {
			if i := r*c.ld + j; r < n {
				x[r], y[r] = c.x[i], c.y[i]
			} else {
				c.y[i], c.exps[i], c.grad[i] = 0, 0, 0
			}
		}
		dot := p.Dot(x, y) / c.divisor[j]
		for r := range n {
			c.grad[r*c.ld+j] = float32(x[r]-dot) * y[r]
		}
		_, c.sum[j] = p.ExpSum(x, x)
		for r, v := range x {
			c.exps[r*c.ld+j] = v
		}
	}
}

func (c *columnsCase) check(t *testing.T, k *Impl, what string, got, want []float32, intact func() bool) {
	t.Helper()
	if i := firstDiff(got, want); i >= 0 {
		t.Fatalf("%s: %s of %s: element %d is %g (%#x), want %g (%#x)", k.Name, what, c, i, got[i], bits(got[i]), want[i], bits(want[i]))
	}
	if !intact() {
		t.Fatalf("%s: %s of %s wrote outside", k.Name, what, c)
	}
}

func (c *columnsCase) run(t *testing.T, copied func([]float32) ([]float32, func() bool)) {
	t.Helper()
	for _, k := range Impls() {
		var s Scratch
		x, intact := copied(c.x)
		sum, untouched := copied(make([]float32, StairCols))
		k.ExpSumColumns(x, c.ld, c.rows, c.seen, sum, &s)
		c.check(t, k, "ExpSumColumns", x, c.exps, intact)
		c.check(t, k, "sums of ExpSumColumns", sum, c.sum, untouched)
		x, intact = copied(c.x)
		y, _ := copied(c.y)
		k.SoftmaxGradColumns(x, y, c.ld, c.rows, c.seen, c.divisor, &s)
		c.check(t, k, "SoftmaxGradColumns", x, c.grad, intact)
	}
}

// TestColumns holds every column to the bits of the kernels of rows, and what
// lies beside the columns to stay.
func TestColumns(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 41))
	for rows := range 70 {
		for _, seen := range []int{rows, 0, 1, max(rows-15, 0), max(rows-16, 0), rows + 1} {
			newColumnsCase(rng, rows, seen).run(t, guarded)
		}
	}
	for _, rows := range []int{4096, 4097, 9000} { // chunks
		newColumnsCase(rng, rows, rows-15).run(t, guarded)
	}
}

// FuzzColumns takes any number of rows.
func FuzzColumns(f *testing.F) {
	f.Add(uint16(48), uint8(15), uint64(1))
	f.Add(uint16(4098), uint8(16), uint64(2))
	f.Fuzz(func(t *testing.T, rows uint16, hidden uint8, seed uint64) {
		n := int(rows % 5000)
		newColumnsCase(rand.New(rand.NewPCG(seed, 1)), n, max(n-int(hidden), 0)).run(t, guarded)
	})
}

// BenchmarkColumns takes a panel of attention, 256 keys of 16 queries.
func BenchmarkColumns(b *testing.B) {
	const rows = 256
	scores, x, y, sum := make([]float32, rows*StairCols), make([]float32, rows*StairCols), make([]float32, rows*StairCols), make([]float32, StairCols)
	for i := range x {
		scores[i], sum[i%StairCols] = float32(i*7%31), 2
	}
	for _, k := range Impls() {
		var s Scratch
		for name, f := range map[string]func(){
			"ExpSumColumns":      func() { copy(x, scores); k.ExpSumColumns(x, StairCols, rows, rows-15, sum, &s) },
			"SoftmaxGradColumns": func() { k.SoftmaxGradColumns(x, y, StairCols, rows, rows-15, sum, &s) },
		} {
			b.Run(fmt.Sprintf("op=%s/impl=%s", name, k.Name), func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(rows*StairCols*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gelem/s")
			})
		}
	}
}
