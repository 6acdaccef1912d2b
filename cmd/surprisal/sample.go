package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/run"
)

// mostPictures is the most events that are drawn on a grid.
const mostPictures = 10_000

func isPNG(path string) bool { return strings.EqualFold(filepath.Ext(path), ".png") }

func (a *app) sampleVerb() *cobra.Command {
	n, out, profile := 64, "", ""
	cmd := &cobra.Command{
		Use:   "sample RUN -n 64 -o FILE",
		Short: "draw events from a run's model",
		Long: `Draw events: a grid of pictures if FILE ends in .png, else CSV; - is stdout. The
seed fixes the sample. CSV has the data's columns and reads back with 'score'.`,
		Example: `  surprisal sample runs/vae -n 64 -o digits.png
  surprisal sample runs/made -n 1000 -o - > rows.csv`,
		Args: want("RUN"),
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case out == "":
				return usagef("-o is missing: name a file, or - for stdout")
			case n < 1:
				return usagef("-n %d: want at least 1", n)
			case isPNG(out) && n > mostPictures:
				return usagef("-n %d: want at most %d on a grid of pictures", n, mostPictures)
			}
			var watch *cpu.Watch
			if profile != "" {
				watch = &cpu.Watch{}
			}
			l, err := a.watchedLab(watch)
			if err != nil {
				return err
			}
			t, err := l.restore(args[0])
			if err != nil {
				return err
			}
			begin := time.Now()
			b, err := l.draw(t, n)
			if err != nil {
				return err
			}
			took := time.Since(begin)
			if err := l.keepSample(t, b, out); err != nil || watch == nil {
				return err
			}
			return l.profileSampling(watch, took, profile)
		},
	}
	cmd.Flags().IntVarP(&n, "number", "n", n, "`N` events to draw")
	cmd.Flags().StringVarP(&out, "output", "o", "", "`FILE` to write: .png for pictures, else CSV; - is stdout")
	cmd.Flags().StringVar(&profile, "profile", "", "print where the time went, and write it to `FILE` for go tool pprof (-: only print)")
	cmd.Flags().Lookup("profile").NoOptDefVal = printed
	return cmd
}

// keepSample writes or prints what was drawn.
func (l *lab) keepSample(t *trained, b *surprisal.Batch, out string) error {
	switch {
	case out == "-" && l.json:
		return l.printJSON(rowsJSON(b))
	case out == "-":
		return data.WriteCSV(l.stdout, b)
	}
	if err := writeEvents(out, b); err != nil {
		return err
	}
	l.say("wrote %d events to %s", b.Len(), out)
	if l.json {
		return l.printJSON(map[string]any{"run": t.folder.Dir, "file": out, "events": b.Len(), "seed": l.seed})
	}
	return nil
}

// draw draws n events by the seed.
func (l *lab) draw(t *trained, n int) (*surprisal.Batch, error) {
	s, ok := t.model.(surprisal.Sampler)
	if !ok {
		return nil, fmt.Errorf("%s cannot draw samples", t.folder.Manifest.Family)
	}
	return s.Sample(n, l.key().Named("sample"), nil)
}

// writeEvents writes a grid of pictures or CSV, as the file's name says.
func writeEvents(path string, b *surprisal.Batch) error {
	return run.WriteAtomic(path, func(w io.Writer) error {
		if isPNG(path) {
			return data.WritePNGGrid(w, b, gridColumns(b.Len()))
		}
		return data.WriteCSV(w, b)
	})
}

// rowsJSON is a batch for machines: its columns and a row of values an event,
// categories by name.
func rowsJSON(b *surprisal.Batch) any {
	fields := b.Space.Columns()
	names, rows := make([]string, len(fields)), make([][]any, b.Len())
	for j, f := range fields {
		names[j] = f.Name
	}
	values := make([]float64, len(fields))
	for i := range rows {
		b.Float64s(values, i)
		rows[i] = make([]any, len(fields))
		for j, v := range values {
			rows[i][j] = v
			if labels := fields[j].Labels; labels != nil {
				rows[i][j] = labels[int(v)]
			}
		}
	}
	return map[string]any{"columns": names, "rows": rows}
}

// gridColumns makes a grid of pictures about square.
func gridColumns(n int) int {
	c := 1
	for c*c < n {
		c++
	}
	return c
}
