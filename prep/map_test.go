package prep

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/surprisal-go/surprisal"
)

// pixels returns n events of d dims in [0, 256), dequantised.
func pixels(n, d int) []float64 {
	r := surprisal.Key(3).Named("pixels").Rand()
	x := make([]float64, n*d)
	for i := range x {
		x[i] = float64(r.IntN(256)) + r.Float64()
	}
	return x
}

// logProb is the density in raw units of a model that is the given density in
// every dim after the map.
func logProb(m Map, x []float64, n int, base func(float64) float64) []float64 {
	z := append([]float64(nil), x...)
	out := make([]float64, n)
	m.Forward(z, out)
	d := len(x) / n
	for i := range n {
		for _, v := range z[i*d : (i+1)*d] {
			out[i] += base(v)
		}
	}
	return out
}

func normal(mu, sigma float64) func(float64) float64 {
	return distuv.Normal{Mu: mu, Sigma: sigma}.LogProb
}

// TestParametrisations: a density reports the same number whatever coordinates
// it is written in.
func TestParametrisations(t *testing.T) {
	const n, d, mu, sigma = 50, 12, 120, 40
	x := pixels(n, d)
	raw := logProb(Chain{}, x, n, normal(mu, sigma))
	shift, scale := make([]float64, d), make([]float64, d)
	for j := range d {
		shift[j], scale[j] = mu, sigma
	}
	for name, lp := range map[string][]float64{
		"x/256":       logProb(&Affine{[]float64{0}, []float64{256}}, x, n, normal(mu/256., sigma/256.)),
		"x/255":       logProb(&Affine{[]float64{0}, []float64{255}}, x, n, normal(mu/255., sigma/255.)),
		"[-1,1]":      logProb(&Affine{[]float64{128}, []float64{128}}, x, n, normal((mu-128)/128., sigma/128.)),
		"standardise": logProb(&Affine{shift, scale}, x, n, normal(0, 1)),
		"chain": logProb(Chain{&Affine{[]float64{0}, []float64{256}}, &Affine{[]float64{.5}, []float64{.25}}}, x, n,
			normal((mu/256.-.5)/.25, sigma/64.)),
	} {
		for i := range lp {
			if diff := surprisal.Bits(math.Abs(lp[i]-raw[i])) / d; !(diff < 1e-9) {
				t.Fatalf("%s: event %d has log p %g, in raw units %g", name, i, lp[i], raw[i])
			}
		}
	}
}

// TestLogitNormal compares the logit map with the closed form of the
// logit-normal density of x/256 and of x/255.
func TestLogitNormal(t *testing.T) {
	const n, d, lambda, mu, sigma = 50, 12, 1e-3, -.3, 1.4
	x := pixels(n, d)
	for i := range x {
		x[i] *= 255. / 256
	}
	for _, top := range []float64{255, 256} {
		got := logProb(Chain{&Affine{[]float64{0}, []float64{top}}, Logit{lambda}}, x, n, normal(mu, sigma))
		for i := range n {
			want := 0.0
			for _, v := range x[i*d : (i+1)*d] {
				s := lambda + (1-2*lambda)*v/top
				z := math.Log(s / (1 - s))
				want += -(z-mu)*(z-mu)/(2*sigma*sigma) - math.Log(sigma*math.Sqrt(2*math.Pi)) + math.Log((1-2*lambda)/top/(s*(1-s)))
			}
			if diff := surprisal.Bits(math.Abs(got[i]-want)) / d; !(diff < 1e-9) {
				t.Fatalf("x/%g: event %d has log p %g, closed form %g", top, i, got[i], want)
			}
		}
	}
}

func TestLogitDomain(t *testing.T) {
	x := []float64{.5, 1.5, .5, .25, 0, .5}
	ld := make([]float64, 3)
	Logit{0}.Forward(x, ld)
	if !math.IsInf(ld[0], -1) || math.IsInf(ld[1], 0) || !math.IsInf(ld[2], -1) {
		t.Errorf("log-determinants %v, want -Inf, finite, -Inf", ld)
	}
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("rows outside the domain map to %v", x)
		}
	}
}

// TestRoundTrip also checks the log-determinant against central differences:
// the maps act on each dim alone, so that of a row is a sum over dims.
func TestRoundTrip(t *testing.T) {
	const n, d = 20, 5
	x := pixels(n, d)
	b := Pack(&surprisal.Space{Fields: []surprisal.Field{{Name: "x", Shape: []int{d}}}}, x)
	for name, m := range map[string]Map{
		"affine": Standardize(b),
		"logit":  Chain{&Affine{[]float64{0}, []float64{256}}, Logit{.05}},
		"back":   Chain{&Affine{[]float64{0}, []float64{256}}, Logit{1e-6}, &Affine{make([]float64, d), []float64{1, 2, 3, 4, 5}}},
	} {
		ld := make([]float64, n)
		z := append([]float64(nil), x...)
		m.Forward(z, ld)
		y := append([]float64(nil), z...)
		m.Inverse(y)
		const h = 1e-4
		up, down, scrap := append([]float64(nil), x...), append([]float64(nil), x...), make([]float64, n)
		for i := range x {
			if math.Abs(y[i]-x[i]) > 1e-9*256 {
				t.Fatalf("%s: %g comes back as %g", name, x[i], y[i])
			}
			up[i] += h
			down[i] -= h
		}
		m.Forward(up, scrap)
		m.Forward(down, scrap)
		for i := range n {
			want := 0.0
			for j := i * d; j < (i+1)*d; j++ {
				want += math.Log((up[j] - down[j]) / (2 * h))
			}
			if math.Abs(ld[i]-want) > 1e-4 {
				t.Errorf("%s: row %d has log |det| %g, by differences %g", name, i, ld[i], want)
			}
		}
	}
}

func TestStandardize(t *testing.T) {
	s := &surprisal.Space{Fields: []surprisal.Field{
		{Name: "r"}, {Name: "c"}, {Name: "g", Kind: surprisal.Grid, Low: 1, Step: .5},
	}}
	b := Pack(s, []float64{1, 7, 1, 3, 7, 1, 5, 7, 1})
	a := Standardize(b)
	if a.Shift[0] != 3 || math.Abs(a.Scale[0]-math.Sqrt(8./3)) > 1e-12 {
		t.Errorf("real column: shift %g, scale %g", a.Shift[0], a.Scale[0])
	}
	if a.Shift[1] != 7 || a.Scale[1] != 1 {
		t.Errorf("constant column: shift %g, scale %g, want 7 and 1", a.Shift[1], a.Scale[1])
	}
	if a.Shift[2] != 1.25 || math.Abs(a.Scale[2]-.5/math.Sqrt(12)) > 1e-12 {
		t.Errorf("constant grid: shift %g, scale %g, want 1.25 and step/√12", a.Shift[2], a.Scale[2])
	}
	b.Weight = []float64{0, 1, 0}
	if a := Standardize(b); a.Shift[0] != 3 || a.Scale[0] != 1 {
		t.Errorf("weighted: shift %g, scale %g, want 3 and 1", a.Shift[0], a.Scale[0])
	}
}

// TestStandardizeImage: the pixels of an image share a scale.
func TestStandardizeImage(t *testing.T) {
	s := &surprisal.Space{Fields: []surprisal.Field{{Name: "image", Kind: surprisal.Grid, Step: 1, Levels: 256, Shape: []int{1, 2, 1}}}}
	a := Standardize(Pack(s, []float64{0, 10, 0, 30}))
	want := math.Sqrt(50 + 1./12)
	if math.Abs(a.Scale[0]-want) > 1e-12 || a.Scale[1] != a.Scale[0] || a.Shift[0] != .5 || a.Shift[1] != 20.5 {
		t.Errorf("scales %v, shifts %v, want both scales %g and shifts 0.5, 20.5", a.Scale, a.Shift, want)
	}
}

func TestStateRestores(t *testing.T) {
	x := pixels(6, 3)
	fitted := Chain{&Affine{[]float64{1, 2, 3}, []float64{4, 5, 6}}, Logit{.1}}
	blank := Chain{&Affine{make([]float64, 3), make([]float64, 3)}, Logit{.1}}
	for name, v := range fitted.State().All() {
		copy(blank.State().Must(name).F64(), v.F64())
	}
	y := append([]float64(nil), x...)
	fitted.Forward(x, make([]float64, 6))
	blank.Forward(y, make([]float64, 6))
	for i := range x {
		if x[i] != y[i] {
			t.Fatalf("restored map gives %g, want %g", y[i], x[i])
		}
	}
}
