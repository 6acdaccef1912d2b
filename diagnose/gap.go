package diagnose

import (
	"math"

	"github.com/surprisal-go/surprisal"
)

// Gap is by how many nats an event one split costs more than another, and its
// standard error, for events of the two that do not depend on each other.
type Gap struct {
	// Of names the splits, as in "valid − train".
	Of     string
	Nats   float64
	StdErr float64 // NaN where a split has one event
}

// String is the gap with its error, as in "valid − train 0.48 ± 0.11 nats".
func (g Gap) String() string { return g.Of + " " + measured(g.Nats, g.StdErr) + " nats" }

// Gaps are validation − train and test − validation, or test − train where there
// is no validation; those of splits with events of probability zero are left
// out.
func (f Findings) Gaps() (out []Gap) {
	add := func(of string, a, b surprisal.Likelihood) {
		if a.Infinite+b.Infinite == 0 {
			out = append(out, Gap{of, a.Nats - b.Nats, math.Hypot(a.StdErr, b.StdErr)})
		}
	}
	if f.Valid == nil {
		add("test − train", f.Test, f.Train)
		return out
	}
	add("valid − train", *f.Valid, f.Train)
	add("test − valid", f.Test, *f.Valid)
	return out
}
