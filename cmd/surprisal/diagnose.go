package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/diagnose"
	"github.com/surprisal-go/surprisal/report"
)

func (a *app) diagnoseVerb() *cobra.Command {
	var within time.Duration
	cmd := &cobra.Command{
		Use:   "diagnose RUN",
		Short: "what may be wrong with a model or its data, with evidence",
		Long: `Look for what may be wrong: train nats below the floor that memorising can reach,
a learning curve that is unfinished, overfits or does not move, units and
gradients that have died, test events that occur in training beyond chance, test
nats far above train nats, parts of the events (by label, cluster or a feature's
value) where independent marginals are better, parts of the test events that cost
more than those of the validation events, and nats that drift along the order of
events.

It also trains a fresh model on 100 events, without regularisation, to see whether
it can learn them by heart. Where it cannot, a wider one and a longer training tell
whether what it can express or how it is trained is the limit.`,
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
	cmd.Flags().DurationVar(&within, "time", 30*time.Second, "longest `TIME` of each training of 100 events; 0 leaves them out")
	return cmd
}

// diagnosis is what the verb prints as JSON.
type diagnosis struct {
	Run      string               `json:"run"`
	Train    surprisal.Likelihood `json:"train"`
	Test     surprisal.Likelihood `json:"test"`
	Floor    *diagnose.Floor      `json:"floor,omitempty"`
	Trend    diagnose.Trend       `json:"trend"`
	Memory   *diagnose.Memory     `json:"memory,omitempty"`
	Exempt   string               `json:"exempt,omitempty"` // from the test of memory: why
	Health   *diagnose.Health     `json:"health,omitempty"`
	Slices   []diagnose.Slice     `json:"slices"`
	Shifts   []diagnose.Shift     `json:"shifts"`
	Verdicts []diagnose.Verdict   `json:"verdicts"`
}

// shownSlices is the most slices that are shown.
const shownSlices = 20

func (f found) asJSON(run string) diagnosis {
	d := diagnosis{
		Run: run, Train: f.Train, Test: f.Test, Floor: f.Floor, Trend: f.Curve.Trend, Memory: f.Memory, Exempt: f.exempt, Health: f.Health,
		Slices: []diagnose.Slice{}, Shifts: []diagnose.Shift{}, Verdicts: []diagnose.Verdict{},
	}
	d.Slices = append(d.Slices, f.Slices[:min(len(f.Slices), shownSlices)]...)
	d.Shifts = append(d.Shifts, f.Shifts...)
	d.Verdicts = append(d.Verdicts, f.Verdicts()...)
	return d
}

// besideFinding is the column at which text stands beside what it is about.
const besideFinding = 9

func (l *lab) printFindings(f found) {
	tell := func(name, format string, args ...any) {
		l.printAligned(besideFinding, name, fmt.Sprintf(format, args...))
	}
	tell("train", "%s", f.Train)
	tell("test", "%s", f.Test)
	if f.Floor != nil {
		tell("floor", "%.2f nats: the empirical entropy of %s training events, %s distinct", f.Floor.Nats, report.Count(f.Floor.Events), report.Count(f.Floor.Distinct))
	}
	switch {
	case f.Memory != nil:
		tell("memory", "%.0f%% of the way from marginals to the floor on %d events", 100*f.Memory.Way, f.Memory.Events)
	case f.exempt != "":
		tell("memory", "not tested: %s", f.exempt)
	}
	tell("curve", "%s", f.Curve)
	for _, line := range healthLines(f.Health) {
		tell("health", "%s", line)
	}
	if len(f.Slices) > 0 {
		s := f.Slices[0]
		tell("weakest", "%s (%s events): %.4g nats, %.3g ± %.2g saved over marginals", s.Name, report.Count(s.Events), s.Nats, s.Saving, s.StdErr)
	}
	verdicts := f.Verdicts()
	if len(verdicts) == 0 {
		fmt.Fprintf(l.stdout, "\nnothing found\n")
	}
	for _, v := range verdicts {
		fmt.Fprintf(l.stdout, "\n%s\n", report.Wrap(fmt.Sprintf("%s: %s", v.Name, v.Evidence), report.Width, "  "))
		fmt.Fprintf(l.stdout, "  %s\n", report.Wrap("try: "+v.Try, report.Width-2, "  "))
	}
}

// healthLines tell of all layers in one line, or of the first few of many in a
// line each.
func healthLines(h *diagnose.Health) (lines []string) {
	if h == nil || len(h.Layers) == 0 {
		return nil
	}
	const shown = 4
	for i, l := range h.Layers {
		if i == shown {
			return append(lines, fmt.Sprintf("and %d more layers", len(h.Layers)-shown))
		}
		line := fmt.Sprintf("%s: %.0f%% of %d units dead", l.Name, 100*l.Dead, l.Units)
		if l.Saturated > 0 {
			line += fmt.Sprintf(", %.0f%% saturated", 100*l.Saturated)
		}
		lines = append(lines, line+fmt.Sprintf(", gradient %.2g", l.Gradient))
	}
	return lines
}
