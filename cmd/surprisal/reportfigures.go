package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/digits"
	"github.com/surprisal-go/surprisal/report"
	"github.com/surprisal-go/surprisal/train"
)

// figures adds the figures and the tables of events. One that cannot be drawn leaves
// a sentence in its place, and the others stand.
func (r *reporting) figures(ctx context.Context, p *report.Page) error {
	for _, part := range []struct {
		title string
		draw  func(context.Context, *report.Page) error
	}{
		{"Paired differences", r.forest},
		{"Learning curves", r.curves},
		{"Surprise over events", r.spread},
		{"Train and " + r.part, r.memorised},
		{"Surprise over features", r.features},
		{samplesTitle, r.samples},
		{"Most and least surprising events", r.extremes},
	} {
		err := part.draw(ctx, p)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			p.Figures = append(p.Figures, report.Figure{Title: part.title, Caption: "Not drawn: " + strings.TrimPrefix(oneLine(err), report.ErrNothing.Error()+": ") + "."})
		}
	}
	return nil
}

// forest draws what the best saves over every other run.
func (r *reporting) forest(_ context.Context, p *report.Page) error {
	best, ok := p.Board.Best()
	if !ok || len(p.Board.Rows) < 2 {
		return nil
	}
	cs, err := p.Board.Comparisons(r.key())
	if err != nil || len(cs) == 0 {
		return err
	}
	name, over, infinite := p.Board.Rows[best].Model, "", ""
	for _, row := range p.Board.Rows {
		if row.Test.Infinite > 0 {
			infinite += fmt.Sprintf(" Not shown, because its nats are infinite: %s.", row.Model)
		}
	}
	if cs[0].Method == eval.OverSeeds {
		over = " over seeds and events"
	}
	return figure(p, "Paired differences", fmt.Sprintf("Nats an event that %s saves over each other model, on the same events, with 95%% intervals%s in brackets. A hollow dot may be noise.%s", name, over, infinite),
		"forest plot of paired differences", func(w io.Writer, f report.Format) error {
			return report.PlotForest(w, f, "", "nats an event saved by "+name, cs)
		})
}

// curves draws learning curves of the runs that have such.
func (r *reporting) curves(_ context.Context, p *report.Page) error {
	var curves []report.Curve
	var without, looser []string
	for _, one := range r.runs {
		if len(one.metrics) == 0 {
			without = append(without, one.name)
			continue
		}
		curves = append(curves, report.Curve{Name: one.name, Metrics: one.metrics})
		if k := one.row.Test.Samples; k > 0 && slices.ContainsFunc(one.metrics, func(m train.Metric) bool { return m.Valid != nil && m.Valid.Samples < k }) {
			looser = append(looser, one.name)
		}
	}
	const title = "Learning curves"
	caption := "Validation nats with their error (line and band) and training loss (faint) over the time of training; a ring marks the weights that were kept. Validation that rises while the training loss falls is memorising."
	if len(looser) > 0 {
		caption += fmt.Sprintf(" Scored by fewer draws on the way than on the board, by a looser bound: %s; how such curves compare is not how the models do.", strings.Join(looser, ", "))
	}
	if len(without) > 0 {
		none := fmt.Sprintf("Fitted without steps, and so without a curve: %s.", strings.Join(without, ", "))
		if len(curves) == 0 {
			p.Figures = append(p.Figures, report.Figure{Title: title, Caption: none})
			return nil
		}
		caption += " " + none
	}
	return figure(p, title, caption, "learning curves", func(w io.Writer, f report.Format) error {
		return report.PlotCurves(w, f, "", report.ByTime, curves...)
	})
}

// spread draws how nats are spread over events.
func (r *reporting) spread(_ context.Context, p *report.Page) error {
	var all []report.Sample
	for _, one := range r.runs {
		all = append(all, report.Sample{Name: one.name, Values: one.row.Events.Nats})
	}
	return figure(p, "Surprise over events", "Each event's nats. A tail to the right holds the events that the model did not expect.",
		"histogram of the events' nats", func(w io.Writer, f report.Format) error {
			return report.PlotHistograms(w, f, "", "nats of an event", all...)
		})
}

// memorised draws the nats of training events beside those of others.
func (r *reporting) memorised(_ context.Context, p *report.Page) error {
	fig := report.Figure{
		Title: "Train and " + r.part, Columns: 2,
		Caption: "Nats of events that a model was trained on, and of events it never saw. The closer the two, the less it has memorised.",
	}
	for _, one := range r.runs {
		if one.train == nil {
			continue
		}
		pic, err := report.Draw(report.SVG, "histogram of the nats of train and "+r.part+" under "+one.name, func(w io.Writer, f report.Format) error {
			return report.PlotHistograms(w, f, one.name, "nats of an event", report.Sample{Name: r.part, Values: one.row.Events.Nats}, report.Sample{Name: "train", Values: one.train})
		})
		if errors.Is(err, report.ErrNothing) {
			continue
		}
		if err != nil {
			return err
		}
		pic.Name = one.name
		fig.Pictures = append(fig.Pictures, pic)
		if all := one.folder.Manifest.Data.Splits["train"].Events; len(fig.Pictures) == 1 && len(one.train) < all {
			fig.Caption += fmt.Sprintf(" Of the %s training events %s from all over the set were scored.", digits.Count(all), digits.Count(len(one.train)))
		}
	}
	if len(fig.Pictures) > 0 {
		p.Figures = append(p.Figures, fig)
	}
	return nil
}

// figure adds a plot to the page.
func figure(p *report.Page, title, caption, alt string, plot func(w io.Writer, f report.Format) error) error {
	pic, err := report.Draw(report.SVG, alt, plot)
	if err != nil {
		return err
	}
	p.Figures = append(p.Figures, report.Figure{Title: title, Caption: caption, Pictures: []report.Picture{pic}})
	return nil
}

// ofAll says how many of the events are meant, as in "2,000 of the 10,000 test
// events, from all over the set".
func (r *reporting) ofAll(n int) string {
	if all := r.b.Len(); n < all {
		return fmt.Sprintf("%s of the %s %s events, from all over the set", digits.Count(n), digits.Count(all), r.part)
	}
	return "the " + digits.Counted(n, r.part+" event")
}
