package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
	var part, out, pictures string
	cmd := &cobra.Command{
		Use:   "report RUN... -o FILE.html",
		Short: "one page of runs on the same events, with plots",
		Long: `Write one HTML file that needs no network: the board, the paired differences as a
forest plot, learning curves, how surprise is spread over events and over features
or pixels, samples beside data, the most and the least surprising events, and the
settings in which the runs differ. Runs must have been evaluated on the same events.
Of runs that differ by seed alone it also says what follows for the families. In
the place of a picture that cannot be drawn a sentence says why. With --pictures
every picture of the page is also a file of its own, as SVG and as PNG.`,
		Example: `  surprisal report runs/made runs/flow -o report.html
  surprisal report rank-table/runs/* -o board.html --pictures board`,
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
			if pictures != "" {
				if err := writePictures(page, pictures); err != nil {
					return err
				}
				l.say("wrote its pictures into %s", pictures)
			}
			if l.json {
				return l.printJSON(map[string]any{"file": out, "board": page.Board})
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "report.html", "`FILE` to write")
	cmd.Flags().StringVar(&pictures, "pictures", "", "also write every picture, as SVG and PNG, into `DIR`")
	cmd.Flags().StringVar(&part, "split", "test", "which `RESULTS`: test, valid, train, or what 'eval --data' has kept")
	return cmd
}

// writePictures writes the pictures of a page into a folder.
func writePictures(page *report.Page, dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("writing pictures: %w", err)
	}
	return page.WritePictures(func(name string, content []byte) error {
		return run.WriteAtomic(filepath.Join(dir, name), func(w io.Writer) error {
			_, err := w.Write(content)
			return err
		})
	})
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
	one.row.Seconds = t.folder.Manifest.Seconds
	if n := len(one.metrics); n > 0 { // a training that was cut off has told no total
		one.row.Seconds = max(one.row.Seconds, one.metrics[n-1].Seconds)
	}
	if len(r.runs) == 0 {
		if err := r.readEvents(t.folder); err != nil {
			return err
		}
	}
	if r.board == nil && r.set != nil && r.set.Entropy != nil && r.part == "test" {
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

func (r *reporting) page(ctx context.Context) (*report.Page, error) {
	board, err := r.boardOf()
	if err != nil {
		return nil, err
	}
	p := &report.Page{Title: "Which model predicts " + board.Data.Name + " best", Board: board}
	if len(board.Rows) == 1 {
		p.Title = fmt.Sprintf("How well %s predicts %s", board.Rows[0].Model, board.Data.Name)
	}
	p.Lead = lead(board)
	slices.SortStableFunc(r.runs, func(x, y reported) int { return place(board, x.name) - place(board, y.name) })
	for _, row := range board.Rows {
		if row.Verdict != "" {
			p.AddVerdict(row.Model+" against the best: "+row.Verdict, row.VerdictWarnings)
		}
	}
	if err := r.familyVerdicts(p); err != nil {
		return nil, err
	}
	if err := r.figures(ctx, p); err != nil {
		return nil, err
	}
	return p, r.settings(p)
}

func place(b *report.Board, name string) int {
	return slices.IndexFunc(b.Rows, func(r report.Row) bool { return r.Model == name })
}

func (r *reporting) settings(p *report.Page) error {
	var names []string
	var configs []json.RawMessage
	for _, one := range r.runs {
		ran, err := one.ran()
		if err != nil {
			return err
		}
		names, configs = append(names, one.name), append(configs, ran)
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
