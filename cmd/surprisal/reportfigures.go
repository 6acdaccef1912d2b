package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/report"
)

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
	name, over := p.Board.Rows[best].Model, ""
	if cs[0].Method == eval.OverSeeds {
		over = " over seeds and events"
	}
	return figure(p, "Paired differences", fmt.Sprintf("Nats an event that %s saves over each other model, on the same events, with 95%% intervals%s. A hollow dot may be noise.", name, over),
		"forest plot of paired differences", func(w io.Writer, f report.Format) error {
			return report.PlotForest(w, f, "", "nats an event saved by "+name, cs)
		})
}

// curves draws learning curves of the runs that have such.
func (r *reporting) curves(_ context.Context, p *report.Page) error {
	var curves []report.Curve
	for _, one := range r.runs {
		if len(one.metrics) > 0 {
			curves = append(curves, report.Curve{Name: one.name, Metrics: one.metrics})
		}
	}
	if len(curves) == 0 {
		return nil
	}
	return figure(p, "Learning curves", "Validation nats with their error (line and band) and training loss (faint) over the time of training; a ring marks the weights that were kept. Training loss far below validation is memorising.",
		"learning curves", func(w io.Writer, f report.Format) error {
			return report.PlotCurves(w, f, "", report.ByTime, curves...)
		})
}

// spread draws how nats are spread over events.
func (r *reporting) spread(_ context.Context, p *report.Page) error {
	var all []report.Sample
	for _, one := range r.runs {
		all = append(all, report.Sample{Name: one.name, Values: one.row.Events.Nats})
	}
	err := figure(p, "Surprise over events", "Each event's nats. A tail to the right holds the events that the model did not expect.",
		"histogram of the events' nats", func(w io.Writer, f report.Format) error {
			return report.PlotHistograms(w, f, "", "nats of an event", all...)
		})
	if err != nil {
		return err
	}
	first := r.runs[0]
	if first.train == nil {
		return nil
	}
	return figure(p, "Train and "+r.part, fmt.Sprintf("Nats under %s of events that it was trained on and of events it never saw. The closer the two, the less it has memorised.", first.name),
		"histogram of train and test nats", func(w io.Writer, f report.Format) error {
			return report.PlotHistograms(w, f, "", "nats of an event", report.Sample{Name: r.part, Values: first.row.Events.Nats}, report.Sample{Name: "train", Values: first.train})
		})
}

// mostForFeatures is the most events that features are averaged over.
const mostForFeatures = 2000

// features draws the mean nats of every feature under the models that say.
func (r *reporting) features(ctx context.Context, p *report.Page) error {
	b := r.b.Slice(0, min(r.b.Len(), mostForFeatures))
	fields := b.Space.Columns()
	var names, models []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	var means [][]float64
	for _, one := range r.runs {
		m, ok := one.model.(surprisal.Autoregressive)
		if !ok {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		terms := make([]float64, b.Len()*len(fields))
		if err := m.Conditionals(terms, b); err != nil {
			return err
		}
		mean := make([]float64, len(fields))
		for i, v := range terms {
			mean[i%len(fields)] -= v / float64(b.Len())
		}
		models, means = append(models, one.name), append(means, mean)
	}
	if len(models) == 0 || len(fields) < 2 {
		return nil
	}
	if isImage(b.Space) {
		return r.heat(p, models, means)
	}
	return figure(p, "Surprise over features", "Mean nats of every feature, given those before it in the model's order. What is high is hard to predict; where models differ, one has found a pattern that the other misses.",
		"mean nats of every feature", func(w io.Writer, f report.Format) error {
			return report.PlotFeatures(w, f, "", models, names, means)
		})
}

// heat draws the mean nats of every pixel, colours of a pixel added.
func (r *reporting) heat(p *report.Page, models []string, means [][]float64) error {
	shape := r.b.Space.Fields[0].Shape
	fig := report.Figure{Title: "Surprise over pixels", Caption: "Mean nats of every pixel, given those before it in the model's order: light is surprising. Smooth regions should be dark; a light edge is where content begins."}
	for m, name := range models {
		pixels := make([]float64, shape[0]*shape[1])
		per := len(means[m]) / len(pixels)
		for i, v := range means[m] {
			pixels[i/per] += v
		}
		most := 0.0
		pic, err := report.Draw(report.PNG, "mean nats of every pixel under "+name, func(w io.Writer, _ report.Format) (err error) {
			most, err = report.WriteHeat(w, pixels, shape[0], shape[1])
			return err
		})
		if err != nil {
			return err
		}
		pic.Label = fmt.Sprintf("%s: 0 to %.2f nats", name, most)
		fig.Pictures = append(fig.Pictures, pic)
	}
	p.Figures = append(p.Figures, fig)
	return nil
}

// images draws a grid of pictures.
func images(alt, label string, b *surprisal.Batch) (report.Picture, error) {
	pic, err := report.Draw(report.PNG, alt, func(w io.Writer, _ report.Format) error {
		return data.WritePNGGrid(w, b, gridColumns(b.Len()))
	})
	pic.Label = label
	return pic, err
}

// samples draws pictures of the models beside pictures of the data.
func (r *reporting) samples(_ context.Context, p *report.Page) error {
	if !isImage(r.b.Space) {
		return nil
	}
	pic, err := images("events of the data", "data", r.b.Slice(0, min(keptImages, r.b.Len())))
	if err != nil {
		return err
	}
	fig := report.Figure{Title: "Samples beside data", Caption: "What each model draws. Samples show what a model has learned to make; nats say how well it predicts. The two need not agree.", Pictures: []report.Picture{pic}}
	for _, one := range r.runs {
		if _, ok := one.model.(surprisal.Sampler); !ok {
			continue
		}
		b, err := r.draw(one.trained, keptImages)
		if err != nil {
			return fmt.Errorf("sampling %s: %w", one.name, err)
		}
		if pic, err = images("samples of "+one.name, one.name, b); err != nil {
			return err
		}
		fig.Pictures = append(fig.Pictures, pic)
	}
	p.Figures = append(p.Figures, fig)
	return nil
}

// shownExtremes are the events shown at either end.
const shownExtremes = 12

// extremes shows the most and the least surprising events under the best
// model.
func (r *reporting) extremes(_ context.Context, p *report.Page) error {
	best, ok := p.Board.Best()
	if !ok {
		return nil
	}
	name, nats := p.Board.Rows[best].Model, p.Board.Rows[best].Events.Nats
	order := bySurprise(nats)
	n := min(shownExtremes, len(order)/2)
	if n == 0 {
		return nil
	}
	most, least := order[:n], order[len(order)-n:]
	caption := fmt.Sprintf("The most surprising events under %s are worth a look: errors in the data, rare kinds, or what the model has not learned.", name)
	if !isImage(r.b.Space) {
		p.Tables = append(p.Tables, r.eventTable("Most surprising events", caption, most, nats), r.eventTable("Least surprising events", "What "+name+" predicts best.", least, nats))
		return nil
	}
	fig := report.Figure{Title: "Most and least surprising events", Caption: caption}
	for _, part := range []struct {
		label string
		rows  []int
	}{{"most surprising", most}, {"least surprising", least}} {
		label := fmt.Sprintf("%s: %.1f to %.1f nats", part.label, nats[part.rows[0]], nats[part.rows[n-1]])
		pic, err := images(part.label+" events", label, r.b.Take(part.rows))
		if err != nil {
			return err
		}
		fig.Pictures = append(fig.Pictures, pic)
	}
	p.Figures = append(p.Figures, fig)
	return nil
}

// mostColumns is the most columns of a table of events.
const mostColumns = 14

func (r *reporting) eventTable(title, caption string, rows []int, nats []float64) report.Table {
	fields := r.b.Space.Columns()
	shown := min(len(fields), mostColumns)
	t := report.Table{Title: title, Caption: caption, Header: []string{"event", "nats"}}
	if shown < len(fields) {
		t.Caption += fmt.Sprintf(" The first %d of %d columns.", shown, len(fields))
	}
	for _, f := range fields[:shown] {
		t.Header = append(t.Header, f.Name)
	}
	values := make([]float64, len(fields))
	for _, i := range rows {
		r.b.Float64s(values, i)
		row := []string{strconv.Itoa(i), formatNats(nats[i])}
		for j, f := range fields[:shown] {
			row = append(row, formatValue(f, values[j]))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func formatNats(v float64) string {
	if math.IsInf(v, 1) {
		return "∞"
	}
	return fmt.Sprintf("%.2f", v)
}

func formatValue(f surprisal.Field, v float64) string {
	if f.Labels != nil && v >= 0 && int(v) < len(f.Labels) {
		return strings.TrimSpace(f.Labels[int(v)])
	}
	return fmt.Sprintf("%.5g", v)
}
