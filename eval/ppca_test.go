package eval_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// ppca is probabilistic principal component analysis (Tipping and Bishop 1999):
// x = W·z + σ·e with z ~ N(0, I) of 10 dims, so that log p(x) and the posterior
// are known. Its encoder is off on purpose: the posterior's mean is moved, and
// its standard deviations are scaled.
type ppca struct {
	w           *mat.Dense // D × Z
	sigma       float64
	move, scale float64

	marginal  mat.Cholesky // of W·Wᵀ + σ²I
	posterior mat.Dense    // of the mean: Z × D
	root      mat.TriDense // lower factor of the posterior's covariance
}

const ppcaDims, ppcaLatent = 14, 10

func newPPCA(move, scale float64) *ppca {
	r := surprisal.Key(17).Rand()
	p := &ppca{w: mat.NewDense(ppcaDims, ppcaLatent, nil), sigma: 0.7, move: move, scale: scale}
	for i := range ppcaDims {
		for j := range ppcaLatent {
			p.w.Set(i, j, 0.6*fmath.Normal(r))
		}
	}
	cov := mat.NewSymDense(ppcaDims, nil)
	precision := mat.NewSymDense(ppcaLatent, nil)
	var wwt, wtw mat.Dense
	wwt.Mul(p.w, p.w.T())
	wtw.Mul(p.w.T(), p.w)
	for i := range ppcaDims {
		for j := range i + 1 {
			cov.SetSym(i, j, wwt.At(i, j))
		}
		cov.SetSym(i, i, wwt.At(i, i)+p.sigma*p.sigma)
	}
	for i := range ppcaLatent {
		for j := range i + 1 {
			precision.SetSym(i, j, wtw.At(i, j)/(p.sigma*p.sigma))
		}
		precision.SetSym(i, i, precision.At(i, i)+1)
	}
	var pc, qc mat.Cholesky
	var inverse mat.SymDense
	if !p.marginal.Factorize(cov) || !pc.Factorize(precision) || pc.InverseTo(&inverse) != nil || !qc.Factorize(&inverse) {
		panic("the test's model is singular")
	}
	p.posterior.Mul(&inverse, p.w.T())
	p.posterior.Scale(1/(p.sigma*p.sigma), &p.posterior)
	qc.LTo(&p.root)
	return p
}

func ppcaSpace() *surprisal.Space {
	return &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Kind: surprisal.Real, Shape: []int{ppcaDims}}}}
}

// draw draws n events and their latents.
func (p *ppca) draw(n int, key surprisal.Key) (*surprisal.Batch, []float64) {
	x, z := make(surprisal.Values[float64], 0, n*ppcaDims), make([]float64, 0, n*ppcaLatent)
	r := key.Rand()
	for range n {
		row := make([]float64, ppcaLatent)
		for j := range row {
			row[j] = fmath.Normal(r)
		}
		for i := range ppcaDims {
			v := p.sigma * fmath.Normal(r)
			for j, zj := range row {
				v += p.w.At(i, j) * zj
			}
			x = append(x, v)
		}
		z = append(z, row...)
	}
	return &surprisal.Batch{Space: ppcaSpace(), Columns: []surprisal.Column{x}}, z
}

func (p *ppca) LogProb(dst []float64, x *surprisal.Batch) error {
	rows := make([]float64, len(dst)*ppcaDims)
	x.Float64s(rows, 0)
	for i := range dst {
		v, s := mat.NewVecDense(ppcaDims, rows[i*ppcaDims:(i+1)*ppcaDims]), mat.NewVecDense(ppcaDims, nil)
		if err := p.marginal.SolveVecTo(s, v); err != nil {
			return err
		}
		dst[i] = -(mat.Dot(v, s) + p.marginal.LogDet() + ppcaDims*math.Log(2*math.Pi)) / 2
	}
	return nil
}

// LogJoint writes log p(x, z) for latents z (N × Z).
func (p *ppca) LogJoint(dst, z []float64, x *surprisal.Batch) error {
	rows := make([]float64, len(dst)*ppcaDims)
	x.Float64s(rows, 0)
	for n := range dst {
		zs, sum := z[n*ppcaLatent:(n+1)*ppcaLatent], 0.0
		for _, v := range zs {
			sum -= v*v/2 + math.Log(2*math.Pi)/2
		}
		for i := range ppcaDims {
			e := rows[n*ppcaDims+i]
			for j, zj := range zs {
				e -= p.w.At(i, j) * zj
			}
			sum -= e*e/(2*p.sigma*p.sigma) + math.Log(p.sigma) + math.Log(2*math.Pi)/2
		}
		dst[n] = sum
	}
	return nil
}

func (p *ppca) LogWeights(dst []float64, x *surprisal.Batch, k int, key surprisal.Key) error {
	rows := make([]float64, x.Len()*ppcaDims)
	x.Float64s(rows, 0)
	logDet := 0.0
	for j := range ppcaLatent {
		logDet += math.Log(p.scale * p.root.At(j, j))
	}
	z, joint := make([]float64, ppcaLatent), make([]float64, 1)
	var mean mat.VecDense
	for n := range x.Len() {
		mean.MulVec(&p.posterior, mat.NewVecDense(ppcaDims, rows[n*ppcaDims:(n+1)*ppcaDims]))
		r, one := key.Fold(x.ID(n)).Rand(), x.Slice(n, n+1)
		for c := range k {
			logQ := -logDet - ppcaLatent*math.Log(2*math.Pi)/2
			e := make([]float64, ppcaLatent)
			for j := range e {
				e[j] = fmath.Normal(r)
				logQ -= e[j] * e[j] / 2
			}
			for j := range z {
				z[j] = mean.AtVec(j) + p.move*p.root.At(j, j)
				for l := range j + 1 {
					z[j] += p.scale * p.root.At(j, l) * e[l]
				}
			}
			if err := p.LogJoint(joint, z, one); err != nil {
				return err
			}
			dst[n*k+c] = joint[0] - logQ
		}
	}
	return nil
}

// TestBoundsOfPPCA holds ELBO ≤ IW-K ≤ exact in expectation for encoders that
// are 0.5 to 2 nats off, and IW within 0.05 nats at K = 1,000.
func TestBoundsOfPPCA(t *testing.T) {
	n := 200
	if testing.Short() {
		n = 40
	}
	for _, c := range []struct{ move, scale float64 }{{0.3, 1}, {0.4, 1.05}, {0, 0.7}} {
		p := newPPCA(c.move, c.scale)
		b, _ := p.draw(n, 5)
		exact := score(t, p, b, eval.Options{})
		got, err := eval.Tighten(t.Context(), p, b, "ppca", "test", []int{1000, 10, 100}, eval.Options{Key: 9})
		if err != nil {
			t.Fatal(err)
		}
		truth := exact.Likelihood("ppca", "test")
		off := got.ELBO.Nats - truth.Nats
		t.Logf("encoder %+v: exact %.3f, ELBO +%.3f, IW-10 +%.3f, IW-100 +%.3f, IW-1000 +%.4f; median k̂ %.2f; %s", c, truth.Nats, off,
			got.IW[0].Nats-truth.Nats, got.IW[1].Nats-truth.Nats, got.IW[2].Nats-truth.Nats, median(got.Scores), got.Verdict())
		if off < 0.3 || off > 2.5 {
			t.Errorf("encoder %+v is %.2f nats off, want 0.5 to 2", c, off)
		}
		last := got.ELBO.Nats
		for _, l := range got.IW {
			if l.Nats > last {
				t.Errorf("IW-%d has %.4f nats, more than %.4f of fewer draws", l.Samples, l.Nats, last)
			}
			if l.Kind != surprisal.LowerBound {
				t.Errorf("IW-%d is %s", l.Samples, l.Kind)
			}
			last = l.Nats
		}
		near(t, "IW-1000", last, truth.Nats, 0.05)
		if noise := 0.02; last < truth.Nats-noise {
			t.Errorf("IW-1000 has %.4f nats, fewer than the truth's %.4f", last, truth.Nats)
		}
	}
}

// TestTightenWarnsOfHeavyWeights: an encoder far too narrow has weights of
// infinite variance, and the bound says so.
func TestTightenWarnsOfHeavyWeights(t *testing.T) {
	b, _ := newPPCA(0, 1).draw(30, 5)
	got, err := eval.Tighten(t.Context(), newPPCA(0, 0.4), b, "ppca", "test", []int{500}, eval.Options{Key: 9})
	if err != nil {
		t.Fatal(err)
	}
	if last := got.IW[0]; !(heavy(got.Scores) > 0.5) || len(last.Warnings) == 0 {
		t.Errorf("heavy weights: share %g, warnings %q", heavy(got.Scores), last.Warnings)
	}
	// The scores take the warning with them into whatever keeps them.
	if w := strings.Join(got.Scores.Likelihood("ppca", "test").Warnings, "\n"); !strings.Contains(w, "Pareto") {
		t.Errorf("the scores warn %q, want a word of the weights", w)
	}
	good, err := eval.Tighten(t.Context(), newPPCA(0, 1.1), b, "ppca", "test", []int{500}, eval.Options{Key: 9})
	if err != nil {
		t.Fatal(err)
	}
	if h := heavy(good.Scores); h > 0.05 {
		t.Errorf("light weights: share %g is called heavy", h)
	}
}

func heavy(s eval.Scores) float64 { t, _ := s.Tails(); return t.Heavy }

func median(s eval.Scores) float64 { t, _ := s.Tails(); return t.Median }

// TestScoresKnowTheirTails: a plain score of a bound has the shapes and the
// warning of the tightness by as many draws; other numbers have none.
func TestScoresKnowTheirTails(t *testing.T) {
	p := newPPCA(0, 0.4)
	b, _ := p.draw(30, 5)
	tight, err := eval.Tighten(t.Context(), p, b, "ppca", "test", []int{100}, eval.Options{Key: 9})
	if err != nil {
		t.Fatal(err)
	}
	s := score(t, onlyBound{p}, b, eval.Options{Samples: 100, Key: 9, Chunk: 7})
	if diff := cmp.Diff(tight.Scores.Shape, s.Shape); diff != "" || len(s.Shape) != 30 {
		t.Errorf("shapes (-tighten +score):\n%s", diff)
	}
	if diff := cmp.Diff(tight.IW[0].Warnings, s.Likelihood("ppca", "test").Warnings); diff != "" || heavy(s) < 0.5 {
		t.Errorf("warnings (-tighten +score):\n%s", diff)
	}
	for name, o := range map[string]eval.Options{"few draws": {Samples: 20}, "evidence": {Samples: 100, Bound: eval.ELBO}} {
		if s := score(t, onlyBound{p}, b, o); s.Shape != nil {
			t.Errorf("%s: shapes %v", name, s.Shape)
		}
	}
	if s := score(t, p, b, eval.Options{}); s.Shape != nil {
		t.Errorf("exact nats have shapes of weights %v", s.Shape)
	}
}

// onlyBound hides that a model is exact.
type onlyBound struct{ ppca *ppca }

func (b onlyBound) LogWeights(dst []float64, x *surprisal.Batch, k int, key surprisal.Key) error {
	return b.ppca.LogWeights(dst, x, k, key)
}

func TestTightenRefuses(t *testing.T) {
	b, _ := newPPCA(0, 1).draw(3, 5)
	for _, ks := range [][]int{nil, {0}, {10, -1}} {
		_, err := eval.Tighten(t.Context(), newPPCA(0, 1), b, "ppca", "test", ks, eval.Options{})
		wantError(t, err, "numbers of draws")
	}
}
