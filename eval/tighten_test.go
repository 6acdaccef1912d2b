package eval_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
)

// TestTightenClaimsNothingFromNothing: one event has no error, and of infinite
// ones nothing is known; the text says so and JSON has null.
func TestTightenClaimsNothingFromNothing(t *testing.T) {
	nowhere := normals(3, 1)
	for i := range nowhere.Len() {
		nowhere.Columns[0].(surprisal.Values[float64])[i] = 1e200 // exp underflows: no draw has positive weight
	}
	for _, c := range []struct {
		events  *surprisal.Batch
		verdict string
		gain    bool
	}{
		{normals(1, 1), "one event does not show whether that is noise", true},
		{nowhere, "no event has finite nats under both", false},
	} {
		got, err := eval.Tighten(t.Context(), latent{}, c.events, "normals", "test", []int{4, 32}, eval.Options{Key: 5})
		if err != nil {
			t.Fatal(err)
		}
		if v := got.Verdict(); !strings.Contains(v, c.verdict) || strings.Contains(v, "NaN") || got.Moving() {
			t.Errorf("%d events: %q, moving %v", c.events.Len(), v, got.Moving())
		}
		raw, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		if m["moving"] != nil || m["gain_stderr"] != nil || (m["gain"] != nil) != c.gain {
			t.Errorf("%d events: %s", c.events.Len(), raw)
		}
	}
}

// TestELBOIsOfOneDraw: the evidence lower bound beside importance-weighted ones
// is the bound of K = 1, however many draws its average is over.
func TestELBOIsOfOneDraw(t *testing.T) {
	got, err := eval.Tighten(t.Context(), latent{}, normals(50, 2), "normals", "test", []int{1, 16}, eval.Options{Key: 5})
	if err != nil {
		t.Fatal(err)
	}
	if got.ELBO.Samples != 1 || got.IW[0].Samples != 1 || got.ELBO.Nats != got.IW[0].Nats {
		t.Errorf("ELBO %v by %d draws, IW-1 %v by %d", got.ELBO, got.ELBO.Samples, got.IW[0], got.IW[0].Samples)
	}
}

func TestMeanWithoutNumbers(t *testing.T) {
	for m, want := range map[eval.Mean][2]string{
		{Nats: 1.25, StdErr: 0.5}:               {"1.25 ± 0.50", `{"nats":1.25,"stderr":0.5}`},
		{Nats: 1.25, StdErr: math.NaN()}:        {"1.25 ± ?", `{"nats":1.25,"stderr":null}`},
		{Nats: math.NaN(), StdErr: math.NaN()}:  {"? ± ?", `{"nats":null,"stderr":null}`},
		{Nats: math.Inf(1), StdErr: math.NaN()}: {"∞", `{"nats":null,"stderr":null}`},
	} {
		raw, err := json.Marshal(m)
		if err != nil || m.String() != want[0] || string(raw) != want[1] {
			t.Errorf("%q and %s (%v), want %q and %s", m.String(), raw, err, want[0], want[1])
		}
	}
}

// TestClearByStudent: how many errors make a mean clear depends on how many
// events those are of.
func TestClearByStudent(t *testing.T) {
	for clusters, want := range map[int]bool{0: false, 1: false, 2: false, 4: false, 6: true, 1000: true} {
		m := eval.Mean{Nats: 3, StdErr: 1, Clusters: clusters}
		if clusters < 2 {
			m.StdErr = math.NaN()
		}
		if m.Clear() != want {
			t.Errorf("3 ± 1 of %d events: clear is %v", clusters, !want)
		}
		if (eval.Tightness{Gain: m}).Moving() != want {
			t.Errorf("a gain of 3 ± 1 of %d events: moving is %v", clusters, !want)
		}
		if m.Nats = -3; m.Clear() != want || (eval.Tightness{Gain: m}).Moving() {
			t.Errorf("−3 ± 1 of %d events: clear is %v", clusters, !want)
		}
	}
}

// TestTooManyDrawsAreRefused: those of one event are held at once.
func TestTooManyDrawsAreRefused(t *testing.T) {
	b := normals(2, 1)
	for _, k := range []int{eval.MostSamples + 1, math.MaxInt} {
		_, err := eval.Score(t.Context(), latent{}, b, eval.Options{Samples: k})
		wantError(t, err, "want at most 1048576")
		_, err = eval.Tighten(t.Context(), latent{}, b, "", "", []int{2, k}, eval.Options{})
		wantError(t, err, "want at most 1048576")
	}
}

// TestWarningsCount: what is counted is in the singular or the plural, and none
// is no number to doubt.
func TestWarningsCount(t *testing.T) {
	for n, want := range map[int]string{
		1: "only 1 event: of one there is no standard error", 2: "only 2 events: the standard error is uncertain below 30",
	} {
		l := score(t, gaussian{0, 1}, normals(n, 1), eval.Options{}).Likelihood("", "")
		if len(l.Warnings) != 1 || l.Warnings[0] != want {
			t.Errorf("%d events: %q, want %q", n, l.Warnings, want)
		}
	}
	s := score(t, gaussian{0, 1}, normals(2, 1), eval.Options{})
	s.Nats[0], s.Nats[1] = math.Inf(1), math.Inf(1)
	if l := s.Likelihood("", ""); len(l.Warnings) != 1 || l.Warnings[0] != "2 of 2 events have probability zero" {
		t.Errorf("infinite events: %q", l.Warnings)
	}
}

// TestTightenBatches: events that come in batches have the bounds, the shapes
// and the terms of all at once, bit by bit.
func TestTightenBatches(t *testing.T) {
	p := newPPCA(0.3, 1)
	b, _ := p.draw(90, 5)
	o := eval.Options{Key: 9, Chunk: 16}
	want, err := eval.Tighten(t.Context(), p, b, "ppca", "test", []int{1, 5, 40}, o)
	if err != nil {
		t.Fatal(err)
	}
	got, err := eval.TightenBatches(t.Context(), p, cut(b, 37), "ppca", "test", []int{1, 5, 40}, o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("in batches (-want +got):\n%s", diff)
	}
	terms, err := eval.SplitELBO(t.Context(), split{}, normals(90, 1), o)
	if err != nil {
		t.Fatal(err)
	}
	again, err := eval.SplitELBOBatches(t.Context(), split{}, cut(normals(90, 1), 37), o)
	if err != nil || terms != again {
		t.Errorf("terms %v in batches, want %v (%v)", again, terms, err)
	}
	near(t, "KL", terms.KL.Nats, 0.25, 0)
}

// split is an evidence of which the KL is ¼ for every event.
type split struct{}

func (split) Terms(recon, kl []float64, x *surprisal.Batch, _ surprisal.Key) error {
	x.Float64s(recon, 0)
	for i := range kl {
		kl[i] = 0.25
	}
	return nil
}
