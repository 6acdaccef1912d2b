package lawtest_test

import (
	"context"
	"math"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/lawtest"
	"github.com/surprisal-go/surprisal/model"
	"github.com/surprisal-go/surprisal/prep"
	trainer "github.com/surprisal-go/surprisal/train"
)

// Fields that the cases below are made of.
var (
	bit    = surprisal.Field{Name: "bit", Kind: surprisal.Binary}
	class  = surprisal.Field{Name: "class", Kind: surprisal.Categorical, Levels: 5}
	count  = surprisal.Field{Name: "count", Kind: surprisal.Count}
	price  = surprisal.Field{Name: "price", Kind: surprisal.Grid, Low: -3, Step: .25}
	pixel  = surprisal.Field{Name: "pixel", Kind: surprisal.Grid, Step: 1, Levels: 16}
	first  = surprisal.Field{Name: "x"}
	second = surprisal.Field{Name: "y"}
)

// draw returns n events of any space: dims depend on a common latent, so that
// they depend on each other.
func draw(space *surprisal.Space, n int, key surprisal.Key, ids uint64) *surprisal.Batch {
	r := key.Rand()
	var rows []float64
	for range n {
		side := float64(2*r.IntN(2) - 1)
		for _, f := range space.Columns() {
			z := side + .6*fmath.Normal(r)
			switch f.Kind {
			case surprisal.Real:
				rows = append(rows, z)
			case surprisal.Binary:
				rows = append(rows, math.Round(1/(1+math.Exp(-2*z))))
			case surprisal.Categorical:
				rows = append(rows, min(4, math.Floor(z*z)))
			case surprisal.Count:
				rows = append(rows, math.Floor(3*z*z))
			case surprisal.Grid:
				low, step, levels := f.Grid()
				i := math.Floor(8 + 2*z)
				if levels > 0 {
					i = min(i, float64(levels-1))
				}
				rows = append(rows, low+step*max(0, i))
			}
		}
	}
	b := prep.Pack(space, rows)
	for i := range n {
		b.IDs = append(b.IDs, ids+uint64(i))
	}
	return b
}

// candidate is a family with the settings that make it quick to train, and the
// spaces that its models are held to the laws on.
type candidate struct {
	family   string
	settings map[string]string
	on       []setting
}

// setting is a space, and what of its mass the model may leak or lies beyond
// what is enumerated.
type setting struct {
	fields    []surprisal.Field
	levels    int
	missing   float64
	tolerance float64
}

var small = map[string]string{"hidden": "16", "batch": "100"}

// candidates is the one table of constructors. TestFamilies fails if a family
// is missing from it.
var candidates = []candidate{
	{"marginals", nil, []setting{
		{fields: []surprisal.Field{bit, class, pixel}},
		{fields: []surprisal.Field{count}, levels: 100_000},
		{fields: []surprisal.Field{price, bit}, levels: 100_000},
		{fields: []surprisal.Field{first}},
		{fields: []surprisal.Field{first, second}},
		{fields: []surprisal.Field{class, first}},
	}},
	{"gaussian", nil, []setting{
		{fields: []surprisal.Field{first}},
		{fields: []surprisal.Field{first, second}},
		{fields: []surprisal.Field{pixel, bit}, missing: .1},
	}},
	{"mixture", nil, []setting{
		{fields: []surprisal.Field{first}},
		{fields: []surprisal.Field{first, second}},
		{fields: []surprisal.Field{pixel, bit}, missing: .03},
		{fields: []surprisal.Field{price}, levels: 400},
	}},
	{"mixture", map[string]string{"components": "3", "covariance": "diagonal"}, []setting{
		{fields: []surprisal.Field{first, second}},
		{fields: []surprisal.Field{pixel, bit}, missing: .06},
	}},
	{"made", small, []setting{
		{fields: []surprisal.Field{bit, class, pixel}},
		{fields: []surprisal.Field{count, bit}, levels: 2000},
		{fields: []surprisal.Field{price}, levels: 2000},
		{fields: []surprisal.Field{first}},
		{fields: []surprisal.Field{first, second}},
		{fields: []surprisal.Field{class, first}},
	}},
	{"realnvp", small, []setting{
		{fields: []surprisal.Field{first, second}},
		{fields: []surprisal.Field{pixel, bit}, missing: .1},
	}},
	{"nsf", small, []setting{
		{fields: []surprisal.Field{first, second}},
		{fields: []surprisal.Field{pixel, bit}, missing: .1},
	}},
	{"vae", small, []setting{
		{fields: []surprisal.Field{bit, {Name: "bit2", Kind: surprisal.Binary}, {Name: "bit3", Kind: surprisal.Binary}}},
		{fields: []surprisal.Field{first, second}, missing: .05},
		{fields: []surprisal.Field{pixel, bit}, missing: .2},
	}},
}

// make returns an unfitted model of the candidate on a space.
func (c candidate) make(space *surprisal.Space) (model.Model, error) {
	fam, err := model.Lookup(c.family)
	if err != nil {
		return nil, err
	}
	cfg := fam.Defaults(space, events)
	for k, v := range c.settings {
		if err := model.Set(cfg, k, v); err != nil {
			return nil, err
		}
	}
	return fam.New(space, cfg, exec)
}

const events = 1500

var exec = cpu.New(cpu.Options{})

// fit trains a model, by gradients for a few epochs.
func fit(m model.Model) error {
	space := m.Space()
	train, valid := draw(space, events, 1, 0), draw(space, 300, 2, 1e6)
	if f, ok := m.(model.Fitter); ok {
		return f.Fit(context.Background(), train, valid, 1, nil)
	}
	_, err := trainer.Fit(context.Background(), m.(trainer.Trainable), train, valid, exec, trainer.Options{Seed: 1, Epochs: 8}, nil)
	return err
}

// TestFamilies holds every family to the laws of its capabilities.
func TestFamilies(t *testing.T) {
	held := map[string]bool{}
	for _, c := range candidates {
		held[c.family] = true
		for _, on := range c.on {
			space := &surprisal.Space{Fields: on.fields}
			m, err := c.make(space)
			if err != nil {
				t.Fatal(err)
			}
			if err := fit(m); err != nil {
				t.Fatal(err)
			}
			name := c.family
			box := make([][2]float64, len(on.fields))
			for i, field := range on.fields {
				name += "/" + field.Name
				box[i] = [2]float64{-7, 7}
			}
			lawtest.TestDensity(t, lawtest.DensityCase{
				Name: name, Model: m, Space: space, Events: draw(space, 200, 3, 2e6),
				Box: box, Levels: on.levels, Missing: on.missing, Tolerance: on.tolerance,
				Blank: func() (any, error) { return c.make(space) },
			})
		}
	}
	for _, f := range model.Families() {
		if !held[f.Name] {
			t.Errorf("family %s is in no case: add it to candidates", f.Name)
		}
	}
}
