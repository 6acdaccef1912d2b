package vae_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distmv"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/model/vae"
	"github.com/surprisal-go/surprisal/optim"
)

func reals(d int) *surprisal.Space {
	return &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Shape: []int{d}}}}
}

func bits(d int) *surprisal.Space {
	return &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Kind: surprisal.Binary, Shape: []int{d}}}}
}

func build(t *testing.T, space *surprisal.Space, c *vae.Config, exec graph.Executor) vae.Model {
	t.Helper()
	m, err := vae.New(space, c, exec)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// set copies values into a tensor of the model's state.
func set(m vae.Model, name string, values ...float64) {
	t := m.State().Must(name)
	if t.Size() != len(values) {
		panic(fmt.Sprintf("%s has %d values, not %d", name, t.Size(), len(values)))
	}
	for i, v := range values {
		switch d := t.Data.(type) {
		case []float32:
			d[i] = float32(v)
		case []float64:
			d[i] = v
		}
	}
}

// solved is a linear Gaussian decoder, probabilistic principal components
// (Tipping and Bishop 1999), whose log p is known: standardised events are
// N(b, W·Wᵀ + σ²I). The columns of W are orthogonal, so that the exact posterior
// has independent latents; off moves the encoder away from it.
func solved(t *testing.T, off float64) (m vae.Model, exact func(x []float64) float64) {
	const sigma = 0.5
	shift, scale := []float64{10, -3, 0}, []float64{2, 5, 0.3}
	w := [2][3]float64{{1, 1, 0}, {0.5, -0.5, 0.8}}
	b := []float64{0.3, 0, -0.2}
	c := vae.Defaults(reals(3), 100)
	c.Hidden, c.Latent = nil, 2
	m = build(t, reals(3), c, ref.New())
	set(m, "standardize/shift", shift...)
	set(m, "standardize/scale", scale...)
	set(m, "decoder/out/w", append(slices.Clone(w[0][:]), w[1][:]...)...)
	set(m, "decoder/out/b", b...)
	least := math.Log(c.MinSD)
	raw := least + math.Log(math.Expm1(math.Log(sigma)-least))
	set(m, "decoder/log_sd", raw, raw, raw)

	// Posterior: variance s_k = 1/(1 + |w_k|²/σ²), mean s_k·w_k·(x−b)/σ².
	weights, bias := make([]float64, 3*4), make([]float64, 4)
	for k := range 2 {
		norm := 0.0
		for _, v := range w[k] {
			norm += v * v
		}
		s := 1 / (1 + norm/(sigma*sigma))
		for j, v := range w[k] {
			weights[j*4+k] = s * v / (sigma * sigma) * (1 + off)
			bias[k] -= s * v * b[j] / (sigma * sigma)
		}
		bias[2+k] = 7 * math.Atanh((math.Log(s)/2+off)/7)
	}
	set(m, "encoder/out/w", weights...)
	set(m, "encoder/out/b", bias...)

	cov := mat.NewSymDense(3, nil)
	mean := make([]float64, 3)
	for i := range 3 {
		mean[i] = shift[i] + scale[i]*b[i]
		for j := i; j < 3; j++ {
			v := w[0][i]*w[0][j] + w[1][i]*w[1][j]
			if i == j {
				v += sigma * sigma
			}
			cov.SetSym(i, j, v*scale[i]*scale[j])
		}
	}
	p, ok := distmv.NewNormal(mean, cov, nil)
	if !ok {
		t.Fatal("covariance is not positive definite")
	}
	return m, p.LogProb
}

func logWeights(t *testing.T, m vae.Model, x *surprisal.Batch, k int, key surprisal.Key) []float64 {
	t.Helper()
	out := make([]float64, x.Len()*k)
	if err := m.LogWeights(out, x, k, key); err != nil {
		t.Fatal(err)
	}
	return out
}

func logMeanExp(v []float64) float64 {
	m, s := slices.Max(v), 0.0
	for _, x := range v {
		s += math.Exp(x - m)
	}
	return m + math.Log(s/float64(len(v)))
}

func mean(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s / float64(len(v))
}

// With the exact posterior every weight p(x, z)/q(z | x) is p(x).
func TestExactPosteriorGivesExactWeights(t *testing.T) {
	m, exact := solved(t, 0)
	x, err := m.Sample(20, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float64, 3)
	w := logWeights(t, m, x, 5, 1)
	for i := range x.Len() {
		x.Float64s(row, i)
		want := exact(row)
		for _, got := range w[i*5 : (i+1)*5] {
			if math.Abs(got-want) > 1e-4 {
				t.Fatalf("event %d: a log weight is %v, log p is %v", i, got, want)
			}
		}
	}
}

// With another posterior the ELBO lies below the importance-weighted bound, and
// that below log p and near it.
func TestBoundsAreOrdered(t *testing.T) {
	m, exact := solved(t, 0.25)
	x, err := m.Sample(300, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	const k = 256
	w := logWeights(t, m, x, k, 1)
	row := make([]float64, 3)
	var elbo, iw4, iw, truth []float64
	for i := range x.Len() {
		x.Float64s(row, i)
		v := w[i*k : (i+1)*k]
		truth = append(truth, exact(row))
		elbo = append(elbo, mean(v))
		iw4 = append(iw4, logMeanExp(v[:4]))
		iw = append(iw, logMeanExp(v))
	}
	t.Logf("ELBO %.4f, IW-4 %.4f, IW-%d %.4f, log p %.4f", mean(elbo), mean(iw4), k, mean(iw), mean(truth))
	if !(mean(elbo) < mean(iw4)-0.02 && mean(iw4) < mean(iw)-0.02 && mean(iw) < mean(truth)+0.005 && mean(iw) > mean(truth)-0.01) {
		t.Error("want ELBO < IW-4 < IW-256 ≤ log p, the last nearly equal")
	}
}

// A sample has the moments of the distribution that the weights speak of.
func TestSampleMoments(t *testing.T) {
	m, exact := solved(t, 0)
	x, err := m.Sample(4000, 5, nil)
	if err != nil {
		t.Fatal(err)
	}
	// −log p of a Gaussian has the entropy for its mean and D/2 for its variance.
	row, sum := make([]float64, 3), 0.0
	for i := range x.Len() {
		x.Float64s(row, i)
		sum -= exact(row)
	}
	det := 0.25 * (0.25 + 2) * (0.25 + 1.14) * 4 * 25 * 0.09
	entropy := 1.5*math.Log(2*math.Pi*math.E) + 0.5*math.Log(det)
	if se := math.Sqrt(1.5 / 4000); math.Abs(sum/4000-entropy) > 4*se {
		t.Errorf("mean surprisal of samples is %v, entropy %v ± %v", sum/4000, entropy, se)
	}
}

func TestDrawsDependOnIDAlone(t *testing.T) {
	m, _ := solved(t, 0.25)
	x, err := m.Sample(70, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	all := logWeights(t, m, x, 20, 9)
	few := logWeights(t, m, x, 1, 9)
	alone := logWeights(t, m, x.Slice(41, 42), 3, 9)
	if !slices.Equal(alone, all[41*20:41*20+3]) {
		t.Errorf("weights alone %v, in a batch %v", alone, all[41*20:41*20+3])
	}
	for i, v := range few {
		if v != all[i*20] {
			t.Fatalf("event %d: one draw is %v, the first of twenty %v", i, v, all[i*20])
		}
	}
	if other := logWeights(t, m, x, 1, 10); slices.Equal(few, other) {
		t.Error("another key gives the same draws")
	}
}

// The parts of the bound and the posterior agree with the weights.
func TestTermsAndPosterior(t *testing.T) {
	m, exact := solved(t, 0)
	x, err := m.Sample(50, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := m.(*vae.VAE)
	n := x.Len()
	recon, kl := make([]float64, n), make([]float64, n)
	if err := v.Terms(recon, kl, x, 4); err != nil {
		t.Fatal(err)
	}
	z, logJoint, logQ := make([]float64, 2*n), make([]float64, n), make([]float64, n)
	if err := v.Posterior(z, logJoint, logQ, x, 4); err != nil {
		t.Fatal(err)
	}
	w := logWeights(t, m, x, 1, 4)
	row := make([]float64, 3)
	for i := range n {
		x.Float64s(row, i)
		if math.Abs(logJoint[i]-logQ[i]-w[i]) > 1e-9 {
			t.Fatalf("event %d: log p(x,z) − log q(z|x) is %v, weight %v", i, logJoint[i]-logQ[i], w[i])
		}
		prior := -math.Log(2*math.Pi) - (z[2*i]*z[2*i]+z[2*i+1]*z[2*i+1])/2
		if math.Abs(recon[i]+prior-logJoint[i]) > 1e-9 {
			t.Fatalf("event %d: log p(x|z) + log p(z) is %v, log p(x,z) %v", i, recon[i]+prior, logJoint[i])
		}
		if kl[i] < 0 {
			t.Fatalf("event %d: divergence %v", i, kl[i])
		}
	}
	// With the exact posterior E[log p(x|z)] − KL is log p.
	many, truth := 0.0, 0.0
	for key := range 200 {
		if err := v.Terms(recon, kl, x, surprisal.Key(key)); err != nil {
			t.Fatal(err)
		}
		many += (mean(recon) - mean(kl)) / 200
	}
	for i := range n {
		x.Float64s(row, i)
		truth += exact(row) / float64(n)
	}
	if math.Abs(many-truth) > 0.05 {
		t.Errorf("reconstruction − KL is %v, log p %v", many, truth)
	}
}

// TestJointIsThatOfThePosterior: log p(x, z) at the posterior's draws is what
// Posterior says, more events than one run takes, of both decoders; and a drawn
// event comes with its own latents.
func TestJointIsThatOfThePosterior(t *testing.T) {
	real, _ := solved(t, 0.1)
	binary := build(t, bits(6), vae.Defaults(bits(6), 100), ref.New())
	if err := binary.Init(3, stripes(20, 6)); err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]vae.Model{"real": real, "binary": binary} {
		v := m.(*vae.VAE)
		made, x, err := v.SampleJoint(600, 3)
		if err != nil {
			t.Fatal(err)
		}
		n, dims := x.Len(), len(made)/600
		z, want, logQ, got := make([]float64, n*dims), make([]float64, n), make([]float64, n), make([]float64, n)
		if err := v.Posterior(z, want, logQ, x, 4); err != nil {
			t.Fatal(err)
		}
		if err := v.LogJoint(got, z, x); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			// A draw of the posterior passes through float32.
			if math.Abs(got[i]-want[i]) > 1e-4 {
				t.Fatalf("%s: event %d has log p(x, z) = %v, want %v", name, i, got[i], want[i])
			}
		}
		same, err := m.Sample(600, 3, nil)
		if err != nil || same.Checksum() != x.Checksum() {
			t.Errorf("%s: Sample draws other events than SampleJoint (%v)", name, err)
		}
		if err := v.LogJoint(got, made, x); err != nil {
			t.Fatal(err)
		}
		if mean(got) < mean(want)-3 {
			t.Errorf("%s: events have mean log p(x, z) = %v with the latents they were made from, %v with the posterior's", name, mean(got), mean(want))
		}
	}
}

// fit makes steps of the model's objective and leaves the averaged weights.
func fit(t *testing.T, m vae.Model, train *surprisal.Batch, exec graph.Executor, steps int) (first, last float64) {
	t.Helper()
	if err := m.Init(1, train); err != nil {
		t.Fatal(err)
	}
	o, err := m.Objective()
	if err != nil {
		t.Fatal(err)
	}
	plan, err := o.Compile(0, exec)
	if err != nil {
		t.Fatal(err)
	}
	var losses []float64
	for step := range steps {
		lo := step * o.Batch % (train.Len() - o.Batch + 1)
		feeds := graph.Feeds{}
		if err := o.Phases[0].Feed(feeds, train.Slice(lo, lo+o.Batch), surprisal.Key(step)); err != nil {
			t.Fatal(err)
		}
		o.Phases[0].Optimizer.Feed(feeds, step)
		out, err := plan.Run(context.Background(), feeds, o.Store)
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, out[0].Float64s()[0])
	}
	optim.SwapAverages(o.Store)
	return mean(losses[:10]), mean(losses[len(losses)-10:])
}

// stripes are binary events of which one bit, hidden, says all: the first half
// or the second half is on, with a tenth of the bits flipped.
func stripes(n, d int) *surprisal.Batch {
	r := surprisal.Key(2).Rand()
	var v surprisal.Values[uint8]
	for range n {
		on := r.IntN(2)
		for j := range d {
			bit := uint8(0)
			if (2*j/d == on) != (r.Float64() < 0.1) {
				bit = 1
			}
			v = append(v, bit)
		}
	}
	return &surprisal.Batch{Space: bits(d), Columns: []surprisal.Column{v}}
}

func TestBernoulliLearnsTheHiddenBit(t *testing.T) {
	const d = 12
	data := stripes(1000, d)
	exec := cpu.New(cpu.Options{})
	defer exec.Close()
	for _, k := range []int{1, 4} {
		c := vae.Defaults(data.Space, 1000)
		c.Hidden, c.Latent, c.Importance, c.LearningRate, c.KLWarmup = []int{16}, 2, k, 0.01, 50
		m := build(t, data.Space, c, exec)
		_, loss := fit(t, m, data, exec, 400)
		if _, is := m.(surprisal.Density); is {
			t.Fatal("a variational autoencoder claims to be a density")
		}
		w := logWeights(t, m, data, 32, 1)
		var nats, bound float64
		for i := range 1000 {
			nats -= logMeanExp(w[i*32:(i+1)*32]) / 1000
			bound -= logMeanExp(w[i*32:i*32+k]) / 1000
		}
		if math.Abs(loss-bound) > 0.2 { // the loss is of the last minibatches, before averaging
			t.Errorf("importance %d: the loss was %v, the bound is %v", k, loss, bound)
		}
		// One bit, and twelve that are wrong one time in ten.
		truth := math.Ln2 - d*(0.1*math.Log(0.1)+0.9*math.Log(0.9))
		t.Logf("importance %d: %.3f nats, truth %.3f, independent %.3f", k, nats, truth, d*math.Ln2)
		if nats < truth-0.35 || nats > truth+0.5 {
			t.Errorf("importance %d: %v nats, the truth is %v", k, nats, truth)
		}
	}
}

// A Bernoulli decoder begins at the frequencies of the columns.
func TestInitKnowsFrequencies(t *testing.T) {
	data := &surprisal.Batch{Space: bits(2), Columns: []surprisal.Column{surprisal.Values[uint8]{1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0}}}
	m := build(t, bits(2), vae.Defaults(bits(2), 8), ref.New())
	if err := m.Init(1, data); err != nil {
		t.Fatal(err)
	}
	for j, got := range m.State().Must("decoder/out/b").F32() {
		want := math.Log([]float64{8.0 / 2, 2.0 / 8}[j]) // 7 and 1 ones of 8, and one of each kind
		if math.Abs(float64(got)-want) > 1e-6 {
			t.Errorf("column %d: log-odds %v, want %v", j, got, want)
		}
	}
}

// The sum over all events of the importance-weighted estimate is 1: it is
// unbiased for p(x), and p is a mass.
func TestMassSumsToOne(t *testing.T) {
	const d, k = 5, 64
	train := stripes(200, d)
	c := vae.Defaults(train.Space, 200)
	c.Hidden, c.Latent, c.LearningRate = []int{8}, 2, 0.01
	m := build(t, train.Space, c, ref.New())
	fit(t, m, train, ref.New(), 60)
	var all surprisal.Values[uint8]
	for i := range 1 << d {
		for j := range d {
			all = append(all, uint8(i>>j&1))
		}
	}
	w := logWeights(t, m, &surprisal.Batch{Space: train.Space, Columns: []surprisal.Column{all}}, k, 1)
	sum := 0.0
	for i := range 1 << d {
		sum += math.Exp(logMeanExp(w[i*k : (i+1)*k]))
	}
	if math.Abs(sum-1) > 0.02 {
		t.Errorf("masses sum to %v", sum)
	}
}

func TestDequantized(t *testing.T) {
	space := &surprisal.Space{Fields: []surprisal.Field{
		{Name: "age", Kind: surprisal.Grid, Low: 10, Step: 0.5},
		{Name: "sex", Kind: surprisal.Binary},
		{Name: "weight"},
	}}
	r := surprisal.Key(1).Rand()
	var age, weight surprisal.Values[float64]
	var sex surprisal.Values[uint8]
	for range 500 {
		a := float64(r.IntN(40))
		age = append(age, 10+a/2)
		sex = append(sex, uint8(r.IntN(2)))
		weight = append(weight, 70+a+r.NormFloat64())
	}
	b := &surprisal.Batch{Space: space, Columns: []surprisal.Column{age, sex, weight}}
	c := vae.Defaults(space, 500)
	c.LearningRate = 0.01
	m := build(t, space, c, ref.New())
	if _, is := m.(*vae.Dequantized); !is {
		t.Fatalf("a mixed space gives a %T", m)
	}
	first, last := fit(t, m, b, ref.New(), 200)
	t.Logf("bound %.3f to %.3f", first, last)
	if last > first-0.5 {
		t.Errorf("the loss went from %v to %v", first, last)
	}
	// The loss and the weights speak of the same raw events.
	if nats := -mean(logWeights(t, m, b, 1, 5)); math.Abs(nats-last) > 0.3 {
		t.Errorf("the bound is %v nats, the loss was %v", nats, last)
	}
	s, err := m.Sample(50, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Space = space
	if err := s.Validate(); err != nil {
		t.Errorf("samples: %v", err)
	}
}

// Every parameter has a gradient that is not all zero.
func TestGradientReachesEveryParameter(t *testing.T) {
	for _, space := range []*surprisal.Space{reals(4), bits(4)} {
		r := surprisal.Key(1).Rand()
		rows := make(surprisal.Values[float64], 4*20)
		for i := range rows {
			rows[i] = float64(r.IntN(2))
		}
		train := &surprisal.Batch{Space: space, Columns: []surprisal.Column{rows}}
		c := vae.Defaults(space, 20)
		c.Importance, c.Activation = 3, "silu"
		m := build(t, space, c, ref.New())
		if err := m.Init(1, train); err != nil {
			t.Fatal(err)
		}
		o, err := m.Objective()
		if err != nil {
			t.Fatal(err)
		}
		p := o.Phases[0]
		plan, err := ref.New().Compile(graph.Grad(p.Loss, p.Params...))
		if err != nil {
			t.Fatal(err)
		}
		feeds := graph.Feeds{}
		if err := p.Feed(feeds, train, 1); err != nil {
			t.Fatal(err)
		}
		p.Optimizer.Feed(feeds, 0)
		out, err := plan.Run(context.Background(), feeds, o.Store)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for i, g := range out {
			n += g.Size()
			for j, v := range g.Float64s() {
				if v == 0 || math.IsNaN(v) {
					t.Errorf("gradient of %s at %d is %v", p.Params[i].Attr().Name, j, v)
				}
			}
		}
		if n != m.NumParams() {
			t.Errorf("the objective moves %d scalars of %d", n, m.NumParams())
		}
	}
}

// Copying the state into a fresh model restores it.
func TestStateRestores(t *testing.T) {
	m, _ := solved(t, 0.1)
	x, err := m.Sample(10, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := vae.Defaults(reals(3), 100)
	c.Hidden, c.Latent = nil, 2
	other := build(t, reals(3), c, ref.New())
	for name, from := range m.State().All() {
		set(other, name, from.Float64s()...)
	}
	if got, want := logWeights(t, other, x, 2, 1), logWeights(t, m, x, 2, 1); !slices.Equal(got, want) {
		t.Errorf("weights are %v, want %v", got, want)
	}
}

func TestBadInput(t *testing.T) {
	c := vae.Defaults(reals(3), 100)
	m := build(t, reals(3), c, ref.New())
	wrong := &surprisal.Batch{Space: reals(2), Columns: []surprisal.Column{surprisal.Values[float64]{1, 2}}}
	if err := m.LogWeights(make([]float64, 1), wrong, 1, 1); err == nil || !strings.Contains(err.Error(), "2 dims") {
		t.Errorf("events of 2 dims: error %v", err)
	}
	if err := m.Init(1, &surprisal.Batch{Space: reals(3), Columns: []surprisal.Column{surprisal.Values[float64]{}}}); err == nil {
		t.Error("no training events: no error")
	}
	for want, change := range map[string]func(*vae.Config){
		"latent 0":           func(c *vae.Config) { c.Latent = 0 },
		"hidden [0]":         func(c *vae.Config) { c.Hidden = []int{0} },
		"activation":         func(c *vae.Config) { c.Activation = "gulu" },
		"learning rate":      func(c *vae.Config) { c.LearningRate = math.NaN() },
		"min_sd 0":           func(c *vae.Config) { c.MinSD = 0 },
		"importance 0: want": func(c *vae.Config) { c.Importance = 0 },
	} {
		c := vae.Defaults(reals(3), 100)
		change(c)
		if _, err := vae.New(reals(3), c, ref.New()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
}

// The float32 engine agrees with the oracle, and its bits do not depend on
// threads.
func TestEngines(t *testing.T) {
	data := stripes(400, 20)
	c := vae.Defaults(data.Space, 400)
	oracle := build(t, data.Space, c, ref.New())
	var all [][]float64
	for _, threads := range []int{1, 2, 4} {
		exec := cpu.New(cpu.Options{Threads: threads})
		defer exec.Close()
		m := build(t, data.Space, c, exec)
		fit(t, m, data, exec, 40)
		all = append(all, logWeights(t, m, data, 5, 1))
		for name, from := range m.State().All() {
			set(oracle, name, from.Float64s()...)
		}
	}
	for i, want := range logWeights(t, oracle, data, 5, 1) {
		if got := all[0][i]; math.Abs(got-want) > 1e-3 || all[1][i] != got || all[2][i] != got {
			t.Fatalf("weight %d is %v, %v and %v on 1, 2 and 4 threads, %v by the oracle", i, got, all[1][i], all[2][i], want)
		}
	}
}

// Far events have very negative weights, or −Inf, and never NaN.
func TestFarEvents(t *testing.T) {
	m, _ := solved(t, 0.1)
	for _, far := range []float64{1e3, 1e8, 1e12, 1e40, 1e150, 1e308} {
		x := &surprisal.Batch{Space: reals(3), Columns: []surprisal.Column{surprisal.Values[float64]{0, -far, far}}}
		for _, w := range logWeights(t, m, x, 3, 1) {
			if math.IsNaN(w) || w > -100 || far > 1e10 && !math.IsInf(w, -1) {
				t.Errorf("at %v a log weight is %v", far, w)
			}
		}
	}
}
