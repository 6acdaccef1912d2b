package report

import (
	"encoding/json"
	"math"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/digits"
)

// Diff is a difference of mean nats with its standard error, NaN where unknown.
type Diff struct {
	Nats   float64
	StdErr float64
}

// String formats the difference with its error, of which two digits are shown,
// as in "0.1490 ± 0.0052".
func (d Diff) String() string {
	n := significant(d.StdErr)
	return digits.Fixed(d.Nats, n) + " ± " + digits.Fixed(d.StdErr, n)
}

// diffJSON has null for what is not finite.
type diffJSON struct {
	Nats   *float64 `json:"nats"`
	StdErr *float64 `json:"stderr"`
}

// MarshalJSON writes numbers that are not finite as null.
func (d Diff) MarshalJSON() ([]byte, error) {
	var j diffJSON
	for _, v := range []struct {
		from float64
		to   **float64
	}{{d.Nats, &j.Nats}, {d.StdErr, &j.StdErr}} {
		if !math.IsNaN(v.from) && !math.IsInf(v.from, 0) {
			*v.to = &v.from
		}
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads null as NaN.
func (d *Diff) UnmarshalJSON(b []byte) error {
	var j diffJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*d = Diff{math.NaN(), math.NaN()}
	if j.Nats != nil {
		d.Nats = *j.Nats
	}
	if j.StdErr != nil {
		d.StdErr = *j.StdErr
	}
	return nil
}

// Gap is test − train nats with the error of two independent sets of events;
// nil if either has events of probability zero.
func Gap(test, train surprisal.Likelihood) *Diff {
	if test.Infinite+train.Infinite > 0 {
		return nil
	}
	return &Diff{Nats: test.Nats - train.Nats, StdErr: math.Hypot(test.StdErr, train.StdErr)}
}

// SetExcess sets the nats above the truth, none where they are infinite. An
// impossible gap becomes a warning.
func (r *Row) SetExcess(g eval.Gap) {
	r.Excess = nil
	if g.Infinite == 0 {
		r.Excess = &Diff{g.Nats, g.StdErr}
	}
	if g.Impossible {
		r.Test.Warnings = append(r.Test.Warnings[:len(r.Test.Warnings):len(r.Test.Warnings)], g.String())
	}
}
