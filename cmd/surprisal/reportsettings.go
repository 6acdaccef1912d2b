package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/surprisal-go/surprisal/model"
	"github.com/surprisal-go/surprisal/train"
)

// ran are the settings of the run as they were used: what a zero stood for is
// filled in, and how long it was trained is added.
func (one reported) ran() (json.RawMessage, error) {
	man := one.folder.Manifest
	all := map[string]any{}
	if err := json.Unmarshal(man.Config, &all); err != nil {
		return nil, fmt.Errorf("run %s: settings: %w", man.Family, err)
	}
	if m, ok := one.model.(model.Settled); ok {
		for key, v := range m.Settled(man.Data.Splits["train"].Events) {
			all[key] = v
		}
	}
	var asked train.Options
	if err := json.Unmarshal(man.Training, &asked); err != nil {
		return nil, fmt.Errorf("run %s: training options: %w", man.Family, err)
	}
	if asked.Batch > 0 {
		all["batch"] = asked.Batch
	}
	if asked.Patience != 0 {
		all["patience"] = asked.Patience
	}
	if asked.TimeLimit > 0 {
		all["training: time limit"] = asked.TimeLimit.Round(100 * time.Millisecond).String()
	}
	if n := len(one.metrics); n > 0 {
		all["training: epochs"] = fmt.Sprintf("%.3g", one.metrics[n-1].Epoch)
		all["training: steps"] = one.metrics[n-1].Step
	}
	for _, m := range one.metrics {
		if m.Best {
			all["training: best epoch"] = fmt.Sprintf("%.3g", m.Epoch)
		}
	}
	return json.Marshal(all)
}
