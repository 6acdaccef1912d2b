package baseline

import (
	"fmt"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/prep"
	"github.com/surprisal-go/surprisal/tensor"
)

// vectors is a mixture of normals of standardised events: what Gaussian and
// Mixture share. The state is shift, scale (D each), log_weight (K), mean
// (K × D) and chol (K × D × D, or K × D where diagonal), in units of the
// standardised events.
type vectors struct {
	name   string           // for errors
	space  *surprisal.Space // of reals
	events *surprisal.Space // of the events fitted to: space, or what it is the twin of
	state  tensor.Store
}

// over sets the space and wraps the model if the space has discrete columns.
func (v *vectors) over(space *surprisal.Space, m Model) (Model, error) {
	if err := Fits(space); err != nil {
		return nil, err
	}
	v.space, v.events = space, space
	if space.Continuous() {
		return m, nil
	}
	v.space = prep.ContinuousTwin(space)
	return dequantize(space, m)
}

// Space implements [Model].
func (v *vectors) Space() *surprisal.Space { return v.space }

// State implements [Model].
func (v *vectors) State() *tensor.Store { return &v.state }

// NumParams implements [Model].
func (v *vectors) NumParams() int {
	_, p, err := v.load()
	if err != nil {
		return 0
	}
	return p.numParams()
}

func (v *vectors) save(a *prep.Affine, p *normals) {
	v.state.Merge("", a.State())
	v.state.Set("log_weight", tensor.Of(p.logW, p.k))
	v.state.Set("mean", tensor.Of(p.mean, p.k, p.d))
	if p.full {
		v.state.Set("chol", tensor.Of(p.chol, p.k, p.d, p.d))
	} else {
		v.state.Set("chol", tensor.Of(p.chol, p.k, p.d))
	}
}

// load reads the state, which may come from a file.
func (v *vectors) load() (*prep.Affine, *normals, error) {
	if v.state.Len() == 0 {
		return nil, nil, unfitted(v.name)
	}
	parts := map[string][]float64{}
	for _, name := range []string{"shift", "scale", "log_weight", "mean", "chol"} {
		t, ok := v.state.Get(name)
		data, isF64 := t.Data.([]float64)
		if !ok || !isF64 {
			return nil, nil, fmt.Errorf("%s: its state has no float64 tensor %q", v.name, name)
		}
		parts[name] = data
	}
	a := &prep.Affine{Shift: parts["shift"], Scale: parts["scale"]}
	d, k := v.space.Dims(), len(parts["log_weight"])
	p := &normals{k: k, d: d, logW: parts["log_weight"], mean: parts["mean"], chol: parts["chol"]}
	p.full = len(p.chol) == k*d*d && len(v.state.Must("chol").Shape) == 3
	if k == 0 || len(a.Shift) != d || len(a.Scale) != d || len(p.mean) != k*d || !p.full && len(p.chol) != k*d {
		return nil, nil, fmt.Errorf("%s: its state is of another shape than %d components of %d dims", v.name, k, d)
	}
	p.finish()
	return a, p, nil
}

// LogProb implements [surprisal.Density].
func (v *vectors) LogProb(dst []float64, x *surprisal.Batch) error {
	n, d := x.Len(), v.space.Dims()
	if len(dst) != n {
		panic(fmt.Sprintf("baseline: LogProb of %d events into %d", n, len(dst)))
	}
	if err := feed.CheckSpace(x, v.space); err != nil {
		return fmt.Errorf("%s: %w", v.name, err)
	}
	a, p, err := v.load()
	if err != nil {
		return err
	}
	clear(dst)
	eachChunk(n, 64, func(_, lo, hi int) {
		rows := make([]float64, (hi-lo)*d)
		x.Float64s(rows, lo)
		a.Forward(rows, dst[lo:hi])
		joint, scratch := make([]float64, p.k), make([]float64, d)
		for i := lo; i < hi; i++ {
			p.logJoint(joint, rows[(i-lo)*d:(i-lo+1)*d], scratch)
			dst[i] += fmath.LogSumExp(joint)
		}
	})
	return nil
}

// Sample implements [surprisal.Sampler]. Event i depends on key and i alone.
func (v *vectors) Sample(n int, key surprisal.Key, context *surprisal.Batch) (*surprisal.Batch, error) {
	if context != nil {
		return nil, fmt.Errorf("sampling: a %s takes no context", v.name)
	}
	a, p, err := v.load()
	if err != nil {
		return nil, err
	}
	rows := make([]float64, n*p.d)
	for i := range n {
		p.sample(rows[i*p.d:(i+1)*p.d], key.Fold(uint64(i)).Rand())
	}
	a.Inverse(rows)
	return prep.Pack(v.space, rows), nil
}

// rawOffset is what turns nats in standardised units into nats of raw events:
// Σ log scale − Σ log step.
func (v *vectors) rawOffset(a *prep.Affine) float64 {
	sum := -prep.LogCell(v.events)
	for _, s := range a.Scale {
		sum += fmath.Log(s)
	}
	return sum
}

var _ interface {
	surprisal.Density
	surprisal.Autoregressive
	surprisal.Sampler
} = (*vectors)(nil)
