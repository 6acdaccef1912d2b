package main

import (
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/model/ar"
	"github.com/surprisal-go/surprisal/model/vae"
)

// TestSmooth: whether a family answers a column by a mass that it spreads
// between the values depends on the column.
func TestSmooth(t *testing.T) {
	grid := func(values, levels int) *surprisal.Batch {
		v := make(surprisal.Values[float64], 100)
		for i := range v {
			v[i] = float64(i % values)
		}
		f := surprisal.Field{Name: "age", Kind: surprisal.Grid, Step: 1, Levels: levels}
		return &surprisal.Batch{Space: &surprisal.Space{Fields: []surprisal.Field{f}}, Columns: []surprisal.Column{v}}
	}
	words := grid(50, 50)
	words.Space.Fields[0] = surprisal.Field{Name: "word", Kind: surprisal.Categorical, Levels: 50}
	for _, c := range []struct {
		family string
		cfg    any
		few    *surprisal.Batch
		want   string
	}{
		{"made", ar.Defaults(words.Space, 1000), words, ""},
		{"made", &ar.Config{Softmax: 16, Components: 10}, grid(16, 16), ""},
		{"made", &ar.Config{Softmax: 16, Components: 10}, grid(1, 0), ""},
		{"made", &ar.Config{Softmax: 16, Components: 10}, grid(9, 0), "a mixture of 10 logistics spreads between the 9 values of age"},
		{"made", &ar.Config{Softmax: 16, Components: 10}, grid(11, 90), "11 values of age"},
		{"made", &ar.Config{Softmax: 90, Components: 10}, grid(11, 90), ""},
		{"vae", vae.Defaults(words.Space, 1000), words, "word"},
		{"vae", &vae.Config{}, grid(2, 2), ""},
		{"vae", &vae.Config{}, grid(9, 0), "age"},
	} {
		got := smooth(c.family, c.cfg, c.few)
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s of %s: %q, want %q", c.family, c.few.Space.Fields[0], got, c.want)
		}
	}
}
