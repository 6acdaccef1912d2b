package bench

import (
	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/model/ar"
)

// newMADE is 784-500-784 without direct connections, fresh, with the set that
// it is about to be trained on.
func newMADE(exec graph.Executor, batch int) (*ar.MADE, *training, error) {
	set := Bits()
	cfg := ar.Defaults(set.Space, set.Len())
	cfg.Hidden, cfg.Direct = []int{500}, false
	cfg.LearningRate, cfg.WeightDecay, cfg.Clip, cfg.Average = learningRate, 0, 0, 0
	m, err := ar.New(set.Space, cfg, exec)
	if err != nil {
		return nil, nil, err
	}
	if err := m.Init(1, set); err != nil {
		return nil, nil, err
	}
	obj, err := m.Objective()
	if err != nil {
		return nil, nil, err
	}
	t, err := newTraining(obj, exec, set, batch)
	return m, t, err
}

func trainMADE(exec graph.Executor, batch int) (*Run, error) {
	m, t, err := newMADE(exec, batch)
	if err != nil {
		return nil, err
	}
	return &Run{Params: m.NumParams(), Step: t.Step}, nil
}

// learnedMADE has seen every event of the set once, so that its weights are
// ordinary numbers.
func learnedMADE(exec graph.Executor) (*ar.MADE, *surprisal.Batch, error) {
	m, t, err := newMADE(exec, 100)
	if err != nil {
		return nil, nil, err
	}
	for range SetSize / 100 {
		if _, err := t.Step(); err != nil {
			return nil, nil, err
		}
	}
	return m, t.set, nil
}

// scoreMADE scores batch after batch of the set.
func scoreMADE(exec graph.Executor, batch int) (*Run, error) {
	m, set, err := learnedMADE(exec)
	if err != nil {
		return nil, err
	}
	var batches []*surprisal.Batch
	for lo := 0; lo+batch <= set.Len(); lo += batch {
		batches = append(batches, set.Slice(lo, lo+batch))
	}
	logp, step := make([]float64, batch), 0
	score := func() (float64, error) {
		err := m.LogProb(logp, batches[step%len(batches)])
		step++
		sum := 0.0
		for _, v := range logp {
			sum -= v
		}
		return sum / float64(batch), err
	}
	return &Run{Params: m.NumParams(), Step: score}, nil
}

// sampleMADE draws images. The nats are those of a hundred events of the set,
// by which to tell that it is the model that the peers draw from.
func sampleMADE(exec graph.Executor, batch int) (*Run, error) {
	m, set, err := learnedMADE(exec)
	if err != nil {
		return nil, err
	}
	logp, nats := make([]float64, 100), 0.0
	if err := m.LogProb(logp, set.Slice(0, len(logp))); err != nil {
		return nil, err
	}
	for _, v := range logp {
		nats -= v / float64(len(logp))
	}
	key := surprisal.Key(0)
	draw := func() (float64, error) {
		key++
		_, err := m.Sample(batch, key, nil)
		return nats, err
	}
	return &Run{Params: m.NumParams(), Step: draw}, nil
}

// samplePasses is sampleMADE on an executor that makes a whole pass for every
// pixel.
func samplePasses(exec graph.Executor, batch int) (*Run, error) {
	return sampleMADE(struct{ graph.Executor }{exec}, batch)
}
