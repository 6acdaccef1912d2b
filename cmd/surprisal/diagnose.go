package main

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/diagnose"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/model"
	"github.com/surprisal-go/surprisal/report"
	"github.com/surprisal-go/surprisal/run"
	"github.com/surprisal-go/surprisal/train"
)

func (a *app) diagnoseVerb() *cobra.Command {
	var within time.Duration
	cmd := &cobra.Command{
		Use:   "diagnose RUN",
		Short: "what may be wrong with a model or its data, with evidence",
		Long: `Look for what may be wrong: train nats below the floor that memorising can reach,
a learning curve that is unfinished, overfits or does not move, test events that
occur in training beyond chance, test nats far above train nats, parts of the
events (by label or by a feature's value) where independent marginals are better,
and nats that drift along the order of events.

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
			verdicts := f.Verdicts()
			if l.json {
				if verdicts == nil {
					verdicts = []diagnose.Verdict{}
				}
				return l.printJSON(map[string]any{"run": args[0], "train": f.Train, "test": f.Test, "floor": f.Floor, "trend": f.Curve.Trend, "verdicts": verdicts})
			}
			l.printFindings(f, verdicts)
			return nil
		},
	}
	cmd.Flags().DurationVar(&within, "time", 30*time.Second, "longest `TIME` of each training of 100 events; 0 leaves them out")
	return cmd
}

// mostDiagnosed is the most training events that are scored.
const mostDiagnosed = 20_000

// findings measures what verdicts rest on.
func (l *lab) findings(ctx context.Context, t *trained, within time.Duration) (diagnose.Findings, error) {
	var f diagnose.Findings
	set, err := openSet(t.folder.Manifest)
	if err != nil {
		return f, err
	}
	key := surprisal.Key(t.folder.Manifest.Seed)
	part := func(name string, b *surprisal.Batch) (eval.Scores, error) {
		return l.score(ctx, t, scoring{set: set.Name, part: name, events: b, how: bounds{samples: 64, bound: eval.IW}, key: key})
	}
	some := set.Train.Slice(0, min(set.Train.Len(), mostDiagnosed))
	trainScores, err := part("train", some)
	if err != nil {
		return f, err
	}
	testScores, err := part("test", set.Test)
	if err != nil {
		return f, err
	}
	f.Train, f.Test = trainScores.Likelihood(set.Name, "train"), testScores.Likelihood(set.Name, "test")
	if floor, ok := diagnose.FloorOf(some); ok {
		f.Floor = &floor
	}
	metrics, err := run.Metrics[train.Metric](t.folder)
	if err != nil {
		return f, err
	}
	f.Curve = diagnose.ReadCurve(metrics)
	overlap := diagnose.OverlapOf(set.Train, set.Test, key)
	f.Overlap = &overlap
	if !set.Test.Ordered {
		drift := diagnose.DriftOf(testScores.Nats)
		f.Drift = &drift
	}
	base, err := l.marginals(ctx, set)
	if err != nil {
		return f, err
	}
	baseline := base.Likelihood(set.Name, "test")
	f.Baseline = &baseline
	f.Slices = diagnose.SlicesOf(set.Test, testScores.Nats, base.Nats)
	f.Memory, err = l.memory(ctx, t, set, within)
	return f, err
}

// marginals scores the test events under independent marginals.
func (l *lab) marginals(ctx context.Context, set *data.Set) (eval.Scores, error) {
	m, err := l.marginalsOf(ctx, set.Space, set.Train, set.Valid)
	if err != nil {
		return eval.Scores{}, err
	}
	return eval.Score(ctx, m, set.Test, eval.Options{})
}

func (l *lab) marginalsOf(ctx context.Context, space *surprisal.Space, on, valid *surprisal.Batch) (model.Model, error) {
	fam, err := model.Lookup("marginals")
	if err != nil {
		return nil, err
	}
	m, err := fam.New(space, fam.Defaults(space, on.Len()), l.exec)
	if err != nil {
		return nil, err
	}
	fitter, ok := m.(model.Fitter)
	if !ok {
		return nil, fmt.Errorf("marginals cannot be fitted")
	}
	return m, fitter.Fit(ctx, on, valid, 1, func(string) {})
}

// memorised is the number of events to be learned by heart.
const memorised = 100

// memory trains fresh models on a few events; nil where that says nothing: for
// densities, which have no floor, and families that are not trained by steps.
func (l *lab) memory(ctx context.Context, t *trained, set *data.Set, within time.Duration) (*diagnose.Memory, error) {
	few := set.Train.Slice(0, min(memorised, set.Train.Len()))
	few.Weight = nil
	floor, ok := diagnose.FloorOf(few)
	if _, steps := t.model.(train.Trainable); !ok || !steps || within <= 0 {
		return nil, nil
	}
	base, err := l.marginalsOf(ctx, set.Space, few, few)
	if err != nil {
		return nil, err
	}
	scores, err := eval.Score(ctx, base, few, eval.Options{})
	if err != nil {
		return nil, err
	}
	top := scores.Likelihood("", "").Nats
	if top-floor.Nats < 0.01 { // marginals know all there is
		return nil, nil
	}
	way := func(width int, within time.Duration) (float64, error) {
		nats, err := l.byHeart(ctx, t, few, width, within)
		return (top - nats) / (top - floor.Nats), err
	}
	m := &diagnose.Memory{Events: few.Len(), Wider: math.NaN(), Longer: math.NaN()}
	if m.Way, err = way(1, within); err != nil || m.Learned() {
		return m, err
	}
	if m.Wider, err = way(4, within); err != nil {
		return m, err
	}
	m.Longer, err = way(1, 3*within)
	return m, err
}

// byHeart trains a fresh model on events until it has learned them or the time
// is up, and returns its nats on them.
func (l *lab) byHeart(ctx context.Context, t *trained, few *surprisal.Batch, width int, within time.Duration) (float64, error) {
	man := t.folder.Manifest
	fam, err := model.Lookup(man.Family)
	if err != nil {
		return 0, err
	}
	cfg, err := configOf(fam, man)
	if err != nil {
		return 0, err
	}
	for _, s := range model.Settings(cfg) {
		value := s.Value
		switch s.Key {
		case "dropout", "weight_decay", "average":
			value = "0"
		case "batch":
			value = "25"
		case "hidden", "latent":
			value = widen(s.Value, width)
		}
		if err := model.Set(cfg, s.Key, value); err != nil {
			return 0, err
		}
	}
	m, err := fam.New(man.Space, cfg, l.exec)
	if err != nil {
		return 0, err
	}
	told := l.progress(fmt.Sprintf("%s on %d events", fam.Name, few.Len()))
	defer told.Clear()
	opts := train.Options{Seed: surprisal.Key(man.Seed), TimeLimit: within, Steps: 20_000, ValidEvery: 100, Patience: 30, ValidSamples: 8, Progress: told.Train}
	if _, err := train.Fit(ctx, m.(train.Trainable), few, few, l.exec, opts, nil); err != nil {
		return 0, err
	}
	s, err := eval.Score(ctx, m, few, eval.Options{Samples: 256, Key: surprisal.Key(man.Seed)})
	return s.Likelihood("", "").Nats, err
}

// widen multiplies the numbers of a list of units.
func widen(list string, by int) string {
	if by == 1 {
		return list
	}
	units := strings.Split(list, ",")
	for i, u := range units {
		n, err := strconv.Atoi(strings.TrimSpace(u))
		if err != nil {
			return list
		}
		units[i] = strconv.Itoa(n * by)
	}
	return strings.Join(units, ",")
}

func (l *lab) printFindings(f diagnose.Findings, verdicts []diagnose.Verdict) {
	w := l.stdout
	fmt.Fprintf(w, "train  %s\ntest   %s\n", f.Train, f.Test)
	if f.Floor != nil {
		fmt.Fprintf(w, "floor  %.2f nats: the empirical entropy of %s training events, %s distinct\n", f.Floor.Nats, report.Count(f.Floor.Events), report.Count(f.Floor.Distinct))
	}
	if f.Memory != nil {
		fmt.Fprintf(w, "memory %.0f%% of the way from marginals to the floor on %d events\n", 100*f.Memory.Way, f.Memory.Events)
	}
	fmt.Fprintf(w, "curve  %s\n", f.Curve)
	if len(verdicts) == 0 {
		fmt.Fprintf(w, "\nnothing found\n")
	}
	for _, v := range verdicts {
		fmt.Fprintf(w, "\n%s\n", report.Wrap(fmt.Sprintf("%s: %s", v.Name, v.Evidence), report.Width, "  "))
		fmt.Fprintf(w, "  %s\n", report.Wrap("try: "+v.Try, report.Width-2, "  "))
	}
}
