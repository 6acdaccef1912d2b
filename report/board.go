package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
)

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
	// Behind is the paired difference to the best row, positive if worse, Tie
	// says that it may be noise, Verdict what follows, and VerdictWarnings what
	// weakens that; [New] sets them. Nil and empty for the best row and where they
	// could not be measured. Of infinite nats Behind is nil.
	Behind          *Diff    `json:"behind,omitempty"`
	Tie             bool     `json:"tie"`
	Verdict         string   `json:"verdict,omitempty"`
	VerdictWarnings []string `json:"verdict_warnings,omitempty"`
	// Params is the number of trained parameters.
	Params int `json:"params"`
	// Seconds that training took, 0 where that is not known; over seeds the mean.
	Seconds float64 `json:"seconds"`
	// Run is the folder of the run; Runs are those of all seeds, where the row is
	// a family of several.
	Run  string   `json:"run,omitempty"`
	Runs []string `json:"runs,omitempty"`
	// Spread is how the family does over seeds; nil for a single training. See
	// [Row.SetSeeds].
	Spread *eval.Spread `json:"over_seeds,omitempty"`
	// Events holds the nats of every test event, with weights and groups where
	// they have such; its name and likelihood are the row's. Without nats there
	// is no paired difference.
	Events eval.Entry `json:"-"`
	// Seeds are the results of a family's seeds; nil for a single training. They
	// are set by SetSeeds.
	Seeds []eval.Entry `json:"-"`
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
	Entropy *float64 `json:"entropy,omitempty"`
	// Chosen says that the best row was chosen by the very events of the board,
	// which makes its nats a little too few; empty where there was no choice.
	Chosen  string    `json:"chosen,omitempty"`
	Rows    []Row     `json:"rows"`
	Missing []Failure `json:"missing,omitempty"`
}

// New sorts the rows, best first, and compares every row with the best, paired
// event by event, with p-values corrected for the number of rows. All rows must
// be about the same events under the same measure: others are an error of kind
// [surprisal.ErrNotComparable]. The key is for resampling, see [eval.Compare].
//
// The best is the least nats that are known to be reached: those of an exact
// likelihood or of a lower bound on log p. Estimates and upper bounds take
// their place in the order and are never the best.
func New(rows []Row, key surprisal.Key) (*Board, error) {
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
	if _, ok := b.Best(); ok {
		if len(rows) > 1 {
			b.Chosen = fmt.Sprintf("best of %d by these very events: on fresh ones it may take more nats", len(rows))
		}
		if err := b.compare(key); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// compare measures the rows against the best.
func (b *Board) compare(key surprisal.Key) error {
	at, all, err := b.against(key)
	if err != nil {
		return err
	}
	for j, c := range all {
		r := &b.Rows[at[j]]
		r.Tie, r.Verdict, r.VerdictWarnings = c.Noise(), c.verdict, c.warnings
		if r.Test.Infinite == 0 {
			r.Behind = &Diff{c.Nats, c.StdErr}
		}
	}
	return nil
}

// Entry is the row as [eval.Compare] takes it.
func (r Row) Entry() eval.Entry {
	e := r.Events
	e.Name, e.Likelihood = r.Model, r.Test
	return e
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
