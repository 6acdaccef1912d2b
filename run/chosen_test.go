package run_test

import (
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/run"
)

func TestDoubts(t *testing.T) {
	m := run.Manifest{
		Data:   run.Data{Splits: map[string]run.Split{"train": {Checksum: "a"}, "valid": {Checksum: "b"}, "test": {Checksum: "c"}}},
		Chosen: &run.Chosen{Of: 3, By: "rank", Split: "test", Checksum: "c"},
	}
	for _, c := range []struct{ split, checksum, want string }{
		{"train", "a", ""}, {"valid", "b", ""}, {"all", "d", ""}, {"all", "", ""},
		{"test", "a", "training events"}, {"all", "b", "validation events"}, {"test", "c", "best of 3"},
	} {
		got := m.Doubts(surprisal.Likelihood{Split: c.split, Data: surprisal.DataRef{Checksum: c.checksum}})
		if text := strings.Join(got, "\n"); c.want == "" && len(got) > 0 || !strings.Contains(text, c.want) || len(got) > 1 {
			t.Errorf("%s with checksum %q: %q, want %q", c.split, c.checksum, got, c.want)
		}
	}
}

// TestChoiceIsToldInResults: a result on the events of the choice has the doubt
// that a result computed afterwards would have, once and in the same place.
func TestChoiceIsToldInResults(t *testing.T) {
	f := create(t)
	for name, sum := range map[string]string{"test": "c", "valid": "b"} {
		r := result()
		r.Likelihood.Data.Checksum, r.Likelihood.Split, r.Likelihood.Warnings = sum, name, []string{"heavy tails"}
		if err := f.SaveResult(name, &r, run.Events{Nats: []float64{1}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, of := range []int{3, 4} { // chosen again: the old doubt goes
		if err := f.SetChosen(run.Chosen{Of: of, By: "rank", Split: "test", Checksum: "c"}); err != nil {
			t.Fatal(err)
		}
	}
	r, err := f.Result("test")
	if w := r.Likelihood.Warnings; err != nil || len(w) != 2 || w[0] != "heavy tails" || !strings.Contains(w[1], "best of 4") {
		t.Errorf("the chosen result warns %q (%v)", w, err)
	}
	if e, err := f.Events("test"); err != nil || len(e.Nats) != 1 {
		t.Errorf("its events are %v, %v", e, err)
	}
	r, err = f.Result("valid")
	if w := r.Likelihood.Warnings; err != nil || len(w) != 1 {
		t.Errorf("the other result warns %q (%v)", w, err)
	}
}
