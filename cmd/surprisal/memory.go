package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/diagnose"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/model"
	"github.com/surprisal-go/surprisal/train"
)

const (
	// memorised is the number of events to be learned by heart.
	memorised = 100
	// probeSteps is the length of a probe. Each step is on all events, and the
	// learning rate halves four times on the way.
	probeSteps = 6000
)

// rates are the learning rates of a probe, in those of the family's defaults:
// steps on all events at once have little noise and bear more.
var rates = []float64{10, 1}

// memory trains fresh models on a few events, all of them within a time; nil
// where that says nothing: the family is exempt, or marginals know all there is.
func (l *lab) memory(ctx context.Context, t *trained, few *surprisal.Batch, within time.Duration) (*diagnose.Memory, error) {
	floor, ok := diagnose.FloorOf(few)
	if !ok || within <= 0 {
		return nil, nil
	}
	base, err := l.marginalsOf(ctx, few.Space, few, few)
	if err != nil {
		return nil, err
	}
	scores, err := eval.Score(ctx, base, few, eval.Options{})
	if err != nil {
		return nil, err
	}
	top := scores.Likelihood("", "").Nats
	if top-floor.Nats < 0.01 {
		return nil, nil
	}
	h := byHeart{lab: l, run: t, few: few, top: top, scale: top - floor.Nats, until: time.Now().Add(within)}
	m := &diagnose.Memory{Events: few.Len()}
	if m.Way, m.Cut, err = h.way(ctx, probe{width: 1, length: 1}); err != nil || m.Cut || m.Learned() {
		return m, err
	}
	for _, p := range []struct {
		probe
		way **float64
	}{{probe{width: 4, length: 1}, &m.Wider}, {probe{width: 1, length: 3}, &m.Longer}} {
		way, cut, err := h.way(ctx, p.probe)
		if err != nil {
			return m, err
		}
		if cut {
			m.Cut = true
			return m, nil
		}
		*p.way = &way
	}
	return m, nil
}

// fewOf are the events to be learned by heart: of a set's training events, each
// by itself.
func fewOf(set *data.Set, key surprisal.Key) *surprisal.Batch {
	few := *diagnose.Sample(set.Train, memorised, key)
	few.Weight, few.Group, few.Ordered = nil, nil, false
	return &few
}

// byHeart trains fresh models of a run's settings on a few events.
type byHeart struct {
	*lab
	run        *trained
	few        *surprisal.Batch
	top, scale float64 // nats of marginals, and how far above the floor
	// until is when all probes end: a limit for slow models only, so that
	// others say the same on every machine.
	until time.Time
}

// probe is a training on a few events: of so many times the units, for so many
// times the steps and at so many times the rate.
type probe struct {
	width, length int
	rate          float64
}

// name tells what is trained, in progress.
func (p probe) name(family string, events int) string {
	switch {
	case p.width > 1:
		family += fmt.Sprintf(" of %d times the units", p.width)
	case p.length > 1:
		family += fmt.Sprintf(" for %d times the steps", p.length)
	}
	return fmt.Sprintf("%s on %d events, %g times the rate", family, events, p.rate)
}

// way is the part of the way from marginals to the floor that the best of all
// rates goes, 0 where none goes any. It is cut where the time ended a training
// short of what is enough.
func (h *byHeart) way(ctx context.Context, p probe) (best float64, cut bool, err error) {
	for _, r := range rates {
		p.rate = r
		nats, short, err := h.train(ctx, p)
		if err != nil {
			return best, cut, err
		}
		if best = max(best, (h.top-nats)/h.scale); best >= diagnose.Enough {
			return best, false, nil
		}
		cut = cut || short
	}
	return best, cut, nil
}

// train trains a fresh model and returns its nats on the events, +Inf where it
// has none, and whether the time ended it.
func (h *byHeart) train(ctx context.Context, p probe) (nats float64, cut bool, err error) {
	left := time.Until(h.until)
	if left <= 0 {
		return math.Inf(1), true, nil
	}
	man := h.run.folder.Manifest
	fam, err := model.Lookup(man.Family)
	if err != nil {
		return 0, false, err
	}
	cfg, err := configOf(fam, man)
	if err != nil {
		return 0, false, err
	}
	if err := p.configure(cfg, fam.Defaults(man.Space, man.Data.Splits["train"].Events), h.few.Len()); err != nil {
		return 0, false, err
	}
	m, err := fam.New(man.Space, cfg, h.exec)
	if err != nil {
		return 0, false, err
	}
	told := h.progress(p.name(fam.Name, h.few.Len()))
	defer told.Clear()
	within, learned := context.WithCancel(ctx)
	defer learned()
	enough := h.top - 0.95*h.scale // nats at which to stop
	opts := train.Options{
		Seed: surprisal.Key(man.Seed), Steps: p.length * probeSteps, TimeLimit: left,
		ValidEvery: 100, Patience: -1, ValidSamples: 64,
		Progress: func(at train.Progress) {
			told.Train(at)
			if at.Validated && at.Last.Valid.Nats < enough {
				learned()
			}
		},
	}
	rep, err := train.Fit(within, m.(train.Trainable), h.few, h.few, h.exec, opts, nil)
	switch {
	case ctx.Err() == nil && errors.Is(err, train.ErrInterrupted):
	case ctx.Err() == nil && err != nil && p.rate > 1: // too high for the family: the loss blew up
		return math.Inf(1), false, nil
	case err != nil:
		return 0, false, err
	}
	s, err := eval.Score(ctx, m, h.few, eval.Options{Samples: 256, Key: surprisal.Key(man.Seed)})
	return s.Likelihood("", "").MeanNats(), rep.Reason == train.TimeLimit, err
}

// configure changes a run's settings to those of the probe.
func (p probe) configure(cfg, defaults any, events int) error {
	for _, s := range model.Settings(cfg) {
		value := s.Value
		switch s.Key {
		case "dropout", "weight_decay", "average":
			value = "0"
		case "batch":
			value = strconv.Itoa(events)
		case "half_life":
			value = strconv.Itoa(p.length * probeSteps / 4)
		case "learning_rate":
			value = strconv.FormatFloat(p.rate*settingOf(defaults, s.Key), 'g', -1, 64)
		case "hidden", "latent":
			value = widen(s.Value, p.width)
		}
		if err := model.Set(cfg, s.Key, value); err != nil {
			return err
		}
	}
	return nil
}

// settingOf is a number among settings, 0 where there is none of that name.
func settingOf(cfg any, key string) float64 {
	for _, s := range model.Settings(cfg) {
		if s.Key == key {
			v, _ := strconv.ParseFloat(s.Value, 64) // printed by us
			return v
		}
	}
	return 0
}

// widen multiplies the numbers of a list of units.
func widen(list string, by int) string {
	if by == 1 {
		return list
	}
	units := strings.Split(list, ",")
	for i, u := range units {
		n, err := strconv.Atoi(strings.TrimSpace(u))
		if err != nil {
			return list
		}
		units[i] = strconv.Itoa(n * by)
	}
	return strings.Join(units, ",")
}
