package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/report"
	"github.com/surprisal-go/surprisal/run"
	"github.com/surprisal-go/surprisal/train"
)

// Samples that are kept of each model.
const (
	keptImages = 64
	keptRows   = 1000
)

// keep writes board, samples, learning curves and the page of the runs into the
// contest's folder.
func (l *lab) keep(ctx context.Context, c contest, board *report.Board, done []contestant) error {
	err := run.WriteAtomic(filepath.Join(c.dir, "board.json"), func(w io.Writer) error { return encodeJSON(w, board) })
	if err != nil {
		return err
	}
	if err := run.WriteAtomic(filepath.Join(c.dir, "board.txt"), board.WriteText); err != nil {
		return err
	}
	if err := l.keepSamples(c, done); err != nil {
		return err
	}
	if err := keepCurves(c, done); err != nil {
		return err
	}
	return l.keepPage(ctx, c, board, done)
}

// keepPage writes what the report verb writes of the runs. Of several seeds the
// board and what follows are of families, the pictures of one seed's run.
func (l *lab) keepPage(ctx context.Context, c contest, board *report.Board, done []contestant) error {
	r := &reporting{lab: l, part: "test"}
	if c.seeds > 1 {
		r.board = board
	}
	for _, d := range done {
		if err := r.add(ctx, d.folder.Dir, d.name); err != nil {
			return err
		}
	}
	page, err := r.page(ctx)
	if err != nil {
		return err
	}
	return run.WriteAtomic(filepath.Join(c.dir, "report.html"), page.WriteHTML)
}

// keepSamples writes what each model draws and, of images, some test events to
// hold beside them.
func (l *lab) keepSamples(c contest, done []contestant) error {
	n, ext := keptRows, ".csv"
	if isImage(c.set.Space) {
		n, ext = keptImages, ".png"
		some := c.set.Test.Slice(0, min(n, c.set.Test.Len()))
		if err := writeEvents(filepath.Join(c.dir, "data.png"), some); err != nil {
			return err
		}
	}
	for _, d := range done {
		if _, ok := d.model.(surprisal.Sampler); !ok {
			continue
		}
		b, err := l.draw(d.trained, n)
		if err != nil {
			return fmt.Errorf("sampling %s: %w", d.name, err)
		}
		if err := writeEvents(filepath.Join(c.dir, "samples-"+d.name+ext), b); err != nil {
			return err
		}
	}
	return nil
}

// isImage reports whether events are pictures that can be drawn.
func isImage(s *surprisal.Space) bool {
	f := s.Fields[0]
	if len(s.Fields) > 1 || !strings.HasPrefix(f.Axes, "HW") || !f.Discrete() {
		return false
	}
	_, _, levels := f.Grid()
	return levels > 1
}

// keepCurves draws the learning curves of the models that have such.
func keepCurves(c contest, done []contestant) error {
	var curves []report.Curve
	for _, d := range done {
		metrics, err := run.Metrics[train.Metric](d.folder)
		if err != nil {
			return err
		}
		if len(metrics) > 0 {
			curves = append(curves, report.Curve{Name: d.name, Metrics: metrics})
		}
	}
	if len(curves) == 0 {
		return nil
	}
	for _, format := range []report.Format{report.PNG, report.SVG} {
		plot := func(w io.Writer) error {
			return report.PlotCurves(w, format, "Learning curves on "+c.set.Name, report.ByTime, curves...)
		}
		if err := run.WriteAtomic(filepath.Join(c.dir, "curves."+string(format)), plot); err != nil {
			return err
		}
	}
	return nil
}
