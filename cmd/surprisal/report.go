package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/report"
	"github.com/surprisal-go/surprisal/run"
	"github.com/surprisal-go/surprisal/train"
)

func (a *app) reportVerb() *cobra.Command {
	var part, out string
	cmd := &cobra.Command{
		Use:   "report RUN... -o FILE.html",
		Short: "one page of runs on the same events, with plots",
		Long: `Write one HTML file that needs no network: the board, the paired differences as a
forest plot, learning curves, how surprise is spread over events and over features
or pixels, samples beside data, the most and the least surprising events, and the
settings in which the runs differ. Runs must have been evaluated on the same events.
Of runs that differ by seed alone it also says what follows for the families.`,
		Example: `  surprisal report runs/made runs/flow -o report.html
  surprisal report rank-table/runs/* -o board.html`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("no runs: want one or more")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := a.lab()
			if err != nil {
				return err
			}
			r := &reporting{lab: l, part: part}
			for i, dir := range args {
				if err := r.add(cmd.Context(), dir, shortNames(args)[i]); err != nil {
					return err
				}
			}
			page, err := r.page(cmd.Context())
			if err != nil {
				return err
			}
			if err := run.WriteAtomic(out, page.WriteHTML); err != nil {
				return err
			}
			l.say("wrote %s", out)
			if l.json {
				return l.printJSON(map[string]any{"file": out, "board": page.Board})
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "report.html", "`FILE` to write")
	cmd.Flags().StringVar(&part, "split", "test", "which `RESULTS`: test, valid, train, or what 'eval --data' has kept")
	return cmd
}

// reporting gathers what a page shows.
type reporting struct {
	*lab
	part string
	runs []reported
	// board to show; nil is one of the runs.
	board *report.Board
	set   *data.Set        // of the first run
	b     *surprisal.Batch // the events, nil where they cannot be read
}

// reported is a run with its results.
type reported struct {
	*trained
	name    string
	row     report.Row
	train   []float64 // nats of training events
	metrics []train.Metric
	weights string
}

func (r *reporting) add(ctx context.Context, dir, name string) error {
	t, err := r.restore(dir)
	if err != nil {
		return err
	}
	e, err := runEntry(dir, r.part)
	if err != nil {
		return err
	}
	one := reported{trained: t, name: name, weights: t.weights}
	one.row = report.Row{Model: name, Test: e.Likelihood, Params: t.model.NumParams(), Run: dir, Events: e}
	if res, err := t.folder.Result("train"); err == nil && r.part != "train" && res.Weights == t.weights {
		one.row.Gap = report.Gap(e.Likelihood, res.Likelihood)
		if ev, err := t.folder.Events("train"); err == nil {
			one.train = ev.Nats
		}
	}
	if one.metrics, err = run.Metrics[train.Metric](t.folder); err != nil {
		return err
	}
	if n := len(one.metrics); n > 0 {
		one.row.Seconds = one.metrics[n-1].Seconds
	}
	if len(r.runs) == 0 {
		if err := r.readEvents(t.folder); err != nil {
			return err
		}
	}
	if r.set != nil && r.set.Entropy != nil && r.part == "test" {
		s := eval.Scores{Nats: e.Nats, Weight: e.Weight, Group: e.Group, Ordered: e.Ordered, Kind: e.Likelihood.Kind, Checksum: e.Likelihood.Data.Checksum}
		g, err := eval.Excess(ctx, s, r.set.Entropy.Truth, r.b)
		if err != nil {
			return err
		}
		one.row.SetExcess(g)
	}
	r.runs = append(r.runs, one)
	return nil
}

// readEvents reads the events that the results are about.
func (r *reporting) readEvents(f *run.Folder) error {
	res, err := f.Result(r.part)
	if err != nil {
		return err
	}
	r.set, r.b, err = resultEvents(f.Manifest, res)
	return err
}

// boardOf is the board of the runs, or the one that was told.
func (r *reporting) boardOf() (*report.Board, error) {
	if r.board != nil {
		return r.board, nil
	}
	rows := make([]report.Row, len(r.runs))
	for i, one := range r.runs {
		rows[i] = one.row
	}
	board, err := report.New(rows, r.key())
	if err == nil && r.set != nil && r.set.Entropy != nil && r.part == "test" {
		board.Entropy = &r.set.Entropy.Nats
	}
	return board, err
}

func (r *reporting) page(ctx context.Context) (*report.Page, error) {
	board, err := r.boardOf()
	if err != nil {
		return nil, err
	}
	p := &report.Page{Title: "Which model predicts " + board.Data.Name + " best", Board: board}
	p.Lead = lead(board)
	slices.SortStableFunc(r.runs, func(x, y reported) int { return place(board, x.name) - place(board, y.name) })
	for _, row := range board.Rows {
		if row.Verdict != "" {
			p.Verdicts = append(p.Verdicts, row.Model+" against the best: "+row.Verdict)
		}
	}
	if err := r.familyVerdicts(p); err != nil {
		return nil, err
	}
	for _, draw := range []func(context.Context, *report.Page) error{r.forest, r.curves, r.spread, r.features, r.samples, r.extremes, r.settings} {
		if err := draw(ctx, p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// lead is the finding in a sentence.
func lead(b *report.Board) string {
	best, ok := b.Best()
	if !ok {
		return "No model here has nats that are known to be reached."
	}
	row := b.Rows[best]
	s := fmt.Sprintf("%s needs the fewest nats: %s an event, %.4f bits/dim.", row.Model, row.Test, row.Test.BitsPerDim())
	ties := 0
	for _, r := range b.Rows {
		if r.Tie {
			ties++
		}
	}
	if ties > 0 {
		s += fmt.Sprintf(" The difference to %d other models may be noise.", ties)
	}
	return s
}

func place(b *report.Board, name string) int {
	return slices.IndexFunc(b.Rows, func(r report.Row) bool { return r.Model == name })
}

func (r *reporting) settings(_ context.Context, p *report.Page) error {
	var names []string
	var configs []json.RawMessage
	for _, one := range r.runs {
		names, configs = append(names, one.name), append(configs, one.folder.Manifest.Config)
	}
	var err error
	if p.Settings, err = report.NewSettings(names, configs); err != nil {
		return err
	}
	l := r.runs[0].row.Test
	p.Facts = append(p.Facts, [2]string{"events", fmt.Sprintf("%s, %s, %s", l.Data.Name, l.Split, l.Data.Checksum)})
	for _, one := range r.runs {
		m := one.folder.Manifest
		p.Facts = append(p.Facts, [2]string{one.name, fmt.Sprintf("%s, seed %d, weights %s, numerics %s, surprisal %s", m.Family, m.Seed, one.weights, m.Versions.Numerics, m.Versions.Surprisal)})
	}
	return nil
}

// figure adds a plot to the page, if there is something to draw.
func figure(p *report.Page, title, caption, alt string, plot func(w io.Writer, f report.Format) error) error {
	pic, err := report.Draw(report.SVG, alt, plot)
	if errors.Is(err, report.ErrNothing) { // as of a single event
		return nil
	}
	if err != nil {
		return err
	}
	p.Figures = append(p.Figures, report.Figure{Title: title, Caption: caption, Pictures: []report.Picture{pic}})
	return nil
}
