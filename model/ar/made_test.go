package ar_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/model/ar"
	"github.com/surprisal-go/surprisal/prep"
)

var (
	binary = surprisal.Field{Name: "b", Kind: surprisal.Binary, Shape: []int{2}}
	colour = surprisal.Field{Name: "c", Kind: surprisal.Categorical, Levels: 3}
	stars  = surprisal.Field{Name: "k", Kind: surprisal.Count, Levels: 4}
	wide   = surprisal.Field{Name: "w", Kind: surprisal.Grid, Low: -1, Step: 0.25, Levels: 20}
	count  = surprisal.Field{Name: "n", Kind: surprisal.Count}
	price  = surprisal.Field{Name: "p", Kind: surprisal.Grid, Low: 10, Step: 0.5}
	weight = surprisal.Field{Name: "r"}
)

func space(fields ...surprisal.Field) *surprisal.Space { return &surprisal.Space{Fields: fields} }

// draw makes n events whose fields depend on each other through one latent.
func draw(s *surprisal.Space, n int, key surprisal.Key) *surprisal.Batch {
	r := key.Rand()
	var rows []float64
	for range n {
		z := fmath.Normal(r)
		for _, f := range s.Columns() {
			v := z + 0.7*fmath.Normal(r)
			if !f.Discrete() {
				rows = append(rows, 50+10*v)
				continue
			}
			low, step, levels := f.Grid()
			k := math.Round(3 * math.Abs(v))
			if levels > 0 {
				k = min(math.Round(float64(levels-1)/(1+math.Exp(-v))), float64(levels-1))
			}
			rows = append(rows, low+step*k)
		}
	}
	return prep.Pack(s, rows)
}

// small is a configuration that is quick to compute, with every part in it.
func small(s *surprisal.Space) *ar.Config {
	c := ar.Defaults(s, 100)
	c.Hidden, c.Components, c.LearningRate = []int{9, 7}, 3, 0.01
	return c
}

// made returns a model after a number of training steps.
func made(t *testing.T, exec graph.Executor, s *surprisal.Space, cfg *ar.Config, steps int) *ar.MADE {
	t.Helper()
	m, err := ar.New(s, cfg, exec)
	if err != nil {
		t.Fatal(err)
	}
	b := draw(s, 200, 3)
	if err := m.Init(5, b); err != nil {
		t.Fatal(err)
	}
	o, err := m.Objective()
	if err != nil {
		t.Fatal(err)
	}
	plan, err := o.Compile(0, exec)
	if err != nil {
		t.Fatal(err)
	}
	feeds := graph.Feeds{}
	for step := range steps {
		phase := o.Phases[0]
		if err := phase.Feed(feeds, b.Slice(step%4*50, step%4*50+50), surprisal.Key(1).Fold(uint64(step))); err != nil {
			t.Fatal(err)
		}
		phase.Optimizer.Feed(feeds, step)
		if _, err := plan.Run(context.Background(), feeds, o.Store); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func logProb(t *testing.T, m *ar.MADE, b *surprisal.Batch) []float64 {
	t.Helper()
	out := make([]float64, b.Len())
	if err := m.LogProb(out, b); err != nil {
		t.Fatal(err)
	}
	return out
}

func conditionals(t *testing.T, m *ar.MADE, b *surprisal.Batch) []float64 {
	t.Helper()
	out := make([]float64, b.Len()*b.Space.Dims())
	if err := m.Conditionals(out, b); err != nil {
		t.Fatal(err)
	}
	return out
}

// product enumerates the events of a space; unbounded fields get levels
// points, real ones a line of that many points of spacing cell over ±reach.
func product(s *surprisal.Space, levels int, lo, cell float64) *surprisal.Batch {
	rows := [][]float64{{}}
	for _, f := range s.Columns() {
		first, step, n := lo, cell, levels
		if f.Discrete() {
			if first, step, n = f.Grid(); n == 0 {
				n = levels
			}
		}
		var next [][]float64
		for _, r := range rows {
			for k := range n {
				next = append(next, append(slices.Clone(r), first+step*float64(k)))
			}
		}
		rows = next
	}
	return prep.Pack(s, slices.Concat(rows...))
}

// TestTotalProbabilityIsOne sums, or integrates real fields, on the oracle.
func TestTotalProbabilityIsOne(t *testing.T) {
	six := binary
	six.Shape = []int{6}
	for _, c := range []struct {
		s      *surprisal.Space
		levels int
	}{
		{space(six), 0},
		{space(colour, stars, surprisal.Field{Name: "d", Kind: surprisal.Categorical, Levels: 1}), 0},
		{space(wide, stars), 0},
		{space(count, price), 120},
		{space(weight), 4000},
		{space(binary, weight), 4000},
		{space(weight, colour, count), 60},
		{space(binary, colour, wide), 0},
	} {
		for _, order := range []uint64{0, 4} {
			cfg := small(c.s)
			cfg.Order = order
			m := made(t, ref.New(), c.s, cfg, 12)
			lo, cell, tol := -150.0, 0.1, 1e-7
			if c.levels == 60 {
				lo, cell, tol = -40, 3, 1e-3 // coarse, the mixture is wide
			}
			volume := 1.0
			if !c.s.Discrete() {
				volume = cell
			}
			sum := 0.0
			for _, l := range logProb(t, m, product(c.s, c.levels, lo, cell)) {
				sum += math.Exp(l) * volume
			}
			if math.Abs(sum-1) > tol {
				t.Errorf("%v, order %d: total probability %.9f", c.s.Fields, order, sum)
			}
		}
	}
}

var mixed = space(weight, binary, count, colour, wide, stars)

// TestLaterDimsDoNotMatter changes a dim and compares the bits of the terms
// that come before it in the order of generation.
func TestLaterDimsDoNotMatter(t *testing.T) {
	m := made(t, ref.New(), mixed, small(mixed), 10)
	b := draw(mixed, 30, 8)
	d := mixed.Dims()
	rows, other := make([]float64, 30*d), make([]float64, 30*d)
	b.Float64s(rows, 0)
	draw(mixed, 30, 9).Float64s(other, 0)
	base := conditionals(t, m, b)
	for j := range d {
		changed := slices.Clone(rows)
		for i := range 30 {
			changed[i*d+j] = other[i*d+j]
		}
		now := conditionals(t, m, prep.Pack(mixed, changed))
		moved := false
		for i := range 30 {
			if !slices.Equal(now[i*d:i*d+j], base[i*d:i*d+j]) {
				t.Fatalf("dim %d moves terms before it", j)
			}
			moved = moved || !slices.Equal(now[i*d+j+1:i*d+d], base[i*d+j+1:i*d+d])
		}
		if j < d-1 && !moved {
			t.Errorf("dim %d moves no term after it", j)
		}
	}
}

func TestConditionalsSumToLogProb(t *testing.T) {
	cfg := small(mixed)
	cfg.Order = 7
	m := made(t, ref.New(), mixed, cfg, 5)
	b := draw(mixed, 300, 8) // more than one chunk
	terms, l := conditionals(t, m, b), logProb(t, m, b)
	d := mixed.Dims()
	for i := range l {
		sum := 0.0
		for _, v := range terms[i*d : (i+1)*d] {
			sum += v
		}
		if sum != l[i] {
			t.Fatalf("event %d: terms sum to %g, log p is %g", i, sum, l[i])
		}
	}
}

// TestUnits scales a real column by 1000 and expects log p less ln 1000.
func TestUnits(t *testing.T) {
	s := space(weight, count)
	b := draw(s, 200, 3)
	large := *b
	large.Columns = slices.Clone(b.Columns)
	values := slices.Clone(b.Columns[0].(surprisal.Values[float64]))
	for i := range values {
		values[i] *= 1000
	}
	large.Columns[0] = values
	var got [2][]float64
	for i, b := range []*surprisal.Batch{b, &large} {
		m, err := ar.New(s, small(s), ref.New())
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Init(1, b); err != nil {
			t.Fatal(err)
		}
		got[i] = logProb(t, m, b)
	}
	for i := range got[0] {
		if d := got[0][i] - got[1][i] - math.Log(1000); math.Abs(d) > 1e-5 {
			t.Fatalf("event %d: off by %g", i, d)
		}
	}
}

// TestLossIsTheMeanSurprisal compares the training graph with LogProb, which
// adds the standardisation in another place.
func TestLossIsTheMeanSurprisal(t *testing.T) {
	cfg := small(mixed)
	cfg.Dropout = 0
	m := made(t, ref.New(), mixed, cfg, 5)
	o, err := m.Objective()
	if err != nil {
		t.Fatal(err)
	}
	b := draw(mixed, 40, 8)
	feeds := graph.Feeds{}
	if err := o.Phases[0].Feed(feeds, b, 1); err != nil {
		t.Fatal(err)
	}
	plan, err := ref.New().Compile([]*graph.Node{o.Phases[0].Loss})
	if err != nil {
		t.Fatal(err)
	}
	out, err := plan.Run(context.Background(), feeds, o.Store)
	if err != nil {
		t.Fatal(err)
	}
	want := 0.0
	for _, l := range logProb(t, m, b) {
		want -= l / 40
	}
	if got := out[0].F64()[0]; math.Abs(got-want) > 1e-6 {
		t.Errorf("loss is %.9g, the mean surprisal %.9g", got, want)
	}
}

// TestInitIsTheMarginals compares a fresh model with entropies of marginals.
func TestInitIsTheMarginals(t *testing.T) {
	s := space(binary, colour)
	b := draw(s, 5000, 3)
	m, err := ar.New(s, small(s), ref.New())
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Init(1, b); err != nil {
		t.Fatal(err)
	}
	var got, want float64
	for _, l := range logProb(t, m, b) {
		got -= l / 5000
	}
	rows := make([]float64, 5000*3)
	b.Float64s(rows, 0)
	for j := range 3 {
		n := map[float64]float64{}
		for i := range 5000 {
			n[rows[i*3+j]]++
		}
		for _, c := range n {
			want -= c / 5000 * math.Log(c/5000)
		}
	}
	if math.Abs(got-want) > 1e-5 {
		t.Errorf("%.6f nats, the marginals have %.6f", got, want)
	}
}

func TestGradientsReachEveryParameter(t *testing.T) {
	s := space(binary, weight, count, colour, wide, stars) // the first column's head has a second one
	cfg := small(s)
	cfg.Activation, cfg.WeightDecay = "tanh", 0
	m := made(t, ref.New(), s, cfg, 0)
	before := m.State().Clone()
	m = made(t, ref.New(), s, cfg, 3) // output weights begin at zero: hidden ones move from the second step on
	for name, was := range before.All() {
		if strings.HasPrefix(name, "standard/") || strings.HasPrefix(name, "spikes/") {
			continue
		}
		now, _ := m.State().Get(name)
		same := 0
		for i, v := range now.F32() {
			if v == was.F32()[i] && v != 0 {
				same++
			}
		}
		if same > 0 || slices.Equal(now.F32(), was.F32()) {
			t.Errorf("%s: %d of %d entries do not move", name, same, now.Size())
		}
	}
}

func TestNumParams(t *testing.T) {
	s := space(surprisal.Field{Name: "b", Kind: surprisal.Binary, Shape: []int{3}})
	cfg := small(s)
	cfg.Hidden = []int{2} // degrees 1 and 2
	m, err := ar.New(s, cfg, ref.New())
	if err != nil {
		t.Fatal(err)
	}
	// In: 1→1, 1→2, 2→2; out: 1→2, 1→3, 2→3; direct: 1→2, 1→3, 2→3; biases 2 + 3.
	if got := m.NumParams(); got != 14 {
		t.Errorf("%d parameters, want 14", got)
	}
}

// TestSamplesFollowTheModel compares frequencies of drawn events with their
// probabilities by Pearson's statistic, and log p of draws with its own mean
// under a second key.
func TestSamplesFollowTheModel(t *testing.T) {
	s := space(binary, colour, surprisal.Field{Name: "g", Kind: surprisal.Grid, Low: 2, Step: 0.5, Levels: 3})
	cfg := small(s)
	cfg.Softmax = 0 // the grid becomes cells
	cfg.Order = 3
	m := made(t, ref.New(), s, cfg, 30)
	const n = 6000
	b, err := m.Sample(n, 11, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Validate(); err != nil {
		t.Fatal(err)
	}
	all := product(s, 0, 0, 0)
	index := map[string]int{}
	row := make([]float64, 4)
	for i := range all.Len() {
		all.Float64s(row, i)
		index[fmt.Sprint(row)] = i
	}
	seen := make([]float64, all.Len())
	for i := range n {
		b.Float64s(row, i)
		seen[index[fmt.Sprint(row)]]++
	}
	chi, cellsUsed := 0.0, 0
	for i, l := range logProb(t, m, all) {
		if want := n * math.Exp(l); want > 5 {
			chi += (seen[i] - want) * (seen[i] - want) / want
			cellsUsed++
		}
	}
	if df := float64(cellsUsed - 1); cellsUsed < 10 || chi > df+5*math.Sqrt(2*df) {
		t.Errorf("chi-squared %.1f over %d cells", chi, cellsUsed)
	}
}

// TestMixedSamples checks that draws lie in the space, and that their mean
// surprisal is the entropy as a second sample estimates it through a first
// dim of known density.
func TestMixedSamples(t *testing.T) {
	m := made(t, ref.New(), mixed, small(mixed), 10)
	b, err := m.Sample(400, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Validate(); err != nil {
		t.Fatal(err)
	}
	// log p of the first dim at quantiles: its distribution function at the
	// draws is uniform.
	one := make([]float64, mixed.Dims())
	var below float64
	xs := make([]float64, 400)
	for i := range xs {
		b.Float64s(one, i)
		xs[i] = one[0]
	}
	slices.Sort(xs)
	median := xs[200]
	const step = 0.05
	var line []float64
	for x := median - 400*step*2; x < median; x += step {
		one[0] = x + step/2
		line = append(line, one...)
	}
	grid := prep.Pack(mixed, line)
	terms := conditionals(t, m, grid)
	for i := range grid.Len() {
		below += step * math.Exp(terms[i*mixed.Dims()])
	}
	if math.Abs(below-0.5) > 0.1 { // 4 standard errors of a share of 400
		t.Errorf("the draws' median has probability %.3f below it", below)
	}
	again, err := m.Sample(5, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	if again.Checksum() != b.Slice(0, 5).Checksum() {
		t.Error("an event's draw depends on the number of draws")
	}
}

func TestRefusals(t *testing.T) {
	m := made(t, ref.New(), mixed, small(mixed), 0)
	d := mixed.Dims()
	rows := make([]float64, d)
	draw(mixed, 1, 1).Float64s(rows, 0)
	for j, v := range map[int]float64{0: math.NaN(), 1: 0.5, 3: -1, 4: 3, 5: -1.1, 6: 4} {
		bad := slices.Clone(rows)
		bad[j] = v
		b := prep.Pack(mixed, bad)
		cols := slices.Clone(b.Columns) // Pack narrows: put the value back
		at := 0
		for f, c := range cols {
			size := mixed.Fields[f].Size()
			if j >= at && j < at+size {
				wide := make(surprisal.Values[float64], c.Len())
				c.Float64s(wide, 0)
				wide[j-at] = v
				cols[f] = wide
			}
			at += size
		}
		b.Columns = cols
		err := m.LogProb(make([]float64, 1), b)
		if err == nil || !strings.Contains(err.Error(), "column") {
			t.Errorf("value %g in dim %d: error %v", v, j, err)
		}
	}
	if err := m.LogProb(make([]float64, 2), draw(space(count), 2, 1)); err == nil {
		t.Error("events of another space are accepted")
	}
	if _, err := m.Sample(1, 1, draw(space(count), 1, 1)); err == nil {
		t.Error("a context is accepted")
	}
	if ar.Fits(&surprisal.Space{Fields: mixed.Fields, Ragged: true}) == nil {
		t.Error("ragged events are accepted")
	}
}

func TestValidate(t *testing.T) {
	for name, spoil := range map[string]func(*ar.Config){
		"hidden":     func(c *ar.Config) { c.Hidden = []int{0} },
		"activation": func(c *ar.Config) { c.Activation = "gulp" },
		"components": func(c *ar.Config) { c.Components = 0 },
		"dropout":    func(c *ar.Config) { c.Dropout = 1 },
		"rate":       func(c *ar.Config) { c.LearningRate = 0 },
		"average":    func(c *ar.Config) { c.Average = 1 },
		"batch":      func(c *ar.Config) { c.Batch = 0 },
	} {
		c := ar.Defaults(mixed, 1000)
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		spoil(c)
		if c.Validate() == nil {
			t.Errorf("a bad %s is accepted", name)
		}
	}
}
