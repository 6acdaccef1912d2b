package report_test

import (
	"html"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/report"
)

// TestInfiniteRowsHaveVerdicts: a row with infinite nats has no mean difference to
// the best, and yet what follows is said.
func TestInfiniteRowsHaveVerdicts(t *testing.T) {
	for kind, want := range map[surprisal.Knowledge]string{
		surprisal.Exact:      "a gives probability zero to 1 of 10000 events that b allows",
		surprisal.LowerBound: "a has no finite code for 1 of 10000 events that b codes",
	} {
		a, b := withEvents(report.Row{Model: "a", Test: likelihood(27, 0.04, kind, 0)}, 2, 7), withEvents(report.Row{Model: "b", Test: likelihood(28, 0.04, surprisal.Exact, 0)}, 2, 8)
		a.Events.Nats[3] = math.Inf(1)
		a.Test.Infinite, a.Test.Nats = 1, mean(slices.Delete(slices.Clone(a.Events.Nats), 3, 4))
		got, err := report.New([]report.Row{a, b}, 1)
		if err != nil {
			t.Fatal(err)
		}
		if r := got.Rows[1]; r.Model != "a" || r.Behind != nil || r.Tie || !strings.HasPrefix(r.Verdict, want) {
			t.Errorf("behind %v, tie %v, verdict %q, want %q", r.Behind, r.Tie, r.Verdict, want)
		}
	}
}

// TestHugeNumbersHaveAnExponent: board and page show no number of sixty digits.
func TestHugeNumbersHaveAnExponent(t *testing.T) {
	far := likelihood(3.25e60, 1.5e60, surprisal.LowerBound, 8)
	b, err := report.New([]report.Row{
		{Model: "far", Test: far, Gap: &report.Diff{Nats: 2e60, StdErr: 1e60}, Behind: &report.Diff{Nats: 3e60, StdErr: 1e60},
			Spread: &eval.Spread{Seeds: 2, Nats: 3.25e60, SeedStdDev: 2e60, SeedStdErr: 1e60, EventStdErr: 1.5e60}},
		{Model: "near", Test: likelihood(27, 0.1, surprisal.Exact, 0), Gap: &report.Diff{Nats: 0.3, StdErr: 0.1}},
	}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var text, page strings.Builder
	if err := b.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if err := (&report.Page{Board: b}).WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	for name, out := range map[string]string{"board": text.String(), "page": html.UnescapeString(page.String())} {
		if digits := regexp.MustCompile(`[0-9]{12,}`).FindString(out); digits != "" {
			t.Errorf("the %s has a number of %d digits", name, len(digits))
		}
		if !strings.Contains(out, "3.25e+60") || !strings.Contains(out, "27.0") {
			t.Errorf("the %s does not tell the nats:\n%s", name, out)
		}
	}
}

// TestWarningsOfSeveralAreToldOnce: and one event is no events.
func TestWarningsOfSeveralAreToldOnce(t *testing.T) {
	var rows []report.Row
	for i, model := range []string{"a", "b", "c"} {
		l := likelihood(27+float64(i), math.NaN(), surprisal.Exact, 0)
		l.N, l.Dims = 1, 1
		if l.Warnings = []string{"few events"}; model == "b" {
			l.Warnings = append(l.Warnings, "old numerics")
		}
		rows = append(rows, report.Row{Model: model, Test: l})
	}
	b, err := report.New(rows, 1)
	if err != nil {
		t.Fatal(err)
	}
	var text, page strings.Builder
	if err := b.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if err := (&report.Page{Board: b}).WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"tree64: 1 test event, 1 dim, mass\n", "\na, b, c: warning: few events\nb: warning: old numerics\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the board lacks %q:\n%s", want, text.String())
		}
	}
	for _, want := range []string{"tree64, test: 1 event, 1 dim, mass", ">a, b, c: warning: few events<", ">b: warning: old numerics<"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
