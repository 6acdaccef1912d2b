package train_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/optim"
	"github.com/surprisal-go/surprisal/tensor"
	"github.com/surprisal-go/surprisal/train"
)

// recorder keeps metrics and encoded checkpoints in memory.
type recorder struct {
	metrics []train.Metric
	stores  []*tensor.Store
	metas   [][]byte
	after   func(step int)
}

func (r *recorder) Metric(m train.Metric) error { r.metrics = append(r.metrics, m); return nil }

func (r *recorder) Checkpoint(s *train.State) error {
	store, meta, err := s.Encode()
	if err != nil {
		return err
	}
	r.stores, r.metas = append(r.stores, store.Clone()), append(r.metas, meta)
	if r.after != nil {
		r.after(s.Step)
	}
	return nil
}

func (r *recorder) state(t *testing.T, i int) *train.State {
	t.Helper()
	s, err := train.Decode(r.stores[i].Clone(), r.metas[i])
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func adam() optim.Optimizer { return optim.Adam{LearningRate: 0.02} }

// noisy uses everything that a checkpoint has to hold.
func noisy() *gaussian {
	g := newGaussian(3, optim.Average{Of: optim.Clip{Of: optim.Adam{LearningRate: 0.05, Schedule: optim.Cosine(60, 0.1)}, Norm: 5}, Decay: 0.9})
	g.noise = 0.3
	return g
}

func sameState(t *testing.T, what string, got, want *tensor.Store) {
	t.Helper()
	if diff := cmp.Diff(dump(want), dump(got)); diff != "" {
		t.Errorf("%s: weights differ (-want +got):\n%s", what, diff)
	}
}

func dump(s *tensor.Store) map[string]tensor.Tensor {
	out := map[string]tensor.Tensor{}
	for n, v := range s.All() {
		out[n] = v
	}
	return out
}

func TestFitReachesTheSampleMoments(t *testing.T) {
	b := events(200, 2, 1, 0)
	g := newGaussian(2, optim.Adam{LearningRate: 0.05, Schedule: optim.Cosine(600, 0)})
	rec := &recorder{}
	rep, err := train.Fit(context.Background(), g, b, b, ref.New(), train.Options{Seed: 7, Epochs: 600, Batch: 200}, rec)
	if err != nil {
		t.Fatal(err)
	}
	mean, sd := g.moments()
	wantMean, wantSD := momentsOf(b)
	for d := range mean {
		if math.Abs(mean[d]-wantMean[d]) > 1e-3 || math.Abs(sd[d]-wantSD[d]) > 1e-3 {
			t.Errorf("column %d: %.5f ± %.5f, want %.5f ± %.5f", d, mean[d], sd[d], wantMean[d], wantSD[d])
		}
	}
	if rep.Reason != train.Epochs || rep.Steps != 600 || rep.Epochs != 600 {
		t.Errorf("report %+v", rep)
	}
	first, last := rec.metrics[0], rec.metrics[len(rec.metrics)-1]
	if last.Loss > first.Loss-0.4 {
		t.Errorf("loss went from %.3f to %.3f, want a fall", first.Loss, last.Loss)
	}
	// With the whole set as one batch, the loss of a step is the likelihood
	// before it.
	if math.Abs(last.Loss-last.Valid.Nats) > 1e-3 {
		t.Errorf("loss %.5f and validation nats %.5f differ", last.Loss, last.Valid.Nats)
	}
}

func TestEpochsVisitEveryEventOnceInNewOrder(t *testing.T) {
	tr := events(45, 1, 2, 300)
	g := newGaussian(1, adam())
	if _, err := train.Fit(context.Background(), g, tr, nil, ref.New(), train.Options{Seed: 5, Epochs: 3, Batch: 10}, nil); err != nil {
		t.Fatal(err)
	}
	var orders [3][]uint64
	for step, ids := range g.ids {
		orders[step/5] = append(orders[step/5], ids...)
	}
	for e, order := range orders {
		if e > 0 && slices.Equal(order, orders[e-1]) {
			t.Errorf("epochs %d and %d have the same order", e, e+1)
		}
		if sorted := slices.Sorted(slices.Values(order)); !slices.Equal(sorted, tr.IDs) {
			t.Errorf("epoch %d visits %v", e+1, sorted)
		}
	}
	seen := map[surprisal.Key]bool{}
	for _, k := range g.keys {
		seen[k] = true
	}
	if len(seen) != 15 {
		t.Errorf("%d keys for 15 steps", len(seen))
	}
}

func TestKillAndResumeGivesTheSameWeights(t *testing.T) {
	tr, va := events(45, 3, 2, 0), events(20, 3, 3, 1000)
	opts := train.Options{Seed: 5, Epochs: 6, Batch: 10, ValidEvery: 3, SaveEvery: time.Nanosecond}
	undisturbed, rec := noisy(), &recorder{}
	opts.Times = &train.Times{}
	begin := time.Now()
	want, err := train.Fit(context.Background(), undisturbed, tr, va, ref.New(), opts, rec)
	if s, wall := opts.Times, time.Since(begin); s.Init <= 0 || s.Feed <= 0 || s.Run <= 0 || s.Validate <= 0 || s.Save <= 0 || s.Init+s.Feed+s.Run+s.Validate+s.Save > wall {
		t.Errorf("%v took %+v", wall, *s)
	}
	if err != nil {
		t.Fatal(err)
	}
	if want.Steps != 30 || !want.Averaged || len(rec.stores) < 30 {
		t.Fatalf("%d steps, averaged %v, %d checkpoints: want 30, true, one each", want.Steps, want.Averaged, len(rec.stores))
	}
	for i := range rec.stores {
		from := rec.state(t, i)
		again, tail := noisy(), &recorder{}
		got, err := train.Resume(context.Background(), from, again, tr, va, ref.New(), opts, tail)
		if err != nil {
			t.Fatalf("resuming from step %d: %v", from.Step, err)
		}
		sameState(t, "resumed", again.State(), undisturbed.State())
		sameState(t, "last checkpoint", tail.stores[len(tail.stores)-1], rec.stores[len(rec.stores)-1])
		if got.Steps != want.Steps || got.Best.Step != want.Best.Step {
			t.Errorf("resumed from step %d: ended at step %d with best %d, want %d and %d", from.Step, got.Steps, got.Best.Step, want.Steps, want.Best.Step)
		}
	}
}

func TestInterruptSavesAndResumes(t *testing.T) {
	tr, va := events(45, 3, 2, 0), events(20, 3, 3, 1000)
	opts := train.Options{Seed: 5, Epochs: 6, Batch: 10, SaveEvery: time.Hour}
	undisturbed := noisy()
	if _, err := train.Fit(context.Background(), undisturbed, tr, va, ref.New(), opts, nil); err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{1, 5, 12} {
		ctx, cancel := context.WithCancel(context.Background())
		rec, g := &recorder{}, noisy()
		g.fed = func() { // in the middle of a step, which is finished
			if len(g.ids) == at {
				cancel()
			}
		}
		_, err := train.Fit(ctx, g, tr, va, ref.New(), opts, rec)
		if !errors.Is(err, train.ErrInterrupted) || !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "of 6") {
			t.Fatalf("step %d: got error %v, want ErrInterrupted", at, err)
		}
		from := rec.state(t, len(rec.stores)-1)
		if from.Step != at {
			t.Errorf("interrupted after step %d, saved step %d", at, from.Step)
		}
		again := noisy()
		if _, err := train.Resume(context.Background(), from, again, tr, va, ref.New(), opts, nil); err != nil {
			t.Fatal(err)
		}
		sameState(t, "resumed", again.State(), undisturbed.State())
	}
}

func TestEarlyStopKeepsTheBest(t *testing.T) {
	// Validation events far from the training events: the nats of the former
	// rise again as the model moves to the latter.
	tr, va := events(60, 1, 4, 0), events(60, 1, 4, 1000)
	for i, v := range va.Columns[0].(surprisal.Values[float64]) {
		va.Columns[0].(surprisal.Values[float64])[i] = v + 1
	}
	g := newGaussian(1, optim.Adam{LearningRate: 0.1})
	rec := &recorder{}
	rep, err := train.Fit(context.Background(), g, tr, va, ref.New(), train.Options{Seed: 3, Epochs: 1000, Batch: 20, Patience: 5}, rec)
	if err != nil {
		t.Fatal(err)
	}
	var best train.Metric
	n := 0
	for _, m := range rec.metrics {
		if m.Valid != nil {
			n++
			if best.Valid == nil || m.Valid.Nats < best.Valid.Nats {
				best = m
			}
		}
	}
	if rep.Reason != train.EarlyStop || rep.Steps != best.Step+5*3 || rep.Best.Step != best.Step || n != rep.Steps/3 {
		t.Errorf("stopped by %q at step %d of best %d after %d validations; the best of the metrics is step %d", rep.Reason, rep.Steps, rep.Best.Step, n, best.Step)
	}
	lp := make([]float64, va.Len())
	if err := g.LogProb(lp, va); err != nil {
		t.Fatal(err)
	}
	nats := 0.0
	for _, v := range lp {
		nats -= v / float64(len(lp))
	}
	if math.Abs(nats-best.Valid.Nats) > 1e-9 {
		t.Errorf("the model scores %.6f nats after training, its best validation was %.6f", nats, best.Valid.Nats)
	}
}

func TestKillAndResumeStopsEarlyAtTheSameStep(t *testing.T) {
	tr, va := events(60, 1, 4, 0), events(60, 1, 40, 1000)
	fresh := func() *gaussian { return newGaussian(1, optim.Adam{LearningRate: 0.1}) }
	opts := train.Options{Seed: 3, Epochs: 1000, Batch: 20, Patience: 8, SaveEvery: time.Nanosecond}
	rec, undisturbed := &recorder{}, fresh()
	want, err := train.Fit(context.Background(), undisturbed, tr, va, ref.New(), opts, rec)
	if err != nil {
		t.Fatal(err)
	}
	if want.Reason != train.EarlyStop || want.Steps < 30 {
		t.Fatalf("report %+v", want)
	}
	for i := 0; i < len(rec.stores); i += 5 {
		again := fresh()
		got, err := train.Resume(context.Background(), rec.state(t, i), again, tr, va, ref.New(), opts, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got.Reason != want.Reason || got.Steps != want.Steps || got.Best.Step != want.Best.Step {
			t.Errorf("resumed from checkpoint %d: %s at step %d of best %d, want %s at %d of %d", i, got.Reason, got.Steps, got.Best.Step, want.Reason, want.Steps, want.Best.Step)
		}
		sameState(t, "resumed", again.State(), undisturbed.State())
	}
}

// TestValidationSeesAveragesAndLeavesTrainingAlone: validating changes no
// weight of the training, and the weights that it scores and keeps are the
// averages.
func TestValidationSeesAveragesAndLeavesTrainingAlone(t *testing.T) {
	tr, va := events(45, 3, 2, 0), events(20, 3, 3, 1000)
	var last [2]*train.State
	for i, every := range []int{1, 1000} {
		g, rec := noisy(), &recorder{}
		rep, err := train.Fit(context.Background(), g, tr, va, ref.New(), train.Options{Seed: 5, Steps: 12, Batch: 10, ValidEvery: every}, rec)
		if err != nil {
			t.Fatal(err)
		}
		last[i] = rec.state(t, len(rec.stores)-1)
		if rep.Best.Step != 12 {
			t.Fatalf("the last validation is not the best: %+v", rep.Best)
		}
		average := last[i].Store.Sub("ema/")
		if average.Len() != 2 {
			t.Fatalf("averages of %v, want 2", average.Names())
		}
		for name, a := range average.All() {
			if !slices.Equal(g.State().Must(name).F32(), a.F32()) {
				t.Errorf("%s of the trained model is %v, its average %v", name, g.State().Must(name).F32(), a.F32())
			}
		}
		lp := make([]float64, va.Len())
		if err := g.LogProb(lp, va); err != nil {
			t.Fatal(err)
		}
		nats := 0.0
		for _, v := range lp {
			nats -= v / float64(len(lp))
		}
		if math.Abs(nats-rep.Best.Valid.Nats) > 1e-9 {
			t.Errorf("the model scores %.6f nats, its last validation was %.6f", nats, rep.Best.Valid.Nats)
		}
	}
	sameState(t, "validated every step and once", last[0].Store, last[1].Store)
}

func TestTimeLimitStopsAtARecordedStep(t *testing.T) {
	tr, va := events(50, 2, 6, 0), events(20, 2, 7, 1000)
	limited := newGaussian(2, adam())
	rep, err := train.Fit(context.Background(), limited, tr, va, ref.New(), train.Options{Seed: 1, Batch: 7, TimeLimit: 30 * time.Millisecond}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if rep.Reason != train.TimeLimit || rep.Steps < 1 {
		t.Fatalf("report %+v", rep)
	}
	again := newGaussian(2, adam())
	if _, err := train.Fit(context.Background(), again, tr, va, ref.New(), train.Options{Seed: 1, Batch: 7, Steps: rep.Steps}, nil); err != nil {
		t.Fatal(err)
	}
	sameState(t, "by steps", again.State(), limited.State())
}

func TestWithoutValidationTheLastWeightsAreKept(t *testing.T) {
	tr := events(50, 2, 6, 0)
	g, rec := newGaussian(2, adam()), &recorder{}
	if _, err := train.Fit(context.Background(), g, tr, nil, ref.New(), train.Options{Seed: 1, Epochs: 3}, rec); err != nil {
		t.Fatal(err)
	}
	last := rec.state(t, len(rec.stores)-1)
	sameState(t, "last", g.State(), last.Best)
	if last.Step != 3 {
		t.Errorf("%d steps with a default batch of all %d events, want 3", last.Step, tr.Len())
	}
}

func TestProgress(t *testing.T) {
	tr, va := events(50, 2, 6, 0), events(20, 2, 7, 1000)
	var seen []train.Progress
	opts := train.Options{Seed: 1, Epochs: 3, Batch: 20, Progress: func(p train.Progress) { seen = append(seen, p) }}
	if _, err := train.Fit(context.Background(), newGaussian(2, adam()), tr, va, ref.New(), opts, nil); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 9+3 { // steps and validations
		t.Fatalf("%d reports, want 12", len(seen))
	}
	last := seen[len(seen)-1]
	if last.Epoch != 3 || last.Step != 9 || last.Steps != 9 || last.Last == nil || !last.Validated || last.EventsPerSecond <= 0 || last.Left != 0 {
		t.Errorf("last report %+v", last)
	}
	if want := surprisal.Bits(last.Loss) / 2; math.Abs(last.LossBits-want) > 1e-12 {
		t.Errorf("%v bits/dim for %v nats in 2 dims, want %v", last.LossBits, last.Loss, want)
	}
}

func TestRefusals(t *testing.T) {
	tr, va := events(50, 2, 6, 0), events(20, 2, 7, 1000)
	nan := events(50, 2, 6, 0)
	nan.Columns[1].(surprisal.Values[float64])[17] = math.NaN()
	for _, c := range []struct {
		name      string
		tr, va    *surprisal.Batch
		opts      train.Options
		wantWords string
	}{
		{"batch larger than the set", tr, va, train.Options{Epochs: 1, Batch: 51}, "at most 50"},
		{"NaN in data", nan, va, train.Options{Epochs: 1}, `event 17, field "b"`},
		{"NaN in validation", tr, nan, train.Options{Epochs: 1}, "validation events"},
		{"no events", tr.Slice(0, 0), va, train.Options{Epochs: 1}, "no events"},
		{"no end", tr, va, train.Options{}, "nothing ends the training"},
		{"patience without validation", tr, nil, train.Options{Patience: 3}, "nothing ends the training"},
		{"negative epochs", tr, va, train.Options{Epochs: -1}, "epochs is -1"},
		{"other space", tr, events(20, 3, 1, 0), train.Options{Epochs: 1}, "different spaces"},
	} {
		_, err := train.Fit(context.Background(), newGaussian(2, adam()), c.tr, c.va, ref.New(), c.opts, nil)
		if err == nil || !strings.Contains(err.Error(), c.wantWords) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.wantWords)
		}
	}
}

func TestResumeRefusesAnotherTraining(t *testing.T) {
	tr, va := events(50, 2, 6, 0), events(20, 2, 7, 1000)
	rec := &recorder{}
	opts := train.Options{Seed: 1, Epochs: 1, Batch: 10}
	if _, err := train.Fit(context.Background(), newGaussian(2, adam()), tr, va, ref.New(), opts, rec); err != nil {
		t.Fatal(err)
	}
	from := rec.state(t, len(rec.stores)-1)
	batch := opts
	batch.Batch = 20
	seed := opts
	seed.Seed = 2
	for name, try := range map[string]func() error{
		"batch": func() error {
			_, err := train.Resume(context.Background(), from, newGaussian(2, adam()), tr, va, ref.New(), batch, nil)
			return err
		},
		"seed": func() error {
			_, err := train.Resume(context.Background(), from, newGaussian(2, adam()), tr, va, ref.New(), seed, nil)
			return err
		},
		"model": func() error {
			_, err := train.Resume(context.Background(), from, newGaussian(3, adam()), events(50, 3, 6, 0), nil, ref.New(), opts, nil)
			return err
		},
		"optimiser": func() error {
			_, err := train.Resume(context.Background(), from, newGaussian(2, optim.SGD{LearningRate: 0.1, Momentum: 0.9}), tr, va, ref.New(), opts, nil)
			return err
		},
	} {
		if err := try(); err == nil || !strings.Contains(err.Error(), "checkpoint") {
			t.Errorf("another %s: got error %v", name, err)
		}
	}
	if _, err := train.Decode(&tensor.Store{}, rec.metas[0]); err == nil {
		t.Error("a state without tensors is no error")
	}
	if _, err := train.Decode(rec.stores[0], []byte("{")); err == nil {
		t.Error("torn JSON is no error")
	}
}

// failing is a recorder on a full disk.
type failing struct{ recorder }

var errFull = errors.New("no space left on device")

func (*failing) Checkpoint(*train.State) error { return errFull }

func TestRecorderErrorsStop(t *testing.T) {
	_, err := train.Fit(context.Background(), newGaussian(2, adam()), events(50, 2, 6, 0), nil, ref.New(), train.Options{Epochs: 2}, &failing{})
	if !errors.Is(err, errFull) {
		t.Errorf("got %v, want %v", err, errFull)
	}
}

var _ train.Trainable = (*gaussian)(nil)
