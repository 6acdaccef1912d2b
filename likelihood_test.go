package surprisal_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/surprisal-go/surprisal"
)

func likelihood() surprisal.Likelihood {
	return surprisal.Likelihood{
		Nats: 86.7, StdErr: 0.25, N: 10000, Dims: 784, Kind: surprisal.LowerBound, Samples: 50, Measure: surprisal.Mass,
		Data: surprisal.DataRef{Name: "mnist", Checksum: "sha256:abc"}, Split: "test",
	}
}

func TestUnits(t *testing.T) {
	l := likelihood()
	if got, want := l.BitsPerDim(), 86.7/784/math.Ln2; math.Abs(got-want) > 1e-15 {
		t.Errorf("%g bits/dim, want %g", got, want)
	}
	uniform := surprisal.Likelihood{Nats: 784 * math.Ln2, N: 1, Dims: 784}
	if got := uniform.BitsPerDim(); math.Abs(got-1) > 1e-15 {
		t.Errorf("uniform bits cost %g bits/dim, want 1", got)
	}
	if got := uniform.Perplexity(); math.Abs(got-2) > 1e-15 {
		t.Errorf("uniform bits have perplexity %g, want 2", got)
	}
	if got := surprisal.Nats(surprisal.Bits(3)); got != 3 {
		t.Errorf("3 nats become %g", got)
	}
}

func TestLikelihoodPrints(t *testing.T) {
	if got, want := likelihood().String(), "≤ 86.70 ± 0.25 nats"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	l := likelihood()
	l.Kind, l.StdErr = surprisal.Exact, 0.0042
	if got, want := l.String(), "86.700 ± 0.004 nats"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	l.StdErr = math.NaN() // of one event
	if got, want := l.String(), "86.70 ± ? nats"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	l.Nats, l.StdErr = 1.25e58, 1.25e58
	if got, want := l.String(), "1.25e+58 ± 1.25e+58 nats"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	l.Infinite = 3
	if got, want := l.String(), "∞ nats (3 of 10000 events)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestLikelihoodJSON holds the form that scripts rely on.
func TestLikelihoodJSON(t *testing.T) {
	b, err := json.Marshal(likelihood())
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"nats": 86.7, "stderr": 0.25, "bits": surprisal.Bits(86.7), "bits_per_dim": likelihood().BitsPerDim(), "n": 10000.0, "dims": 784.0,
		"kind": "lower_bound", "samples": 50.0, "measure": "mass", "data": map[string]any{"name": "mnist", "checksum": "sha256:abc"},
		"split": "test", "warnings": []any{},
	}
	if d := cmp.Diff(want, m); d != "" {
		t.Error(d)
	}
	var back surprisal.Likelihood
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(likelihood(), back); d != "" {
		t.Error(d)
	}
}

// TestUnitsOfBytes: bits a byte are told where scalars are bytes, the
// perplexity where they are those of a text, in JSON too and back again.
func TestUnitsOfBytes(t *testing.T) {
	for scalar, want := range map[surprisal.Scalar][2]bool{"": {false, false}, surprisal.PixelByte: {true, false}, surprisal.TextByte: {true, true}} {
		l := likelihood()
		l.Scalar = scalar
		bits, ok := l.BitsPerByte()
		if ok != want[0] || ok && bits != l.BitsPerDim() {
			t.Errorf("scalars that are %q: %g bits a byte, %v", scalar, bits, ok)
		}
		raw, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		if m["bits_per_byte"] == l.BitsPerDim() != want[0] || m["perplexity"] == l.Perplexity() != want[1] {
			t.Errorf("scalars that are %q: %s", scalar, raw)
		}
		var back surprisal.Likelihood
		if err := json.Unmarshal(raw, &back); err != nil || cmp.Diff(l, back) != "" {
			t.Errorf("read back %+v, %v", back, err)
		}
	}
}

// TestInfiniteEventsAreNull: an event of probability zero is counted apart,
// never averaged away.
func TestInfiniteEventsAreNull(t *testing.T) {
	l := likelihood()
	l.Infinite = 2
	b, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	if nats, ok := m["nats"]; !ok || nats != nil || m["infinite"] != 2.0 || m["bits_per_dim"] != nil || m["finite_nats"] != 86.7 {
		t.Errorf("got %s", b)
	}
	var back surprisal.Likelihood
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if back.Infinite != 2 || !math.IsInf(back.MeanNats(), 1) || back.Nats != 86.7 {
		t.Errorf("read back %+v", back)
	}
}

func TestComparable(t *testing.T) {
	l := likelihood()
	if err := l.Comparable(likelihood()); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*surprisal.Likelihood){
		"measures are mass and density": func(m *surprisal.Likelihood) { m.Measure = surprisal.Lebesgue },
		"test events differ":            func(m *surprisal.Likelihood) { m.Data.Checksum = "sha256:def" },
		"does not say which events":     func(m *surprisal.Likelihood) { m.Data.Checksum = "" },
		"nothing and label":             func(m *surprisal.Likelihood) { m.Given = "label" },
		"10000 and 9":                   func(m *surprisal.Likelihood) { m.N = 9 },
	} {
		m := likelihood()
		change(&m)
		err := l.Comparable(m)
		if !errors.Is(err, surprisal.ErrNotComparable) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
