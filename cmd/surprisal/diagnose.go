package main

import (
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/diagnose"
)

func (a *app) diagnoseVerb() *cobra.Command {
	var within time.Duration
	cmd := &cobra.Command{
		Use:   "diagnose RUN",
		Short: "what may be wrong with a model or its data, with evidence",
		Long: `Look for what may be wrong with a run, in its model or in its data, and print what
was measured and the verdicts that follow, each with its evidence and what to try.
Parts of the test events (by label, cluster or a feature's value) are compared with
independent marginals and with the same parts of the validation events: a fault that
is in all splits alike is no shift. Where a model does not factor over columns each
is looked at by what events would cost with other values in its place, if there are
few enough. A fresh model is trained on 100 events, without regularisation, to see
whether it can learn them by heart; where it cannot, a wider one and a longer training
tell whether what it can express or how it is trained is the limit.

The verdicts are: ` + verdictNames() + `. docs/diagnose.md says when each is given.`,
		Example: `  surprisal diagnose runs/made
  surprisal diagnose runs/vae --time 2m --json`,
		Args: want("RUN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, t, err := a.openRun(args[0])
			if err != nil {
				return err
			}
			f, err := l.findings(cmd.Context(), t, within)
			if err != nil {
				return err
			}
			if l.json {
				return l.printJSON(f.asJSON(args[0]))
			}
			l.printFindings(f)
			return nil
		},
	}
	cmd.Flags().DurationVar(&within, "time", time.Minute, "longest `TIME` of all trainings of 100 events together; 0 leaves them out")
	return cmd
}

// verdictNames are all that the verb may say.
func verdictNames() string {
	var all []string
	for _, n := range diagnose.Names() {
		all = append(all, string(n))
	}
	return strings.Join(all, ", ")
}

// diagnosis is what the verb prints as JSON.
type diagnosis struct {
	Run   string                `json:"run"`
	Train surprisal.Likelihood  `json:"train"`
	Valid *surprisal.Likelihood `json:"valid,omitempty"`
	Test  surprisal.Likelihood  `json:"test"`
	// Baseline is the test likelihood of independent marginals.
	Baseline *surprisal.Likelihood `json:"baseline"`
	Gaps     []diagnose.Gap        `json:"gaps"`
	Floor    *diagnose.Floor       `json:"floor,omitempty"`
	Trend    diagnose.Trend        `json:"trend"`
	Memory   *diagnose.Memory      `json:"memory,omitempty"`
	Exempt   string                `json:"exempt,omitempty"` // from the test of memory: why
	Health   *diagnose.Health      `json:"health,omitempty"`
	// Labels and Clusters are all slices of that kind, Slices the weakest of
	// those by a column's value.
	Labels   []diagnose.Slice `json:"labels"`
	Clusters []diagnose.Slice `json:"clusters"`
	Slices   []diagnose.Slice `json:"slices"`
	Shifts   []diagnose.Shift `json:"shifts"`
	// Unsearched is what was not searched for shifts, and why.
	Unsearched string             `json:"unsearched,omitempty"`
	Drift      *drift             `json:"drift,omitempty"`
	Overlaps   []diagnose.Overlap `json:"overlaps"`
	Verdicts   []diagnose.Verdict `json:"verdicts"`
}

// drift is that of diagnose, with nothing where there was too little to
// measure.
type drift struct {
	Rho   *float64 `json:"rho"`
	Z     *float64 `json:"z"`
	Units int      `json:"units"`
}

// shownSlices is the most slices by a column's value that are shown.
const shownSlices = 20

func (f found) asJSON(run string) diagnosis {
	d := diagnosis{
		Run: run, Train: f.Train, Valid: f.Valid, Test: f.Test, Baseline: f.Baseline, Gaps: f.Gaps(), Floor: f.Floor, Trend: f.Curve.Trend,
		Memory: f.Memory, Exempt: f.exempt, Health: f.Health, Overlaps: f.Overlaps,
		Labels: f.slices(diagnose.ByLabel), Clusters: f.slices(diagnose.ByCluster), Slices: f.slices(diagnose.ByColumn),
		Shifts: append([]diagnose.Shift{}, f.Shifts...), Unsearched: f.unsearched, Verdicts: append([]diagnose.Verdict{}, f.Verdicts()...),
	}
	d.Slices = d.Slices[:min(len(d.Slices), shownSlices)]
	if f.Drift != nil {
		d.Drift = &drift{Units: f.Drift.Units}
		if !math.IsNaN(f.Drift.Rho) {
			d.Drift.Rho, d.Drift.Z = &f.Drift.Rho, &f.Drift.Z
		}
	}
	return d
}

// slices are those that are marked out so, the weakest first.
func (f found) slices(by string) []diagnose.Slice {
	out := []diagnose.Slice{}
	for _, s := range f.Slices {
		if s.By == by {
			out = append(out, s)
		}
	}
	return out
}
