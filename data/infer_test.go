package data

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"pgregory.net/rapid"
)

// sequence returns n values f(0), f(1), …
func sequence(n int, f func(i int) float64) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = f(i)
	}
	return v
}

func TestInference(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	tenth := r.Float64()*0 + 0.1 // no constant: 3·0.1 shall round
	uniform := sequence(500, func(int) float64 { return r.Float64() })
	for _, c := range []struct {
		name   string
		values []float64
		want   string
		remark remark
	}{
		{"bits", []float64{0, 1, 1, 0, 1}, "x: binary", ordinary},
		{"all zero", []float64{0, 0, 0, 0}, "x: binary", ordinary},
		{"constant", []float64{7.5, 7.5, 7.5}, "x: grid of step 1 from 7.5, 1 levels", constant},
		{"two values", []float64{1, 2, 2, 1}, "x: grid of step 1 from 1, 2 levels", ordinary},
		{"count", []float64{0, 3, 1, 7, 2}, "x: count", ordinary},
		{"ordinal", []float64{3, 4, 8, 5, 6}, "x: grid of step 1 from 3", ordinary},
		{"even counts", []float64{0, 2, 6, 4}, "x: grid of step 2 from 0", ordinary},
		{"negative", []float64{-5, 5, 0, 10}, "x: grid of step 5 from -5", ordinary},
		{"tenths", []float64{540, 332.5, 198.6, 266}, "x: grid of step 0.1 from 198.6", ordinary},
		{"quarters", []float64{0.25, 1.5, 2, 3.75}, "x: grid of step 0.25 from 0.25", ordinary},
		{"float noise", []float64{tenth, 2 * tenth, tenth + 2*tenth, 7 * tenth, 11 * tenth}, "x: grid of step 0.1 from 0.1", ordinary},
		{"thirds to 14 digits", []float64{9.4, 9.53333333333333, 10.0333333333333, 9.55, 9.8, 11.2}, "x: grid of step 0.016666666666666666 from 9.4", ordinary},
		{"standardised integers", sequence(200, func(i int) float64 { return (float64(i*i%37) - 17.3) / 4.129 }), "x: grid of step 0.242189392104625", ordinary},
		{"prices with repeats", sequence(1000, func(i int) float64 { return float64(i*i%400) * 99_999.01 }), "x: grid of step 99999.01 from 0", ordinary},
		{"uniform", uniform, "x: real", ordinary},
		{"eight digits", sequence(300, func(i int) float64 { return math.Round(uniform[i]*1e8) / 1e8 }), "x: real", ordinary},
		{"four digits", sequence(300, func(i int) float64 { return math.Round(uniform[i]*1e4) / 1e4 }), "x: grid of step 0.0001 from ", ordinary},
		{"repeats on no step", sequence(400, func(i int) float64 { return uniform[i%40] }), "x: real", spiky},
	} {
		t.Run(c.name, func(t *testing.T) {
			col := &column{name: "x", f64: c.values}
			f, _, remark, err := col.infer()
			if err != nil {
				t.Fatal(err)
			}
			if got := f.String(); !strings.HasPrefix(got, c.want) {
				t.Errorf("inferred %q, want %q", got, c.want)
			}
			if remark != c.remark {
				t.Errorf("remark %d, want %d", remark, c.remark)
			}
			if f.Discrete() {
				for _, v := range c.values {
					if _, ok := f.Index(v); !ok {
						t.Errorf("value %g is not on %s", v, f)
					}
				}
			}
		})
	}
}

// TestStepIsGreatest: of random decimal grids exactly their step is found.
func TestStepIsGreatest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.IntRange(0, 5).Draw(t, "digits")
		unit := rapid.IntRange(1, 400).Draw(t, "unit")
		low := rapid.IntRange(-10_000, 10_000).Draw(t, "low")
		k := rapid.SliceOfN(rapid.IntRange(1, 900), 3, 40).Draw(t, "k")
		scale := math.Pow10(digits)
		step := 0
		values := []float64{float64(low) / scale}
		for _, i := range k {
			for a, b := i, step; ; a, b = b, a%b {
				if b == 0 {
					step = a
					break
				}
			}
			values = append(values, float64(low+i*unit)/scale)
		}
		slices.Sort(values)
		got, ok := commonStep(slices.Compact(values), len(k)+1, false)
		want := float64(step*unit) / scale
		if !ok || math.Abs(got-want) > 1e-12*want {
			t.Fatalf("step %g (%v) of %v, want %g", got, ok, values, want)
		}
	})
}

func TestSinglePrecisionSnapsToItsGrid(t *testing.T) {
	col := &column{name: "x", single: true, f64: sequence(600, func(i int) float64 {
		return float32Decimal(float32(i*i%256) / 255)
	})}
	f, v, _, err := col.infer()
	if err != nil {
		t.Fatal(err)
	}
	if f.Kind != surprisal.Grid || math.Abs(f.Step-1./255) > 1e-12 {
		t.Fatalf("inferred %s, want a grid of step 1/255", f)
	}
	row := make([]float64, v.Len())
	v.Float64s(row, 0)
	for i, x := range row {
		if k, ok := f.Index(x); !ok || k != i*i%256 {
			t.Fatalf("value %d is %g, want level %d", i, x, i*i%256)
		}
	}
}

func TestDeclaredTypes(t *testing.T) {
	for _, c := range []struct {
		typ    string
		values []float64
		want   string // of the field, or of the error
	}{
		{"real", []float64{1, 2, 3}, "x: real"},
		{"real", []float64{1, 1}, "a density of a constant has no bound"},
		{"count", []float64{1, 2, 5}, "x: count"},
		{"count", []float64{1, 2.5}, "value 2.5 is no count"},
		{"binary", []float64{0, 1}, "x: binary"},
		{"binary", []float64{0, 2}, "value 2 is not binary"},
		{"categorical", []float64{3, 7, 7}, "x: categorical of 2"},
		{"grid", []float64{3, 7, 7}, "x: grid of step 4 from 3"},
		{"grid", []float64{5, 5}, "x: grid of step 1 from 5"},
		{"grid:0.25", []float64{0.5, 2}, "x: grid of step 0.25 from 0.5"},
		{"grid:0.25", []float64{0.5, 0.6}, "value 0.6 does not lie on the grid"},
		{"grid", []float64{0.1234567891, 0.5, 0.7392817161, 0.9182736455, 0.3141592653, 0.2718281828}, "no step was found"},
	} {
		typ, err := parseColumnType(c.typ)
		if err != nil {
			t.Fatal(err)
		}
		f, _, _, err := (&column{name: "x", f64: c.values, typ: typ}).infer()
		got := f.String()
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s of %v: %q, want %q", c.typ, c.values, got, c.want)
		}
	}
	for _, bad := range []string{"grid:", "grid:-1", "grid:x", "number", ""} {
		if _, err := parseColumnType(bad); err == nil {
			t.Errorf("column type %q was accepted", bad)
		}
	}
}

func TestNarrowestStorage(t *testing.T) {
	for _, c := range []struct {
		v    []float64
		want string
	}{
		{[]float64{0, 255}, "Values[uint8]"}, {[]float64{-1, 3}, "Values[int32]"}, {[]float64{0, 256}, "Values[int32]"},
		{[]float64{0, 1e10}, "Values[float64]"}, {[]float64{0.5}, "Values[float64]"},
	} {
		if got := fmt.Sprintf("%T", narrow(c.v)); !strings.HasSuffix(got, c.want) {
			t.Errorf("narrow(%v) is %s, want %s", c.v, got, c.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for s, want := range map[string]float64{"1": 1, "-2.5": -2.5, "+3": 3, "1e-3": 0.001, ".5": 0.5, "-0": 0} {
		if v, ok := parseNumber(s); !ok || v != want || math.Signbit(v) != math.Signbit(want) {
			t.Errorf("parseNumber(%q) = %g, %v", s, v, ok)
		}
	}
	for _, s := range []string{"", "x", "inf", "0x10", "1_000", "1,5", "1e999", "--1", "NaN", "1e"} {
		if v, ok := parseNumber(s); ok {
			t.Errorf("parseNumber(%q) = %g", s, v)
		}
	}
	for v, want := range map[float64]int{1: 0, 0.5: 1, 100: 0, 1e-3: 3, 0.9978: 4, 1234.56: 2, 0.30000000000000004: 17, 0: 0, -0.25: 2} {
		if got := decimals(v); got != want {
			t.Errorf("decimals(%g) = %d, want %d", v, got, want)
		}
	}
}
