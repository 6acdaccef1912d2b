package bench

import (
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/model/vae"
	"github.com/surprisal-go/surprisal/nn"
)

func trainVAE(exec graph.Executor, batch int) (*Run, error)  { return trainBound(exec, batch, 1) }
func trainIWAE(exec graph.Executor, batch int) (*Run, error) { return trainBound(exec, batch, 50) }

// trainBound trains on the ELBO, or on the importance-weighted bound of draws.
func trainBound(exec graph.Executor, batch, draws int) (*Run, error) {
	set := Bits()
	cfg := vae.Defaults(set.Space, set.Len())
	cfg.Hidden, cfg.Latent, cfg.Activation, cfg.Importance = []int{200, 200}, 50, nn.Tanh, draws
	cfg.LearningRate, cfg.KLWarmup, cfg.WeightDecay = learningRate, 0, 0
	cfg.Dropout, cfg.Clip, cfg.Average = 0, 0, 0
	m, err := vae.New(set.Space, cfg, exec)
	if err != nil {
		return nil, err
	}
	if err := m.Init(1, set); err != nil {
		return nil, err
	}
	obj, err := m.Objective()
	if err != nil {
		return nil, err
	}
	t, err := newTraining(obj, exec, set, batch)
	if err != nil {
		return nil, err
	}
	return &Run{Params: m.NumParams(), Step: t.Step}, nil
}
