package lawtest_test

import (
	"context"
	"math"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/lawtest"
	"github.com/surprisal-go/surprisal/model/baseline"
	"github.com/surprisal-go/surprisal/prep"
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

// family is a constructor and the cases that its models are held to.
type family struct {
	name string
	make func(*surprisal.Space) (baseline.Model, error)
	on   []setting
}

// setting is a space, and what of its mass the model may leak or lies beyond
// what is enumerated.
type setting struct {
	fields  []surprisal.Field
	levels  int
	missing float64
}

// families is the one table of constructors.
var families = []family{
	{"marginals", func(s *surprisal.Space) (baseline.Model, error) {
		return baseline.NewMarginals(s, &baseline.MarginalsConfig{})
	}, []setting{
		{fields: []surprisal.Field{bit, class, pixel}},
		{fields: []surprisal.Field{count}, levels: 100_000},
		{fields: []surprisal.Field{price, bit}, levels: 100_000},
		{fields: []surprisal.Field{first}},
		{fields: []surprisal.Field{first, second}},
		{fields: []surprisal.Field{class, first}},
	}},
	{"gaussian", func(s *surprisal.Space) (baseline.Model, error) {
		return baseline.NewGaussian(s, &baseline.GaussianConfig{})
	}, []setting{
		{fields: []surprisal.Field{first}},
		{fields: []surprisal.Field{first, second}},
		{fields: []surprisal.Field{pixel, bit}, missing: .1},
	}},
	{"mixture", func(s *surprisal.Space) (baseline.Model, error) {
		return baseline.NewMixture(s, &baseline.MixtureConfig{})
	}, []setting{
		{fields: []surprisal.Field{first}},
		{fields: []surprisal.Field{first, second}},
		{fields: []surprisal.Field{pixel, bit}, missing: .03},
		{fields: []surprisal.Field{price}, levels: 400},
	}},
	{"diagonal mixture", func(s *surprisal.Space) (baseline.Model, error) {
		return baseline.NewMixture(s, &baseline.MixtureConfig{Components: 3, Covariance: baseline.Diagonal})
	}, []setting{
		{fields: []surprisal.Field{first, second}},
		{fields: []surprisal.Field{pixel, bit}, missing: .06},
	}},
}

// TestFamilies holds every family to the laws of its capabilities.
func TestFamilies(t *testing.T) {
	for _, f := range families {
		for _, on := range f.on {
			space := &surprisal.Space{Fields: on.fields}
			m, err := f.make(space)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Fit(context.Background(), draw(space, 1500, 1, 0), draw(space, 300, 2, 1e6), 1, nil); err != nil {
				t.Fatal(err)
			}
			name := f.name
			box := make([][2]float64, len(on.fields))
			for i, field := range on.fields {
				name += "/" + field.Name
				box[i] = [2]float64{-7, 7}
			}
			lawtest.TestDensity(t, lawtest.DensityCase{
				Name: name, Model: m, Space: space, Events: draw(space, 200, 3, 2e6),
				Box: box, Levels: on.levels, Missing: on.missing,
				Blank: func() (any, error) { return f.make(space) },
			})
		}
	}
}
