package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/engine/explain"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/train"
)

// inspectGraph shows the plans of a run: of its training, of scoring an event,
// and of drawing, before and after passes. No plan is run on data.
func (a *app) inspectGraph(cmd *cobra.Command, dir string, batch int) error {
	if batch < 0 {
		return usagef("--batch %d: want 0 (as the run was trained) or more", batch)
	}
	watch := &cpu.Watch{}
	l, err := a.watchedLab(watch)
	if err != nil {
		return err
	}
	t, err := l.restore(dir)
	if err != nil {
		return err
	}
	asked := 0
	if m, ok := t.model.(train.Trainable); ok {
		obj, err := m.Objective()
		if err != nil {
			return fmt.Errorf("run %s: building the objective: %w", dir, err)
		}
		for i := range obj.Phases {
			if _, err := obj.Compile(i, l.exec); err != nil {
				return fmt.Errorf("run %s: %w", dir, err)
			}
		}
		asked = obj.Batch
	}
	if _, err := eval.Score(cmd.Context(), t.model, blank(t.model.Space()), eval.Options{Samples: 1}); err != nil {
		return fmt.Errorf("run %s: scoring an event: %w", dir, err)
	}
	plans, err := withSampling(watch, l, t)
	if err != nil {
		return fmt.Errorf("run %s: %w", dir, err)
	}
	if len(plans) == 0 {
		return fmt.Errorf("run %s: a %s is computed without a graph", dir, t.folder.Manifest.Family)
	}
	if a.json {
		return a.printJSON(map[string]any{"plans": plans})
	}
	if batch == 0 {
		batch = max(asked, 1)
	}
	for i, p := range plans {
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		if err := p.WriteText(a.stdout, columns(a.stdout), batch); err != nil {
			return err
		}
	}
	return nil
}

// withSampling returns the plans compiled so far, and those that drawing needs:
// of two events, since the operations of one run together.
func withSampling(watch *cpu.Watch, l *lab, t *trained) ([]explain.Plan, error) {
	others := len(watch.Plans())
	if s, ok := t.model.(surprisal.Sampler); ok {
		if _, err := s.Sample(2, l.key().Named("sample"), nil); err != nil {
			return nil, fmt.Errorf("drawing events: %w", err)
		}
	}
	plans := explain.Named(watch.Plans())
	for i := range plans[others:] {
		plans[others+i].Name = "sampling"
	}
	return plans, nil
}

// blank is one event of the space: zeros, or the lowest values of grids.
func blank(space *surprisal.Space) *surprisal.Batch {
	b := &surprisal.Batch{Space: space}
	for _, f := range space.Fields {
		v := make(surprisal.Values[float64], f.Size())
		if f.Kind == surprisal.Grid {
			low, _, _ := f.Grid()
			for i := range v {
				v[i] = low
			}
		}
		b.Columns = append(b.Columns, v)
	}
	return b
}
