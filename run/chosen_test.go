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
