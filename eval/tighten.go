package eval

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// Tightness is how far a lower bound of log p moves as it gets more draws.
// Every bound holds in expectation, and none of them shows how far the truth
// is: a bound that has stopped moving may be tight, or its draws may all miss.
type Tightness struct {
	// ELBO is the bound of one draw (Likelihood.Samples is 1), the mean of all log
	// weights; IW are the importance-weighted bounds by ascending K
	// (Likelihood.Samples). Likelihood nats are −log p, so these fall with K.
	ELBO surprisal.Likelihood
	IW   []surprisal.Likelihood
	// Gain is what the last K saves over the one before it, paired by event; NaN
	// for a single K.
	Gain Mean
	// Scores are those under the last K, with the shape of its weights.
	Scores Scores
}

// Tighten evaluates the bounds of a model at every K of ks, from the same
// max(ks) draws an event: the bound of a smaller K is the average over as many
// disjoint groups of K as there are, so that its noise is no larger. name and
// split are those of the likelihoods; o.Samples and o.Bound are not used, o.Each
// is told the nats under the last K.
func Tighten(ctx context.Context, model surprisal.Bounded, b *surprisal.Batch, name, split string, ks []int, o Options) (Tightness, error) {
	return tighten(ctx, model, oneBatch(b), b.Len(), name, split, ks, o)
}

// TightenBatches is [Tighten] of events that come in batches, as [ScoreBatches]
// takes them.
func TightenBatches(ctx context.Context, model surprisal.Bounded, batches iter.Seq2[*surprisal.Batch, error], name, split string, ks []int, o Options) (Tightness, error) {
	return tighten(ctx, model, batches, 0, name, split, ks, o)
}

func tighten(ctx context.Context, model surprisal.Bounded, batches iter.Seq2[*surprisal.Batch, error], total int, name, split string, ks []int, o Options) (Tightness, error) {
	ks = slices.Compact(slices.Sorted(slices.Values(ks)))
	if len(ks) == 0 || ks[0] < 1 {
		return Tightness{}, fmt.Errorf("bounds for %v draws: want one or more numbers of draws, each at least 1", ks)
	}
	most := ks[len(ks)-1]
	o.Samples, o.Bound = most, IW
	o, err := o.withDefaults()
	if err != nil {
		return Tightness{}, fmt.Errorf("scoring: %w", err)
	}
	o.Chunk = max(1, min(o.Chunk, draws/most))
	all := append([]int{1}, ks...) // the first is the evidence lower bound
	nats := make([][]float64, len(all))
	buf := make([]float64, o.Chunk*most)
	c := collector{model: model, o: o, total: total}
	c.bound = func(dst, shape []float64, x *surprisal.Batch) error {
		logW := buf[:len(dst)*most]
		if err := model.LogWeights(logW, x, most, o.Key); err != nil {
			return err
		}
		for i := range dst {
			row := logW[i*most:][:most]
			for j, k := range all {
				dst[i] = groupBound(row, k)
				nats[j] = append(nats[j], 0-dst[i])
			}
			if shape != nil {
				shape[i] = ParetoShape(row)
			}
		}
		return nil
	}
	last, err := c.all(ctx, batches)
	if err != nil {
		return Tightness{}, err
	}
	t := Tightness{Scores: last}
	with := func(nats []float64, k int) Scores {
		s := last
		if s.Nats, s.Samples = nats, k; k < most {
			s.Shape, s.NoTails = nil, k >= leastDraws
		}
		return s
	}
	t.ELBO = with(nats[0], 1).Likelihood(name, split)
	var before Scores
	for j, k := range ks {
		s := with(nats[j+1], k)
		t.IW = append(t.IW, s.Likelihood(name, split))
		if k < most {
			before = s
		}
	}
	t.gain(before)
	return t, nil
}

// newBound are scores of lower bounds by k draws.
func newBound(b *surprisal.Batch, k int) Scores {
	s := newScores(b)
	s.Kind, s.Samples = surprisal.LowerBound, k
	return s
}

// groupBound is the mean over disjoint groups of k log weights of their
// log-mean-exp.
func groupBound(logW []float64, k int) float64 {
	groups, sum := len(logW)/k, 0.0
	for g := range groups {
		if k == 1 {
			sum += logW[g]
			continue
		}
		sum += fmath.LogSumExp(logW[g*k : (g+1)*k])
	}
	return sum/float64(groups) - fmath.Log(float64(k))
}

// gain sets how far the last K moved the bound over the one before it, if there
// is one.
func (t *Tightness) gain(before Scores) {
	if before.Nats == nil {
		t.Gain = Mean{Nats: math.NaN(), StdErr: math.NaN()}
		return
	}
	last := t.Scores
	d := last.sample(make([]float64, len(last.Nats)))
	for i, x := range last.Nats {
		if d.x[i] = before.Nats[i] - x; math.IsNaN(d.x[i]) {
			d.x[i] = math.Inf(1) // infinite under both: left out
		}
	}
	t.Gain = meanOf(d.finite()).mean()
}

// Moving reports whether the last K moved the bound by more than noise (see
// [Mean.Clear]).
func (t Tightness) Moving() bool { return t.Gain.Nats > 0 && t.Gain.Clear() }

// Verdict says what the draws have shown, and never that a bound has
// converged: the draws may all miss the same part of the posterior.
func (t Tightness) Verdict() string {
	if len(t.IW) < 2 {
		return "one K shows no movement: give several, as in --samples 16,64,256"
	}
	from, to := t.IW[len(t.IW)-2].Samples, t.IW[len(t.IW)-1].Samples
	if math.IsNaN(t.Gain.Nats) {
		return "nothing shows whether the bound moves: no event has finite nats under both of the last two K"
	}
	if !t.shows() {
		return fmt.Sprintf("K = %d saves %.2g nats over K = %d, and one event does not show whether that is noise", to, t.Gain.Nats, from)
	}
	saved := fmt.Sprintf("K = %d saves %.2g ± %.1g nats over K = %d", to, t.Gain.Nats, t.Gain.StdErr, from)
	if t.Moving() {
		return "still moving: " + saved + "; more draws will tighten it"
	}
	return "not seen to move: " + saved
}

// shows reports whether the events can show a movement.
func (t Tightness) shows() bool { return !math.IsNaN(t.Gain.StdErr) }

// MarshalJSON leaves out what stands event by event.
func (t Tightness) MarshalJSON() ([]byte, error) {
	tails, _ := t.Scores.Tails()
	var moving *bool // null where that cannot be told
	if v := t.Moving(); t.shows() {
		moving = &v
	}
	return json.Marshal(struct {
		ELBO       surprisal.Likelihood   `json:"elbo"`
		IW         []surprisal.Likelihood `json:"iw"`
		Gain       *float64               `json:"gain"`
		GainStdErr *float64               `json:"gain_stderr"`
		Moving     *bool                  `json:"moving"`
		Shape      *float64               `json:"median_pareto_shape"`
		Heavy      *float64               `json:"heavy_share"`
		Verdict    string                 `json:"verdict"`
	}{t.ELBO, t.IW, finite(t.Gain.Nats), finite(t.Gain.StdErr), moving, finite(tails.Median), finite(tails.Heavy), t.Verdict()})
}
