package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"gonum.org/v1/plot/plotter"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/diagnose"
	"github.com/surprisal-go/surprisal/report"
)

// drawn are events, of the data or of a model.
type drawn struct {
	name   string
	events *surprisal.Batch
}

// samples shows what models draw beside the data: as pictures, as points of the
// plane, or as rows.
func (r *reporting) samples(_ context.Context, p *report.Page) error {
	plane, n, show := isPlane(r.b.Space), shownRows, sampleRows
	switch {
	case isImage(r.b.Space):
		n, show = keptImages, sampleImages
	case plane:
		n, show = keptRows, samplePoints
	}
	all := []drawn{{"data", diagnose.Sample(r.b, n, r.key())}}
	failed := ""
	for _, one := range r.runs {
		if _, ok := one.model.(surprisal.Sampler); !ok {
			continue
		}
		b, err := r.draw(one.trained, n)
		if err != nil {
			failed += fmt.Sprintf(" Not shown: %s, because sampling failed: %s.", one.name, oneLine(err))
			continue
		}
		all = append(all, drawn{one.name, b})
	}
	return show(p, "What each model draws, beside "+r.ofAll(all[0].events.Len())+". Samples show what a model has learned to make; nats say how well it predicts. The two need not agree."+failed, all)
}

const samplesTitle = "Samples beside data"

// images draws a grid of pictures.
func images(alt, label string, b *surprisal.Batch) (report.Picture, error) {
	pic, err := report.Draw(report.PNG, alt, func(w io.Writer, _ report.Format) error {
		return data.WritePNGGrid(w, b, gridColumns(b.Len()))
	})
	pic.Label, pic.Name = label, label
	return pic, err
}

func sampleImages(p *report.Page, caption string, all []drawn) error {
	fig := report.Figure{Title: samplesTitle, Caption: caption}
	for _, d := range all {
		pic, err := images("events of "+d.name, d.name, d.events)
		if err != nil {
			return err
		}
		fig.Pictures = append(fig.Pictures, pic)
	}
	p.Figures = append(p.Figures, fig)
	return nil
}

// isPlane reports whether events are points of the plane.
func isPlane(s *surprisal.Space) bool {
	fields := s.Columns()
	if len(fields) != 2 {
		return false
	}
	for _, f := range fields {
		if f.Kind == surprisal.Binary || f.Kind == surprisal.Categorical {
			return false
		}
	}
	return true
}

// samplePoints draws points on the plane, where the data lie.
func samplePoints(p *report.Page, caption string, all []drawn) error {
	fields := all[0].events.Space.Columns()
	frame := report.FrameOf(fields[0].Name, fields[1].Name, points(all[0].events))
	fig := report.Figure{Title: samplesTitle, Caption: caption, Columns: 3}
	var outside []string
	for _, d := range all {
		pic, err := report.Draw(report.SVG, "points of "+d.name, func(w io.Writer, f report.Format) error {
			return report.PlotScatter(w, f, d.name, frame, points(d.events))
		})
		if errors.Is(err, report.ErrNothing) {
			outside = append(outside, d.name)
			continue
		}
		if err != nil {
			return err
		}
		pic.Name = d.name
		fig.Pictures = append(fig.Pictures, pic)
	}
	if len(outside) > 0 {
		fig.Caption += fmt.Sprintf(" Not shown, because no point that they draw lies where these events do: %s.", strings.Join(outside, ", "))
	}
	p.Figures = append(p.Figures, fig)
	return nil
}

func points(b *surprisal.Batch) plotter.XYs {
	out := make(plotter.XYs, b.Len())
	var xy [2]float64
	for i := range out {
		b.Float64s(xy[:], i)
		out[i] = plotter.XY{X: xy[0], Y: xy[1]}
	}
	return out
}

// shownRows are the rows of the data, and of each model, that a table shows.
const shownRows = 5

func sampleRows(p *report.Page, caption string, all []drawn) error {
	t := newEventTable(samplesTitle, caption, all[0].events.Space, "from")
	for _, d := range all {
		for i := range d.events.Len() {
			t.add(d.events, i, d.name)
		}
	}
	p.Tables = append(p.Tables, t.Table)
	return nil
}
