package run_test

import (
	"encoding/json"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/run"
)

// TestRecipe: the seed alone does not change it, all else that decides the
// weights does.
func TestRecipe(t *testing.T) {
	m := func(change func(*run.Manifest)) string {
		m := run.Manifest{
			Family: "made", Config: json.RawMessage(`{"hidden": 5, "rate": 0.1}`), Training: json.RawMessage(`{"seed": 1, "epochs": 2}`), Seed: 1,
			Data: run.Data{Ref: "a.csv", Splits: map[string]run.Split{"train": {Events: 10, Checksum: "sha256:1"}}},
		}
		change(&m)
		r, err := m.Recipe()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	same := m(func(*run.Manifest) {})
	for name, change := range map[string]func(*run.Manifest){
		"seed": func(m *run.Manifest) {
			m.Seed, m.Training = 2, json.RawMessage(`{"epochs":2,"seed":18446744073709551615}`)
		},
		"spacing": func(m *run.Manifest) { m.Config = json.RawMessage(`{"rate":0.1,"hidden":5}`) },
		"path":    func(m *run.Manifest) { m.Data.Ref = "b.csv" },
	} {
		if m(change) != same {
			t.Errorf("%s changes the recipe", name)
		}
	}
	for name, change := range map[string]func(*run.Manifest){
		"family":   func(m *run.Manifest) { m.Family = "vae" },
		"config":   func(m *run.Manifest) { m.Config = json.RawMessage(`{"hidden": 6, "rate": 0.1}`) },
		"training": func(m *run.Manifest) { m.Training = json.RawMessage(`{"seed": 1, "epochs": 3}`) },
		"data":     func(m *run.Manifest) { m.Data.Splits["train"] = run.Split{Events: 10, Checksum: "sha256:2"} },
	} {
		if m(change) == same {
			t.Errorf("%s does not change the recipe", name)
		}
	}
	bad := run.Manifest{Config: json.RawMessage(`{}`), Training: json.RawMessage(`[`)}
	if _, err := bad.Recipe(); err == nil {
		t.Error("training options that are no JSON give a recipe")
	}
}

// TestSetTraining: limits that a resumed run was given are part of its recipe,
// also when it is opened again.
func TestSetTraining(t *testing.T) {
	dir := t.TempDir()
	f, err := run.Create(dir, run.Manifest{
		Family: "made", Config: json.RawMessage(`{}`), Training: json.RawMessage(`{"seed": 1, "steps": 20}`),
		Space: &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Shape: []int{1}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	before, err := f.Manifest.Recipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetTraining(map[string]int{"seed": 1, "steps": 40}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if after, err := again.Manifest.Recipe(); err != nil || after == before {
		t.Errorf("the recipe is still that of 20 steps (%v): %s", err, again.Manifest.Training)
	}
	defer func() {
		if recover() == nil {
			t.Error("SetTraining works without the lock")
		}
	}()
	_ = again.SetTraining(nil)
}

// TestSetSeconds: how long a training took is kept, and is no part of its
// recipe.
func TestSetSeconds(t *testing.T) {
	f := create(t)
	before, err := f.Manifest.Recipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetSeconds(2.5); err != nil {
		t.Fatal(err)
	}
	again, err := run.Open(f.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if after, err := again.Manifest.Recipe(); err != nil || after != before || again.Manifest.Seconds != 2.5 {
		t.Errorf("%g seconds, recipe %s (%v), want 2.5 and %s", again.Manifest.Seconds, after, err, before)
	}
	defer func() {
		if recover() == nil {
			t.Error("SetSeconds works without the lock")
		}
	}()
	_ = again.SetSeconds(1)
}
