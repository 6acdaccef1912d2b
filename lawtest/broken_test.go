package lawtest

import (
	"math"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/tensor"
)

// dice is an honest model of one categorical dim, and can be broken in one way.
type dice struct {
	state tensor.Store
	flaw  string
	calls int
}

var diceSpace = &surprisal.Space{Fields: []surprisal.Field{{Name: "eyes", Kind: surprisal.Categorical, Levels: 3}}}

func newDice(how string) *dice {
	d := &dice{flaw: how}
	d.state.Set("p", tensor.Of([]float64{.5, .3, .2}, 3))
	return d
}

func (d *dice) State() *tensor.Store { return &d.state }

func (d *dice) LogProb(dst []float64, x *surprisal.Batch) error {
	x.Float64s(dst, 0)
	for i, v := range dst {
		code, ok := diceSpace.Fields[0].Index(v)
		switch {
		case !ok && d.flaw == "support":
			dst[i] = -1
		case !ok:
			dst[i] = math.Inf(-1)
		default:
			dst[i] = math.Log(d.state.Must("p").F64()[code])
		}
		switch d.flaw {
		case "sum":
			dst[i] += .001
		case "nan":
			dst[i] = math.NaN()
		case "batch":
			dst[i] += 1e-15 * float64(len(dst)%2)
		}
	}
	return nil
}

func (d *dice) Conditionals(dst []float64, x *surprisal.Batch) error {
	err := d.LogProb(dst, x)
	if d.flaw == "conditionals" {
		dst[0] += .01
	}
	return err
}

func (d *dice) LogWeights(dst []float64, x *surprisal.Batch, k int, key surprisal.Key) error {
	lp := make([]float64, x.Len())
	if err := (&dice{state: d.state}).LogProb(lp, x); err != nil {
		return err
	}
	for i := range dst {
		id := x.ID(i / k)
		if d.flaw == "keyed" {
			id = uint64(i / k)
		}
		// E w = p: the factor is uniform on [0, 2).
		dst[i] = lp[i/k] + math.Log(2*key.Fold(id, uint64(i%k)).Rand().Float64())
		if d.flaw == "biased" {
			dst[i] += .05
		}
	}
	return nil
}

func (d *dice) Sample(n int, key surprisal.Key, _ *surprisal.Batch) (*surprisal.Batch, error) {
	d.calls++
	if d.flaw == "unkeyed" {
		key = key.Fold(uint64(d.calls))
	}
	v := make(surprisal.Values[uint8], n)
	p := d.state.Must("p").F64()
	for i := range v {
		u := key.Fold(uint64(i)).Rand().Float64()
		switch {
		case u < p[0]:
		case u < p[0]+p[1], d.flaw == "sampler" && u < .85:
			v[i] = 1
		default:
			v[i] = 2
		}
		if d.flaw == "off grid" {
			v[i]++
		}
	}
	return &surprisal.Batch{Space: diceSpace, Columns: []surprisal.Column{v}}, nil
}

func diceCase(how string) *DensityCase {
	m := newDice(how)
	b, _ := newDice("").Sample(150, 3, nil)
	return &DensityCase{
		Name: how, Model: m, Space: diceSpace, Events: b, Tolerance: 1e-9, Exact: newDice(""),
		Blank: func() (any, error) {
			d := &dice{}
			if how == "state" {
				d.state.Set("p", tensor.Of([]float64{1, 0, 0}, 3))
				return &forgetful{dice: d}, nil
			}
			return d, nil
		},
	}
}

// forgetful hands out a copy of its state, so that nothing can be restored.
type forgetful struct{ *dice }

func (f *forgetful) State() *tensor.Store { return f.dice.state.Clone() }

// TestLawsHold: an honest model passes.
func TestLawsHold(t *testing.T) { TestDensity(t, *diceCase("honest")) }

// TestLawsFail: every way of breaking the model breaks the law that is there to
// see it.
func TestLawsFail(t *testing.T) {
	for how, name := range map[string]string{
		"sum":          "sums to one",
		"nan":          "sums to one",
		"support":      "support",
		"batch":        "batch equals single",
		"conditionals": "conditionals sum to log p",
		"keyed":        "draws depend on id and key alone",
		"biased":       "weights are unbiased",
		"unkeyed":      "samples",
		"off grid":     "samples",
		"sampler":      "samples follow the density",
		"state":        "state restores",
	} {
		c, found := diceCase(how), false
		for _, l := range densityLaws {
			if l.name == name {
				found = true
				if err := l.check(c); err == nil {
					t.Errorf("a model broken in its %s keeps the law %q", how, name)
				}
			}
		}
		if !found {
			t.Errorf("no law %q", name)
		}
	}
}
