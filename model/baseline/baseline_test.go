package baseline

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/prep"
)

var plane = &surprisal.Space{Fields: []surprisal.Field{{Name: "x"}, {Name: "y"}}}

// ring is a known mixture: eight normals on a circle with unequal weights and
// covariances.
func ring() *normals {
	p := &normals{k: 8, d: 2, full: true}
	total := 0.0
	for k := range 8 {
		total += float64(k + 2)
	}
	for k := range 8 {
		angle := float64(k) * math.Pi / 4
		c, s := math.Cos(angle), math.Sin(angle)
		p.logW = append(p.logW, math.Log(float64(k+2)/total))
		p.mean = append(p.mean, 4*c, 4*s)
		p.chol = append(p.chol, .3+.2*math.Abs(c), 0, .1*s, .3)
	}
	p.finish()
	return p
}

func (p *normals) logProb(x []float64) float64 {
	joint, scratch := make([]float64, p.k), make([]float64, p.d)
	p.logJoint(joint, x, scratch)
	return fmath.LogSumExp(joint)
}

func sampleFrom(p *normals, n int, key surprisal.Key, ids uint64) *surprisal.Batch {
	x := make([]float64, n*p.d)
	for i := range n {
		p.sample(x[i*p.d:(i+1)*p.d], key.Fold(uint64(i)).Rand())
	}
	b := prep.Pack(plane, x)
	for i := range n {
		b.IDs = append(b.IDs, ids+uint64(i))
	}
	return b
}

func logProbs(t *testing.T, m any, b *surprisal.Batch) []float64 {
	t.Helper()
	lp := make([]float64, b.Len())
	if err := m.(surprisal.Density).LogProb(lp, b); err != nil {
		t.Fatal(err)
	}
	return lp
}

// nats is the mean surprisal, for bounds of one draw.
func nats(t *testing.T, m any, b *surprisal.Batch) float64 {
	t.Helper()
	lp := make([]float64, b.Len())
	var err error
	switch m := m.(type) {
	case surprisal.Density:
		err = m.LogProb(lp, b)
	case surprisal.Bounded:
		err = m.LogWeights(lp, b, 1, 7)
	}
	if err != nil {
		t.Fatal(err)
	}
	return -mean(lp)
}

func mean(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x / float64(len(v))
	}
	return s
}

func fit(t *testing.T, m Model, err error, train, valid *surprisal.Batch) Model {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := m.Fit(context.Background(), train, valid, 1, func(s string) { t.Log(s) }); err != nil {
		t.Fatal(err)
	}
	t.Logf("%T: fitted to %d events in %v, %d parameters", m, train.Len(), time.Since(start).Round(time.Millisecond), m.NumParams())
	return m
}

// TestMixtureFindsTruth: the paired excess over the true log p is at most 0.03
// nats, and not below zero by more than chance (Σ ln q/p ≤ 13.8).
func TestMixtureFindsTruth(t *testing.T) {
	truth := ring()
	n := 10_000
	limit := 0.03
	if testing.Short() {
		n, limit = 3000, 0.06
	}
	train, valid, test := sampleFrom(truth, n, 1, 0), sampleFrom(truth, 2000, 2, 1e6), sampleFrom(truth, 10_000, 3, 2e6)
	raw := make([]float64, 20_000)
	test.Float64s(raw, 0)
	for name, c := range map[string]*MixtureConfig{"chosen": {}, "K=8": {Components: 8}} {
		m, err := NewMixture(plane, c)
		fit(t, m, err, train, valid)
		lp, gainSum := logProbs(t, m, test), 0.0
		excess := make([]float64, len(lp))
		for i := range lp {
			excess[i] = truth.logProb(raw[2*i:2*i+2]) - lp[i]
			gainSum -= excess[i]
		}
		t.Logf("%s: %.4f nats, %.4f above the truth", name, -mean(lp), mean(excess))
		if mean(excess) > limit || gainSum > 13.8 {
			t.Errorf("%s: %.4f nats above the truth, want at most %g; Σ ln q/p = %.1f", name, mean(excess), limit, gainSum)
		}
	}
}

// TestGaussianKnown compares with the closed form of a two-dimensional normal.
func TestGaussianKnown(t *testing.T) {
	rows := []float64{1, 2, 3, 1, 0, 4, 2, 2, -1, 7, 5, 0}
	b := prep.Pack(plane, rows)
	m, err := NewGaussian(plane, &GaussianConfig{Shrinkage: 1e-12})
	fit(t, m, err, b, nil)
	n := float64(b.Len())
	var mx, my, xx, xy, yy float64
	for i := 0; i < len(rows); i += 2 {
		mx, my = mx+rows[i]/n, my+rows[i+1]/n
	}
	for i := 0; i < len(rows); i += 2 {
		u, v := rows[i]-mx, rows[i+1]-my
		xx, xy, yy = xx+u*u/n, xy+u*v/n, yy+v*v/n
	}
	det := xx*yy - xy*xy
	for i, got := range logProbs(t, m, b) {
		u, v := rows[2*i]-mx, rows[2*i+1]-my
		want := -(yy*u*u-2*xy*u*v+xx*v*v)/(2*det) - math.Log(det)/2 - math.Log(2*math.Pi)
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("event %d: log p %g, want %g", i, got, want)
		}
	}
}

// TestGaussianNoiseMoments: on a grid the variance is that of data plus noise.
func TestGaussianNoiseMoments(t *testing.T) {
	s := &surprisal.Space{Fields: []surprisal.Field{{Name: "g", Kind: surprisal.Grid, Step: 2}, {Name: "h", Kind: surprisal.Count}}}
	m, err := NewGaussian(s, &GaussianConfig{Shrinkage: 1e-9})
	fit(t, m, err, prep.Pack(s, []float64{0, 1, 4, 3, 0, 3, 4, 1}), nil)
	if _, ok := m.(surprisal.Density); ok {
		t.Fatal("a Gaussian of discrete events claims a density")
	}
	a, p, err := m.(*Dequantized).inner.(*Gaussian).load()
	if err != nil {
		t.Fatal(err)
	}
	for j, want := range []struct{ mean, variance float64 }{{3, 4 + 4./12}, {2.5, 1 + 1./12}} {
		if got := a.Scale[j] * a.Scale[j] * p.chol[3*j] * p.chol[3*j]; math.Abs(a.Shift[j]-want.mean) > 1e-12 || math.Abs(got-want.variance) > 1e-6 {
			t.Errorf("dim %d: mean %g, variance %g, want %g and %g", j, a.Shift[j], got, want.mean, want.variance)
		}
	}
}

// TestGaussianShrinks: with fewer events than dims the chosen shrinkage makes
// the model usable, and better than none.
func TestGaussianShrinks(t *testing.T) {
	const d = 30
	s := &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Shape: []int{d}}}}
	draw := func(n int, key surprisal.Key) *surprisal.Batch {
		r := key.Rand()
		x := make([]float64, n*d)
		for i := 0; i < len(x); i += d {
			common := fmath.Normal(r)
			for j := range d {
				x[i+j] = common + fmath.Normal(r)
			}
		}
		return prep.Pack(s, x)
	}
	train, valid, test := draw(25, 1), draw(50, 2), draw(500, 3)
	chosen, err := NewGaussian(s, &GaussianConfig{})
	fit(t, chosen, err, train, valid)
	for _, lambda := range []float64{1e-3, 1} {
		fixed, err := NewGaussian(s, &GaussianConfig{Shrinkage: lambda})
		fit(t, fixed, err, train, valid)
		if a, b := nats(t, chosen, test), nats(t, fixed, test); !(a < b) {
			t.Errorf("chosen shrinkage gives %.3f nats, %g gives %.3f", a, lambda, b)
		}
	}
}

// mixed has every kind of column.
var mixed = &surprisal.Space{Fields: []surprisal.Field{
	{Name: "bit", Kind: surprisal.Binary},
	{Name: "class", Kind: surprisal.Categorical, Levels: 4},
	{Name: "n", Kind: surprisal.Count},
	{Name: "price", Kind: surprisal.Grid, Low: 10, Step: .25},
	{Name: "pixel", Kind: surprisal.Grid, Step: 1, Levels: 16},
	{Name: "real"},
}}

func mixedBatch(n int, key surprisal.Key, ids uint64) *surprisal.Batch {
	r := key.Rand()
	var rows []float64
	for range n {
		z := fmath.Normal(r)
		rows = append(rows, float64(r.IntN(5)/4), float64(r.IntN(3)), math.Floor(z*z*3),
			10+float64(.25*math.Floor(100+float64(10*fmath.Normal(r)))), math.Floor(r.Float64()*r.Float64()*16), z)
	}
	b := prep.Pack(mixed, rows)
	for i := range n {
		b.IDs = append(b.IDs, ids+uint64(i))
	}
	return b
}

// TestReproducible: thread count, batch and validation order do not change a
// bit; another key does.
func TestReproducible(t *testing.T) {
	train, valid := mixedBatch(1500, 1, 0), mixedBatch(300, 2, 1e6)
	makes := map[string]func() (Model, error){
		"marginals": func() (Model, error) { return NewMarginals(mixed, &MarginalsConfig{}) },
		"gaussian":  func() (Model, error) { return NewGaussian(mixed, &GaussianConfig{}) },
		"mixture":   func() (Model, error) { return NewMixture(mixed, &MixtureConfig{Components: 4, Iterations: 5}) },
		"diagonal": func() (Model, error) {
			return NewMixture(mixed, &MixtureConfig{Components: 4, Iterations: 5, Covariance: Diagonal})
		},
	}
	for name, make := range makes {
		a, err := make()
		fit(t, a, err, train, valid)
		old := runtime.GOMAXPROCS(1)
		b, err := make()
		fit(t, b, err, train, valid)
		runtime.GOMAXPROCS(old)
		for n, v := range a.State().All() {
			w := b.State().Must(n)
			if !slices.Equal(v.Float64s(), w.Float64s()) {
				t.Errorf("%s: tensor %q depends on the number of threads", name, n)
			}
		}
	}
}

// TestMixtureKeepsBest: a fit that is cut short leaves the best so far.
func TestMixtureKeepsBest(t *testing.T) {
	m, err := NewMixture(plane, &MixtureConfig{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	b := sampleFrom(ring(), 500, 1, 0)
	err = m.Fit(ctx, b, nil, 1, func(string) { cancel() }) // after the first of many fits
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled fit returns %v", err)
	}
	if m.NumParams() != 5 {
		t.Errorf("%d parameters are kept, want those of one component", m.NumParams())
	}
	logProbs(t, m, b)
}

// TestGolden: the fits have the same bits on every instruction set. Run it
// under GOAMD64=v3 and on arm64.
func TestGolden(t *testing.T) {
	train, valid := mixedBatch(1500, 1, 0), mixedBatch(300, 2, 1e6)
	want := map[string]string{
		"marginals": "0c9c03153dd5e657",
		"gaussian":  "d5ccae52561c4e24",
		"mixture":   "ea53630ebe99c97d",
		"diagonal":  "a865d34d9f0e5cb6",
	}
	for name, make := range map[string]func() (Model, error){
		"marginals": func() (Model, error) { return NewMarginals(mixed, &MarginalsConfig{}) },
		"gaussian":  func() (Model, error) { return NewGaussian(mixed, &GaussianConfig{}) },
		"mixture":   func() (Model, error) { return NewMixture(mixed, &MixtureConfig{Components: 4, Iterations: 5}) },
		"diagonal": func() (Model, error) {
			return NewMixture(mixed, &MixtureConfig{Components: 4, Iterations: 5, Covariance: Diagonal})
		},
	} {
		m, err := make()
		fit(t, m, err, train, valid)
		h := sha256.New()
		for _, v := range m.State().All() {
			for _, x := range v.Float64s() {
				_ = binary.Write(h, binary.LittleEndian, x)
			}
		}
		smp, err := m.Sample(100, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		h.Write([]byte(smp.Checksum()))
		if got := hex.EncodeToString(h.Sum(nil))[:16]; got != want[name] {
			t.Errorf("%s: hash of state and samples is %s, want %s", name, got, want[name])
		}
	}
}

func TestFitRefuses(t *testing.T) {
	b := mixedBatch(20, 1, 0)
	masked := *b
	masked.Mask = make([]bool, 20*6)
	weightless := *b
	weightless.Weight = make([]float64, 20)
	for name, make := range map[string]func() (Model, error){
		"marginals": func() (Model, error) { return NewMarginals(mixed, &MarginalsConfig{}) },
		"gaussian":  func() (Model, error) { return NewGaussian(mixed, &GaussianConfig{}) },
		"mixture":   func() (Model, error) { return NewMixture(mixed, &MixtureConfig{}) },
	} {
		m, err := make()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Sample(1, 1, nil); err == nil {
			t.Errorf("%s: samples before it is fitted", name)
		}
		done, cancel := context.WithCancel(context.Background())
		cancel()
		if err := m.Fit(done, b, nil, 1, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: cancelled fit returns %v", name, err)
		}
		for what, bad := range map[string]*surprisal.Batch{
			"no events": b.Slice(0, 0), "missing values": &masked, "another space": prep.Pack(plane, []float64{1, 2}), "no weight": &weightless,
		} {
			if err := m.Fit(context.Background(), bad, nil, 1, nil); err == nil {
				t.Errorf("%s: is fitted to events with %s", name, what)
			}
		}
		if m.State().Len() != 0 {
			t.Errorf("%s: failed fits leave state %v", name, m.State().Names())
		}
	}
	for _, c := range []interface{ Validate() error }{
		&MarginalsConfig{Alpha: -1}, &GaussianConfig{Shrinkage: 2}, &GaussianConfig{Shrinkage: math.NaN()}, &MixtureConfig{Components: -1},
		&MixtureConfig{Covariance: "round"}, &MixtureConfig{Prior: math.NaN()}, &MixtureConfig{Restarts: -1}, &MixtureConfig{Iterations: -1},
	} {
		if c.Validate() == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
}

// TestDegenerate: columns without spread, repeated events, a single event and
// more events than fit a component must give finite numbers.
func TestDegenerate(t *testing.T) {
	r := surprisal.Key(1).Rand()
	var rows []float64
	for range 200 {
		rows = append(rows, 7, float64(r.IntN(3)))
	}
	for name, b := range map[string]*surprisal.Batch{
		"constant and repeated": prep.Pack(plane, rows), "one event": prep.Pack(plane, []float64{1, 2}), "two events": prep.Pack(plane, []float64{1, 2, 1, 2}),
	} {
		for _, make := range []func() (Model, error){
			func() (Model, error) { return NewMarginals(plane, &MarginalsConfig{}) },
			func() (Model, error) { return NewGaussian(plane, &GaussianConfig{}) },
			func() (Model, error) { return NewMixture(plane, &MixtureConfig{}) },
		} {
			m, err := make()
			fit(t, m, err, b, nil)
			for i, lp := range logProbs(t, m, prep.Pack(plane, []float64{7, 1, 1, 2, 100, -100, 1e308, -1e308})) {
				if math.IsNaN(lp) || math.IsInf(lp, 1) || i < 2 && math.IsInf(lp, -1) {
					t.Errorf("%s: %T gives log p %g to event %d", name, m, lp, i)
				}
			}
		}
	}
}

// TestMixtureDoesNotCollapse: a component that sees one value again and again
// keeps some width.
func TestMixtureDoesNotCollapse(t *testing.T) {
	r := surprisal.Key(2).Rand()
	var rows []float64
	for i := range 200 {
		if i%2 == 0 {
			rows = append(rows, 1, 2)
		} else {
			rows = append(rows, fmath.Normal(r), fmath.Normal(r))
		}
	}
	for _, covariance := range []string{Full, Diagonal} {
		m, err := NewMixture(plane, &MixtureConfig{Components: 8, Covariance: covariance})
		fit(t, m, err, prep.Pack(plane, rows), nil)
		for i, l := range m.State().Must("chol").F64() {
			if diagonal := covariance == Diagonal || i%4 == 0 || i%4 == 3; diagonal && !(l > .02) {
				t.Errorf("%s: a component has width %g of the events' spread", covariance, l)
			}
		}
	}
}

func readIdx(t testing.TB, path string, n int) *surprisal.Batch {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("needs %s", path)
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	all := make([]byte, 16+784*n)
	if _, err := io.ReadFull(z, all); err != nil {
		t.Fatal(err)
	}
	s := &surprisal.Space{Fields: []surprisal.Field{{Name: "image", Kind: surprisal.Grid, Step: 1, Levels: 256, Shape: []int{28, 28, 1}, Axes: "HWC"}}}
	return &surprisal.Batch{Space: s, Columns: []surprisal.Column{surprisal.Values[uint8](all[16:])}}
}

// TestImages fits every baseline to 28×28 images, in reasonable time and
// better than uniform.
func TestImages(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	const n = 50_000
	all := readIdx(t, "../../../shared/data/mnist/train-images-idx3-ubyte.gz", n)
	cut := n * 9 / 10
	train, valid := all.Slice(0, cut), all.Slice(cut, n)
	uniform := 784 * math.Log(256)
	for _, make := range []func() (Model, error){
		func() (Model, error) { return NewGaussian(all.Space, &GaussianConfig{}) },
		func() (Model, error) { return NewMixture(all.Space, &MixtureConfig{Components: 8, Iterations: 20}) },
		func() (Model, error) { return NewMarginals(all.Space, &MarginalsConfig{}) },
	} {
		m, err := make()
		fit(t, m, err, train, valid)
		some := valid.Slice(0, min(500, valid.Len()))
		start := time.Now()
		v := nats(t, m, some)
		t.Logf("%T: %.1f nats, %.3f bits/dim, %v an event", m, v, surprisal.Bits(v)/784, time.Since(start)/time.Duration(some.Len()))
		if !(v < uniform) {
			t.Errorf("%T: %.1f nats, uniform gives %.1f", m, v, uniform)
		}
	}
}
