package kern

import (
	"math"
	"slices"
	"testing"
)

func TestUniformIsPhilox(t *testing.T) {
	key, id, stream := [2]uint32{3, 4}, uint64(0x1122334455667788), uint32(9)
	for _, k := range Impls() {
		for n := range 140 {
			w, u := make([]uint32, n), make([]float32, n)
			k.UniformBits(w, key, id, stream)
			k.Uniform(u, key, id, stream)
			for i := range n {
				want := Philox([4]uint32{uint32(i / 4), stream, 0x55667788, 0x11223344}, key)[i%4]
				if w[i] != want {
					t.Fatalf("%s: word %d of %d is %#x, want %#x", k.Name, i, n, w[i], want)
				}
				if f := (float32(want>>9) + 0.5) / (1 << 23); u[i] != f || !(0 < f && f < 1) {
					t.Fatalf("%s: uniform %d of %d is %g, want %g", k.Name, i, n, u[i], f)
				}
			}
		}
	}
	if u := uniform(0); u <= 0 {
		t.Errorf("the least uniform is %g", u)
	}
	if u := uniform(math.MaxUint32); u >= 1 {
		t.Errorf("the largest uniform is %g", u)
	}
}

// TestNormalPrefix: a row's numbers do not depend on how many are asked for,
// nor on the implementation.
func TestNormalPrefix(t *testing.T) {
	key := [2]uint32{1, 2}
	want := make([]float32, 2100)
	Impls()[0].Normal(want, key, 77, 5)
	for _, k := range Impls() {
		for _, n := range []int{0, 1, 2, 3, 4, 5, 7, 130, 511, 512, 513, 1023, 1025, 2100} {
			got, intact := guarded(make([]float32, n))
			k.Normal(got, key, 77, 5)
			if i := firstDiff(got, want[:n]); i >= 0 || !intact() {
				t.Fatalf("%s: normal %d of %d is %g, want %g", k.Name, i, n, got[i], want[i])
			}
		}
	}
}

func TestNormalDefinition(t *testing.T) {
	key := [2]uint32{8, 9}
	w := make([]uint32, 200)
	z := make([]float32, len(w))
	Default.UniformBits(w, key, 1, 2)
	Default.Normal(z, key, 1, 2)
	for i := 0; i < len(w); i += 2 {
		r := math.Sqrt(-2 * math.Log((float64(w[i])+0.5)/(1<<32)))
		s, c := math.Sincos(2 * math.Pi * (float64(w[i+1]>>9) + 0.5) / (1 << 23))
		if math.Abs(float64(z[i])-r*c) > 2e-6 || math.Abs(float64(z[i+1])-r*s) > 2e-6 {
			t.Fatalf("normals %d: %g %g, want %g %g", i, z[i], z[i+1], r*c, r*s)
		}
	}
	if r := math.Sqrt(-2 * math.Log(float64(normalRadius(0)))); r < 6.7 {
		t.Errorf("the tails end at %g", r)
	}
}

// TestRandomDistribution looks at moments, at the distance of Kolmogorov and
// Smirnov, and at correlation between neighbours, keys, ids and streams. The
// numbers are fixed, so a bound of five standard errors fails never or always.
func TestRandomDistribution(t *testing.T) {
	const n = 1 << 18
	row := func(fill func([]float32, [2]uint32, uint64, uint32), key, id, stream uint32) []float64 {
		x := make([]float32, n)
		fill(x, [2]uint32{key, 0}, uint64(id), stream)
		y := make([]float64, n)
		for i, v := range x {
			y[i] = float64(v)
		}
		return y
	}
	for _, c := range []struct {
		name           string
		fill           func([]float32, [2]uint32, uint64, uint32)
		mean, vari, m4 float64 // m4 is the fourth central moment
		cdf            func(float64) float64
	}{
		{"Uniform", Default.Uniform, 0.5, 1.0 / 12, 1.0 / 80, func(x float64) float64 { return x }},
		{"Normal", Default.Normal, 0, 1, 3, func(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }},
	} {
		x := row(c.fill, 1, 2, 3)
		var m, v float64
		for _, y := range x {
			m += y
			v += (y - c.mean) * (y - c.mean)
		}
		m, v = m/n, v/n
		if d := math.Abs(m-c.mean) / math.Sqrt(c.vari/n); d > 5 {
			t.Errorf("%s: mean %g, %.1f standard errors off", c.name, m, d)
		}
		if d := math.Abs(v-c.vari) / math.Sqrt((c.m4-c.vari*c.vari)/n); d > 5 {
			t.Errorf("%s: variance %g, %.1f standard errors off", c.name, v, d)
		}
		others := map[string][]float64{
			"neighbour": append(x[1:n:n], x[0]),
			"key":       row(c.fill, 2, 2, 3),
			"id":        row(c.fill, 1, 3, 3),
			"stream":    row(c.fill, 1, 2, 4),
		}
		for name, y := range others {
			var r float64
			for i := range x {
				r += (x[i] - c.mean) * (y[i] - c.mean)
			}
			if r /= n * c.vari; math.Abs(r) > 5/math.Sqrt(n) {
				t.Errorf("%s: correlation %g with the next %s", c.name, r, name)
			}
		}
		slices.Sort(x)
		var d float64
		for i, y := range x {
			p := c.cdf(y)
			d = max(d, math.Abs(p-float64(i)/n), math.Abs(p-float64(i+1)/n))
		}
		if d > 2/math.Sqrt(n) { // exceeded with probability 0.0007
			t.Errorf("%s: distance %g from its distribution", c.name, d)
		}
	}
}

func BenchmarkRandom(b *testing.B) {
	x := make([]float32, 4096)
	for _, k := range Impls() {
		for _, c := range []struct {
			name string
			fill func([]float32, [2]uint32, uint64, uint32)
		}{{"Uniform", k.Uniform}, {"Normal", k.Normal}} {
			b.Run("op="+c.name+"/impl="+k.Name, func(b *testing.B) {
				for b.Loop() {
					c.fill(x, [2]uint32{1, 2}, 3, 4)
				}
				b.ReportMetric(float64(len(x))*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gelem/s")
			})
		}
	}
}
