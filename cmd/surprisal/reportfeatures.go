package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/diagnose"
	"github.com/surprisal-go/surprisal/report"
)

// mostForFeatures is the most events that features are averaged over.
const mostForFeatures = 2000

// features draws the mean nats of every feature under the models that say.
func (r *reporting) features(ctx context.Context, p *report.Page) error {
	b := diagnose.Sample(r.b, mostForFeatures, r.key())
	fields := b.Space.Columns()
	if len(fields) < 2 {
		return nil
	}
	var names, models, without []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	var means [][]float64
	for _, one := range r.runs {
		m, ok := one.model.(surprisal.Autoregressive)
		if !ok {
			without = append(without, one.name)
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
	of := r.ofAll(b.Len())
	note := ""
	if len(without) > 0 {
		note = fmt.Sprintf(" Not shown, because their nats do not split into those of single dims: %s.", strings.Join(without, ", "))
	}
	if isImage(b.Space) {
		return r.heat(p, models, means, of, note)
	}
	const title = "Surprise over features"
	if len(models) == 0 {
		p.Figures = append(p.Figures, report.Figure{Title: title, Caption: strings.TrimSpace(note)})
		return nil
	}
	return figure(p, title, "Mean nats of every feature over "+of+", given those before it in the model's order. What is high is hard to predict; where models differ, one has found a pattern that the other misses."+note,
		"mean nats of every feature", func(w io.Writer, f report.Format) error {
			return report.PlotFeatures(w, f, "", models, names, means)
		})
}

// heat draws the mean nats of every pixel, colours of a pixel added.
func (r *reporting) heat(p *report.Page, models []string, means [][]float64, of, note string) error {
	shape := r.b.Space.Fields[0].Shape
	fig := report.Figure{
		Title:   "Surprise over pixels",
		Caption: "Mean nats of every pixel over " + of + ", given those before it in the model's order: light is surprising. Smooth regions should be dark; a light edge is where content begins." + note,
	}
	if len(models) == 0 {
		fig.Caption = strings.TrimSpace(note)
	}
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
		pic.Name = name
		pic.Label = fmt.Sprintf("%s: 0 to %s nats", name, formatNats(most))
		fig.Pictures = append(fig.Pictures, pic)
	}
	p.Figures = append(p.Figures, fig)
	return nil
}
