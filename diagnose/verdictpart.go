package diagnose

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/surprisal-go/surprisal/internal/digits"
)

// readBaseline compares with independent marginals, on all events or, where the
// model is better there, on parts of them.
func (f Findings) readBaseline(v *verdicts) {
	if f.stuck() {
		return
	}
	if b := f.Baseline; b != nil && f.Test.Nats-b.Nats > 3*math.Hypot(f.Test.StdErr, b.StdErr) {
		v.say(WorseThanBaseline, "train longer or with another learning rate; if it stays, use the marginals", "test nats %s, independent marginals %s", f.Test, b)
		return
	}
	var lost []Slice
	for _, s := range f.Slices {
		if s.Lost {
			lost = append(lost, s)
		}
	}
	// A value says more than a cluster.
	slices.SortStableFunc(lost, func(a, b Slice) int {
		return cmp.Compare(strings.Count(a.By, ByCluster), strings.Count(b.By, ByCluster))
	})
	for _, s := range lost[:min(named, len(lost))] {
		evidence := fmt.Sprintf("%s (%s): independent marginals save %s nats over the model there", s.Name, digits.Counted(s.Events, "event"), measured(-s.Saving, s.StdErr))
		if s.Allowed > trifle {
			evidence += fmt.Sprintf(", of which the truth might lose %.2g", s.Allowed)
		}
		v.say(MissedSlice, "look at these events: errors in the data, or a pattern that the training events lack", "%s", evidence)
	}
}

func (f Findings) readShifts(v *verdicts) {
	if f.stuck() {
		return
	}
	said := 0
	for _, s := range f.Shifts {
		if !s.Seen || said == named {
			continue
		}
		said++
		evidence := fmt.Sprintf("%s: %s test events where %s are expected; with the validation events as the measure they add %s nats", s.Where, digits.Count(s.Test), rounded(s.Expected), measured(s.Extra, s.StdErr))
		switch {
		case s.Where == "":
			evidence = fmt.Sprintf("over all test events %s costs %s nats more than over the validation events, counted above their mean", cmp.Or(s.Of, "an event"), measured(s.Extra, s.StdErr))
		case s.Of != "":
			evidence += " to " + s.Of + " of every test event"
		default:
			evidence += " to every test event"
		}
		v.say(ShiftedSlice, "look at these test events: errors in the data, or a change since the training events", "%s", evidence)
	}
}
