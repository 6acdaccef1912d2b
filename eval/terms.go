package eval

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/digits"
)

// Mean is an average over events and its standard error, in nats: NaN where no
// event, or a single one, is finite; of terms, +Inf where one is.
type Mean struct {
	Nats, StdErr float64
	// Clusters is the number of what the error takes as independent.
	Clusters int
}

// mean is what m is of.
func (m mean) mean() Mean { return Mean{m.value, m.stdErr, m.clusters.len()} }

// Clear reports whether the mean is beyond noise: its 95% interval, Student's for
// that many clusters, leaves out 0. Where the error is not known, it is not.
func (m Mean) Clear() bool {
	return math.Abs(m.Nats) > half([]part{{m.StdErr * m.StdErr, float64(m.Clusters - 1)}}, level)
}

// Round is as in "1.25 ± 0.03" for two decimals, with a question mark for what is
// not known.
func (m Mean) Round(decimals int) string {
	if math.IsInf(m.Nats, 1) {
		return "∞"
	}
	return digits.Fixed(m.Nats, decimals) + " ± " + digits.Fixed(m.StdErr, decimals)
}

// String rounds to two digits.
func (m Mean) String() string { return m.Round(2) }

// MarshalJSON writes what is not known as null.
func (m Mean) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Nats   *float64 `json:"nats"`
		StdErr *float64 `json:"stderr"`
	}{finite(m.Nats), finite(m.StdErr)})
}

// Terms are the two parts of an evidence lower bound, as nats: the bound is
// their sum. Reconstruction is −log p(x | z), what the event costs once its
// latent is known; KL is what the latent costs. A KL near zero is a posterior
// that has collapsed onto the prior: the latent says nothing.
type Terms struct {
	Reconstruction Mean `json:"reconstruction"`
	KL             Mean `json:"kl"`
}

// SplitELBO averages the terms of the evidence lower bound over events, by one
// draw of the latent each. Of the options it uses the key and the chunk.
func SplitELBO(ctx context.Context, model surprisal.Evidence, b *surprisal.Batch, o Options) (Terms, error) {
	return SplitELBOBatches(ctx, model, oneBatch(b), o)
}

// SplitELBOBatches is [SplitELBO] of events that come in batches, as
// [ScoreBatches] takes them.
func SplitELBOBatches(ctx context.Context, model surprisal.Evidence, batches iter.Seq2[*surprisal.Batch, error], o Options) (Terms, error) {
	o, err := Options{Key: o.Key, Chunk: o.Chunk, Samples: 1, Bound: ELBO}.withDefaults()
	if err != nil {
		return Terms{}, fmt.Errorf("splitting the bound: %w", err)
	}
	var recon, kl []float64
	buf := make([]float64, o.Chunk)
	c := collector{model: model, o: o}
	c.bound = func(dst, _ []float64, x *surprisal.Batch) error {
		cost := buf[:len(dst)]
		if err := model.Terms(dst, cost, x, o.Key); err != nil {
			return err
		}
		for i, v := range dst {
			if math.IsNaN(v) || math.IsNaN(cost[i]) || cost[i] < -1e-3 {
				return fmt.Errorf("event %d has log p(x | z) = %g and KL = %g: this is a fault of the model", len(recon), v, cost[i])
			}
			recon, kl = append(recon, 0-v), append(kl, cost[i])
			dst[i] = v - cost[i]
		}
		return nil
	}
	s, err := c.all(ctx, batches)
	if err != nil {
		return Terms{}, fmt.Errorf("splitting the bound: %w", err)
	}
	return Terms{meanTerm(recon, s), meanTerm(kl, s)}, nil
}

func meanTerm(x []float64, s Scores) Mean {
	for i, v := range x {
		if math.IsInf(v, 1) && (s.Weight == nil || s.Weight[i] > 0) {
			return Mean{Nats: math.Inf(1), StdErr: math.NaN()}
		}
	}
	return meanOf(s.sample(x).finite()).mean()
}
