package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/surprisal-go/surprisal"
)

// Diff is a difference of mean nats with its standard error.
type Diff struct {
	Nats   float64 `json:"nats"`
	StdErr float64 `json:"stderr"`
}

// Row is one model on the board.
type Row struct {
	// Model names the model: its family, or its run.
	Model string `json:"model"`
	// Test is how well it predicts the test events.
	Test surprisal.Likelihood `json:"test"`
	// Gap is test − train nats, what was memorised rather than learned; nil if
	// not measured. See [Gap].
	Gap *Diff `json:"gap,omitempty"`
	// Excess is the nats above the true entropy, paired event by event; nil
	// where the truth is not known.
	Excess *Diff `json:"excess,omitempty"`
	// Behind is the paired difference to the best row, positive if worse; nil
	// for the best row and where it could not be measured.
	Behind *Diff `json:"behind,omitempty"`
	// Tie says that Behind may be noise.
	Tie bool `json:"tie"`
	// Params is the number of trained parameters.
	Params int `json:"params"`
	// Seconds that training took.
	Seconds float64 `json:"seconds"`
	// Run is the folder of the run.
	Run string `json:"run,omitempty"`
}

// Failure is a family that is not on the board, and why.
type Failure struct {
	Model string `json:"model"`
	Why   string `json:"why"`
}

// Board is the models on one set, best first.
type Board struct {
	Data    surprisal.DataRef `json:"data"`
	Split   string            `json:"split"`
	N       int               `json:"n"`
	Dims    float64           `json:"dims"`
	Measure surprisal.Measure `json:"measure"`
	// Entropy is the true entropy in nats an event, where it is known.
	Entropy *float64  `json:"entropy,omitempty"`
	Rows    []Row     `json:"rows"`
	Missing []Failure `json:"missing,omitempty"`
}

// Compare is the paired difference b − a in mean nats on the same events, and
// whether it may be noise.
type Compare func(a, b Row) (diff Diff, noise bool, err error)

// New sorts the rows, best first, and measures every row against the best. All
// rows must be about the same events under the same measure: others are an
// error of kind [surprisal.ErrNotComparable]. A nil compare leaves the paired
// differences out.
//
// The best is the least nats that are known to be reached: those of an exact
// likelihood or of a lower bound on log p. Estimates and upper bounds take
// their place in the order and are never the best.
func New(rows []Row, compare Compare) (*Board, error) {
	if len(rows) == 0 {
		return nil, fmt.Errorf("no models to put on the board")
	}
	first := rows[0].Test
	for _, r := range rows[1:] {
		if err := first.Comparable(r.Test); err != nil {
			return nil, fmt.Errorf("%s and %s on one board: %w", rows[0].Model, r.Model, err)
		}
	}
	b := &Board{Data: first.Data, Split: first.Split, N: first.N, Dims: first.Dims, Measure: first.Measure, Rows: slices.Clone(rows)}
	slices.SortStableFunc(b.Rows, byNats)
	best, ok := b.Best()
	if !ok || compare == nil {
		return b, nil
	}
	for i := range b.Rows {
		r := &b.Rows[i]
		if i == best || r.Test.Infinite > 0 {
			continue
		}
		d, noise, err := compare(b.Rows[best], *r)
		if err != nil {
			return nil, fmt.Errorf("comparing %s with %s: %w", b.Rows[best].Model, r.Model, err)
		}
		r.Behind, r.Tie = &d, noise
	}
	return b, nil
}

// byNats orders by nats, those with events of probability zero last, and among
// these by the number of such events.
func byNats(a, b Row) int {
	if a.Test.Infinite != b.Test.Infinite {
		return a.Test.Infinite - b.Test.Infinite
	}
	switch x, y := a.Test.Nats, b.Test.Nats; {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return strings.Compare(a.Model, b.Model)
}

// Best is the index of the best row; ok is false if no row is exact or a lower
// bound with finite nats.
func (b *Board) Best() (i int, ok bool) {
	i = slices.IndexFunc(b.Rows, func(r Row) bool {
		return r.Test.Infinite == 0 && (r.Test.Kind == surprisal.Exact || r.Test.Kind == surprisal.LowerBound)
	})
	return i, i >= 0
}

// Gap is test − train nats with the error of two independent sets of events;
// nil if either has events of probability zero.
func Gap(test, train surprisal.Likelihood) *Diff {
	if test.Infinite+train.Infinite > 0 {
		return nil
	}
	return &Diff{Nats: test.Nats - train.Nats, StdErr: math.Hypot(test.StdErr, train.StdErr)}
}
