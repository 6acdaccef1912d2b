package model_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/model"
)

// TestConfigsRoundTrip: every family's settings survive text and JSON, have
// help, and refuse what they do not have.
func TestConfigsRoundTrip(t *testing.T) {
	space := spaces()[2].space
	for _, f := range model.Families() {
		t.Run(f.Name, func(t *testing.T) {
			want := f.Defaults(space, 1000)
			raw, err := model.Encode(want)
			if err != nil {
				t.Fatal(err)
			}
			got := f.Defaults(&surprisal.Space{Fields: space.Fields[:1]}, 10) // other defaults
			if err := model.Decode(got, raw); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("JSON changed the config (−want +got):\n%s", d)
			}
			for _, s := range model.Settings(want) {
				if s.Help == "" || s.Key == "" {
					t.Errorf("setting %q has no key or help", s.Key)
				}
				if err := model.Set(got, s.Key, s.Value); err != nil {
					t.Error(err)
				}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("text changed the config (−want +got):\n%s", d)
			}
			if err := model.Set(got, "nosuch", "1"); err == nil || !strings.Contains(err.Error(), `unknown setting "nosuch"`) {
				t.Errorf("an unknown setting: %v", err)
			}
			if err := model.Decode(got, []byte(`{"nosuch": 1}`)); err == nil {
				t.Error("an unknown key in JSON is accepted")
			}
		})
	}
}

// TestRestore: the saved tensors of a trained model make another the same, and
// tensors of another configuration are refused.
func TestRestore(t *testing.T) {
	exec := cpu.New(cpu.Options{Threads: 1})
	space := spaces()[2].space
	events := draw(space, 200, 1)
	for _, f := range model.Families() {
		t.Run(f.Name, func(t *testing.T) {
			if f.Fits(space) != nil {
				t.Skip("does not fit the space")
			}
			m := fit(t, f, space, events, exec)
			again, err := f.New(space, smallConfig(f, space, events.Len()), exec)
			if err != nil {
				t.Fatal(err)
			}
			if err := model.Restore(again, m.State().Clone()); err != nil {
				t.Fatal(err)
			}
			if i := differ(verdict(t, again, events, 200), verdict(t, m, events, 200)); i >= 0 {
				t.Errorf("value %d of the restored model differs", i)
			}
			if again.NumParams() != m.NumParams() || m.NumParams() == 0 {
				t.Errorf("restored model has %d parameters, want %d", again.NumParams(), m.NumParams())
			}
			if again.State().Len() == 0 {
				return
			}
			short := m.State().Clone()
			short.Delete(short.Names()[0])
			if fresh, err := f.New(space, smallConfig(f, space, events.Len()), exec); err == nil && fresh.State().Len() > 0 && model.Restore(fresh, short) == nil {
				t.Error("weights with a tensor missing are accepted")
			}
		})
	}
}

func TestLookup(t *testing.T) {
	if _, err := model.Lookup("nosuch"); err == nil || !strings.Contains(err.Error(), "marginals") {
		t.Errorf("error %v, want one that lists the families", err)
	}
}
