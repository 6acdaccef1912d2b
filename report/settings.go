package report

import (
	"encoding/json"
	"fmt"
	"slices"
)

// NewSettings puts the JSON objects of the runs' configurations side by side.
func NewSettings(runs []string, configs []json.RawMessage) (Settings, error) {
	s := Settings{Runs: runs}
	values := map[string][]string{}
	for i, raw := range configs {
		var m map[string]json.RawMessage
		if err := json.Unmarshal(raw, &m); err != nil {
			return s, fmt.Errorf("configuration of %s: %w", runs[i], err)
		}
		for key, v := range m {
			if values[key] == nil {
				values[key] = make([]string, len(runs))
			}
			values[key][i] = compactJSON(v)
		}
	}
	keys := make([]string, 0, len(values))
	for k := range values {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		v := values[k]
		if slices.ContainsFunc(v, func(x string) bool { return x != v[0] }) {
			s.Differ = append(s.Differ, Setting{k, v})
		} else {
			s.Same = append(s.Same, Setting{k, v[:1]})
		}
	}
	return s, nil
}

// compactJSON is a value for reading: a text as it is, others as JSON.
func compactJSON(raw json.RawMessage) string {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return string(raw)
	}
	if s, ok := v.(string); ok && s != "" {
		return s
	}
	out, err := json.Marshal(v)
	if err != nil {
		return string(raw)
	}
	return string(out)
}
