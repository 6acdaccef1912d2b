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

// exempt is why a run's family is not put to the test of memory, or empty.
func exempt(t *trained, set *data.Set) string {
	fam, err := model.Lookup(t.folder.Manifest.Family)
	switch _, steps := t.model.(train.Trainable); {
	case set.Space.Measure() != surprisal.Mass:
		return "a density has no floor"
	case err == nil && fam.Forgets != "":
		return fmt.Sprintf("%s is exempt by its form (%s)", fam.Name, fam.Forgets)
	case !steps:
		return t.folder.Manifest.Family + " is not trained by steps"
	}
	return ""
}

// memory trains fresh models on a few events; nil where that says nothing: the
// family is exempt, or marginals know all there is.
func (l *lab) memory(ctx context.Context, t *trained, set *data.Set, within time.Duration) (*diagnose.Memory, error) {
	few := *diagnose.Sample(set.Train, memorised, surprisal.Key(t.folder.Manifest.Seed))
	few.Weight, few.Group, few.Ordered = nil, nil, false
	floor, ok := diagnose.FloorOf(&few)
	if !ok || within <= 0 || exempt(t, set) != "" {
		return nil, nil
	}
	base, err := l.marginalsOf(ctx, set.Space, &few, &few)
	if err != nil {
		return nil, err
	}
	scores, err := eval.Score(ctx, base, &few, eval.Options{})
	if err != nil {
		return nil, err
	}
	top := scores.Likelihood("", "").Nats
	if top-floor.Nats < 0.01 {
		return nil, nil
	}
	scale := top - floor.Nats
	way := func(width, length int) (float64, error) {
		best := math.Inf(-1)
		for _, r := range rates {
			p := probe{width: width, length: length, rate: r, within: within, enough: top - 0.95*scale}
			nats, err := l.byHeart(ctx, t, &few, p)
			if err != nil {
				return best, err
			}
			if best = max(best, (top-nats)/scale); best >= diagnose.Enough {
				break
			}
		}
		return best, nil
	}
	m := &diagnose.Memory{Events: few.Len()}
	if m.Way, err = way(1, 1); err != nil || m.Learned() {
		return m, err
	}
	wider, err := way(4, 1)
	if err != nil {
		return m, err
	}
	longer, err := way(1, 3)
	m.Wider, m.Longer = &wider, &longer
	return m, err
}

// probe is a training on a few events: of so many times the units, for so many
// times the steps and at so many times the rate. Time is a limit for slow models
// only, so that other probes say the same on every machine.
type probe struct {
	width, length int
	rate          float64
	within        time.Duration
	enough        float64 // nats at which to stop
}

// byHeart trains a fresh model on events and returns its nats on them.
func (l *lab) byHeart(ctx context.Context, t *trained, few *surprisal.Batch, p probe) (float64, error) {
	man := t.folder.Manifest
	fam, err := model.Lookup(man.Family)
	if err != nil {
		return 0, err
	}
	cfg, err := configOf(fam, man)
	if err != nil {
		return 0, err
	}
	if err := p.configure(cfg, fam.Defaults(man.Space, man.Data.Splits["train"].Events), few.Len()); err != nil {
		return 0, err
	}
	m, err := fam.New(man.Space, cfg, l.exec)
	if err != nil {
		return 0, err
	}
	told := l.progress(fmt.Sprintf("%s on %d events", fam.Name, few.Len()))
	defer told.Clear()
	within, learned := context.WithCancel(ctx)
	defer learned()
	opts := train.Options{
		Seed: surprisal.Key(man.Seed), Steps: p.length * probeSteps, TimeLimit: time.Duration(p.length) * p.within,
		ValidEvery: 100, Patience: -1, ValidSamples: 64,
		Progress: func(at train.Progress) {
			told.Train(at)
			if at.Validated && at.Last.Valid.Nats < p.enough {
				learned()
			}
		},
	}
	_, err = train.Fit(within, m.(train.Trainable), few, few, l.exec, opts, nil)
	switch {
	case ctx.Err() == nil && errors.Is(err, train.ErrInterrupted):
	case ctx.Err() == nil && err != nil && p.rate > 1: // too high for the family: the loss blew up
		return math.Inf(1), nil
	case err != nil:
		return 0, err
	}
	s, err := eval.Score(ctx, m, few, eval.Options{Samples: 256, Key: surprisal.Key(man.Seed)})
	return s.Likelihood("", "").Nats, err
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
			value = strconv.FormatFloat(p.rate*rateOf(defaults), 'g', -1, 64)
		case "hidden", "latent":
			value = widen(s.Value, p.width)
		}
		if err := model.Set(cfg, s.Key, value); err != nil {
			return err
		}
	}
	return nil
}

// rateOf is the learning rate of settings.
func rateOf(cfg any) float64 {
	for _, s := range model.Settings(cfg) {
		if s.Key == "learning_rate" {
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
