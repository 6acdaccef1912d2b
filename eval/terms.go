package eval

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/surprisal-go/surprisal"
)

// Mean is an average over events and its standard error, in nats: NaN where no
// event, or a single one, is finite.
type Mean struct{ Nats, StdErr float64 }

// Round is as in "1.25 ± 0.03" for two digits, with a question mark for what is
// not known.
func (m Mean) Round(digits int) string {
	return known(digits, m.Nats) + " ± " + known(digits, m.StdErr)
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

// known formats a number, and NaN as a question mark.
func known(digits int, v float64) string {
	if math.IsNaN(v) {
		return "?"
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
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
// draw of the latent each. o.Samples and o.Bound are not used.
func SplitELBO(ctx context.Context, model surprisal.Evidence, b *surprisal.Batch, o Options) (Terms, error) {
	o, err := o.withDefaults()
	if err == nil {
		err = checkEvents(model, b)
	}
	if err != nil {
		return Terms{}, fmt.Errorf("splitting the bound: %w", err)
	}
	recon, kl := make([]float64, b.Len()), make([]float64, b.Len())
	err = eachChunk(ctx, whole(b), o, func(lo, hi int) error {
		return model.Terms(recon[lo:hi], kl[lo:hi], b.Slice(lo, hi), o.Key)
	})
	if err != nil {
		return Terms{}, err
	}
	for i, v := range recon {
		if math.IsNaN(v) || math.IsNaN(kl[i]) || kl[i] < -1e-3 {
			return Terms{}, fmt.Errorf("splitting the bound: event %d has log p(x | z) = %g and KL = %g: this is a fault of the model", i, v, kl[i])
		}
		recon[i] = 0 - v
	}
	return Terms{meanTerm(recon, b), meanTerm(kl, b)}, nil
}

func meanTerm(x []float64, b *surprisal.Batch) Mean {
	m := meanOf(sample{x, b.Weight, b.Group, b.Ordered}.finite())
	return Mean{m.value, m.stdErr}
}
