package report

import (
	"slices"
	"strings"
)

// told gathers what is said of models: what is said of several is one line.
type told struct {
	what   []string
	models map[string][]string
}

func (t *told) add(model, what string) {
	if t.models == nil {
		t.models = map[string][]string{}
	}
	if t.models[what] == nil {
		t.what = append(t.what, what)
	}
	if !slices.Contains(t.models[what], model) {
		t.models[what] = append(t.models[what], model)
	}
}

// lines are as in "a, b: what", in the order in which they were said first.
func (t *told) lines() []string {
	out := make([]string, len(t.what))
	for i, what := range t.what {
		out[i] = strings.Join(t.models[what], ", ") + ": " + what
	}
	return out
}
