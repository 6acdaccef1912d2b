package main

import (
	"context"
	"io"
	"path/filepath"
	"strings"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/diagnose"
	"github.com/surprisal-go/surprisal/report"
	"github.com/surprisal-go/surprisal/run"
)

// Samples that are kept of each model.
const (
	keptImages = 64
	keptRows   = 1000
)

// keep writes board, samples and the page of the runs with its pictures into the
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
	return l.keepPage(ctx, c, board, done)
}

// keepPage writes what the report verb writes of the runs. The board is the
// contest's, which also knows what is missing; of several seeds it and what
// follows are of families, and the pictures of one seed's run.
func (l *lab) keepPage(ctx context.Context, c contest, board *report.Board, done []contestant) error {
	r := &reporting{lab: l, part: "test", board: board}
	for _, d := range done {
		if err := r.add(ctx, d.folder.Dir, d.name); err != nil {
			return err
		}
	}
	page, err := r.page(ctx)
	if err != nil {
		return err
	}
	if err := run.WriteAtomic(filepath.Join(c.dir, "report.html"), page.WriteHTML); err != nil {
		return err
	}
	return writePictures(page, filepath.Join(c.dir, "pictures"))
}

// keepSamples writes what each model draws and, of images, some test events to
// hold beside them. A model whose sampling fails has none.
func (l *lab) keepSamples(c contest, done []contestant) error {
	n, ext := keptRows, ".csv"
	if isImage(c.set.Space) {
		n, ext = keptImages, ".png"
		some := diagnose.Sample(c.set.Test, n, l.key())
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
			l.say("%s: no samples: %s", d.name, oneLine(err))
			continue
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
