package eval_test

import (
	"math"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/prep"
)

// through is a density of z = f(x) as a density of x: what a family makes of
// its preprocessing.
type through struct {
	prep.Map
	vector
	inner func(z []float64) float64
}

func (m through) LogProb(dst []float64, x *surprisal.Batch) error {
	rows := make([]float64, len(dst)*len(m.vector))
	x.Float64s(rows, 0)
	clear(dst)
	m.Forward(rows, dst)
	for i := range dst {
		dst[i] += m.inner(rows[i*len(m.vector) : (i+1)*len(m.vector)])
	}
	return nil
}

// One density of pixels, written down anew in each parametrisation, reports the
// same bits/dim of the same images: what preprocessing does to the volume is
// counted, once and with the right sign.
func TestParametrisationsReportTheSame(t *testing.T) {
	raw := vector{{100, 20}, {128, 30}, {60, 15}, {128, 40}, {170, 25}, {90, 30}, {120, 20}, {200, 15}, {80, 20}, {128, 25}, {140, 30}, {110, 35}}
	d := len(raw)
	images := integers(t, raw, 300, 4)
	images.Space.Fields[0] = surprisal.Field{Name: "image", Kind: surprisal.Grid, Step: 1, Levels: 256, Shape: []int{2, 2, 3}, Axes: "HWC"}
	clip(images.Columns[0].(surprisal.Values[float64]), 255)
	// affine are the same values in other units: z = (x − shift)/scale.
	affine := func(shift, scale float64) vector {
		out := make(vector, d)
		for j, g := range raw {
			out[j] = gaussian{(g.mean - shift) / scale, g.sd / scale}
		}
		return out
	}
	standard := prep.Standardize(images)
	standardized := make(vector, d)
	for j, g := range raw {
		standardized[j] = gaussian{(g.mean - standard.Shift[j]) / standard.Scale[j], g.sd / standard.Scale[j]}
	}
	const lambda = 0.05
	// logits is the density of z = logit(λ + (1 − 2λ)·x/256) by the change of
	// variables from x: dx/dz = 256·s(1−s)/(1−2λ) with s = σ(z).
	logits := func(z []float64) float64 {
		sum := 0.0
		for j, v := range z {
			s := 1 / (1 + math.Exp(-v))
			sum += raw[j].logProb(256*(s-lambda)/(1-2*lambda)) + math.Log(256*s*(1-s)/(1-2*lambda))
		}
		return sum
	}
	scaled := func(shift, scale float64) *prep.Affine {
		return &prep.Affine{Shift: []float64{shift}, Scale: []float64{scale}}
	}
	models := map[string]surprisal.Sampler{
		"raw":          raw,
		"x/256":        through{scaled(0, 256), raw, affine(0, 256).logProb},
		"x/255":        through{scaled(0, 255), raw, affine(0, 255).logProb},
		"[-1, 1)":      through{scaled(128, 128), raw, affine(128, 128).logProb},
		"standardised": through{standard, raw, standardized.logProb},
		"logit":        through{prep.Chain{scaled(0, 256), prep.Logit{Lambda: lambda}}, raw, logits},
	}
	bits := func(name string, model surprisal.Sampler, b *surprisal.Batch) float64 {
		m, err := prep.NewDequantized(b.Space, model)
		if err != nil {
			t.Fatal(err)
		}
		l := score(t, m, b, eval.Options{Samples: 16, Key: 9}).Likelihood(name, "test")
		t.Logf("%-24s %s, %.7f bits/dim", name, l, l.BitsPerDim())
		if l.Measure != surprisal.Mass || l.Dims != float64(d) {
			t.Errorf("%s: a %s over %g dims, want a mass over %d", name, l.Measure, l.Dims, d)
		}
		return l.BitsPerDim()
	}
	want := bits("raw", raw, images)
	if want < 5 || want > 8 {
		t.Errorf("%v bits/dim of pixels, want a number that could be one", want)
	}
	for name, m := range models {
		near(t, name, bits(name, m, images), want, 1e-5)
	}
	near(t, "channels as columns", bits("channels as columns", raw, flat(images)), want, 1e-5)
	fewerBits(t, raw, images, bits)
}

// fewerBits reports images of 5 bits in steps of 8 raw units and in steps of
// one level.
func fewerBits(t *testing.T, raw vector, images *surprisal.Batch, bits func(string, surprisal.Sampler, *surprisal.Batch) float64) {
	t.Helper()
	coarse, levels := *images, *images
	x := images.Columns[0].(surprisal.Values[float64])
	inUnits, inLevels, scaled := make(surprisal.Values[float64], len(x)), make(surprisal.Values[float64], len(x)), make(vector, len(raw))
	for i, v := range x {
		inLevels[i] = math.Floor(v / 8)
		inUnits[i] = 8 * inLevels[i]
	}
	for j, g := range raw {
		scaled[j] = gaussian{g.mean / 8, g.sd / 8}
	}
	space := func(step float64) *surprisal.Space {
		f := images.Space.Fields[0]
		f.Step, f.Levels = step, 32
		return &surprisal.Space{Fields: []surprisal.Field{f}}
	}
	coarse.Space, coarse.Columns = space(8), []surprisal.Column{inUnits}
	levels.Space, levels.Columns = space(1), []surprisal.Column{inLevels}
	units := bits("5 bits, raw units", raw, &coarse)
	near(t, "5 bits, levels", bits("5 bits, levels", scaled, &levels), units, 1e-5)
	fine := bits("8 bits", raw, images)
	if saved := fine - units; !(saved > 2.5 && saved < 3.5) {
		t.Errorf("three bits fewer a pixel save %v bits/dim, want about 3", saved)
	}
}

func clip(x []float64, top float64) {
	for i, v := range x {
		x[i] = max(0, min(top, v))
	}
}

// flat is a batch with a column for every scalar, in the same order.
func flat(b *surprisal.Batch) *surprisal.Batch {
	d, n := b.Space.Dims(), b.Len()
	rows := make([]float64, n*d)
	b.Float64s(rows, 0)
	out := &surprisal.Batch{Space: &surprisal.Space{Fields: b.Space.Columns()}}
	for j := range d {
		c := make(surprisal.Values[float64], n)
		for i := range n {
			c[i] = rows[i*d+j]
		}
		out.Columns = append(out.Columns, c)
	}
	return out
}
