package bench

import (
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/model/flow"
)

func trainRealNVP(exec graph.Executor, batch int) (*Run, error) {
	set := Reals()
	cfg := flow.Defaults(set.Space, set.Len())
	cfg.Couplings, cfg.Hidden, cfg.Bound = flowLayers, []int{flowUnits, flowUnits}, flowBound
	cfg.LearningRate, cfg.Warmup, cfg.WeightDecay = learningRate, 0, 0
	cfg.Dropout, cfg.Clip, cfg.Average = 0, 0, 0
	m, err := flow.New(set.Space, cfg, exec)
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
