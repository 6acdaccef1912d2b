package report_test

import (
	"encoding/json"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/report"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func likelihood(nats, se float64, kind surprisal.Knowledge, samples int) surprisal.Likelihood {
	return surprisal.Likelihood{
		Nats: nats, StdErr: se, N: 10000, Dims: 64, Kind: kind, Samples: samples, Measure: surprisal.Mass,
		Data: surprisal.DataRef{Name: "tree64", Checksum: "sha256:0123456789abcdef"}, Split: "test",
	}
}

func tree64() []report.Row {
	inf := likelihood(31.5, 0.1, surprisal.Exact, 0)
	inf.Infinite, inf.Warnings = 3, []string{"3 of 10000 events have probability zero"}
	heavy := likelihood(40.25, 0.05, surprisal.Exact, 0)
	heavy.Warnings = []string{"the costliest 1% of events make up 61% of the variance: the standard error may be too small for so heavy a tail"}
	return []report.Row{
		{Model: "marginals", Test: heavy, Gap: &report.Diff{Nats: -0.003, StdErr: 0.07}, Excess: &report.Diff{Nats: 12.83, StdErr: 0.05}, Params: 64, Seconds: 0.02},
		{Model: "vae", Test: likelihood(28.9, 0.045, surprisal.LowerBound, 64), Gap: &report.Diff{Nats: 0.3, StdErr: 0.06}, Excess: &report.Diff{Nats: 1.48, StdErr: 0.02}, Params: 123456, Seconds: 75},
		{Model: "table", Test: inf, Params: 900, Seconds: 3},
		{Model: "made", Test: likelihood(27.61, 0.041, surprisal.Exact, 0), Gap: &report.Diff{Nats: 0.14, StdErr: 0.06}, Excess: &report.Diff{Nats: 0.19, StdErr: 0.009}, Params: 34210, Seconds: 12.4},
		{Model: "made-wide", Test: likelihood(27.615, 0.041, surprisal.Exact, 0), Gap: &report.Diff{Nats: 0.2, StdErr: 0.06}, Excess: &report.Diff{Nats: 0.195, StdErr: 0.009}, Params: 3_421_000, Seconds: 4000},
	}
}

// withEvents gives a row test events whose nats have its mean and error, with
// noise of the given size on top that all rows share but for their own part.
func withEvents(r report.Row, own float64, key surprisal.Key) report.Row {
	shared, r2 := surprisal.Key(1).Rand(), key.Rand()
	x := make([]float64, r.Test.N)
	mean := 0.0
	for i := range x {
		x[i] = 8*(shared.Float64()-0.5) + own*(r2.Float64()-0.5)
		mean += x[i] / float64(len(x))
	}
	for i := range x {
		x[i] += r.Test.Nats - mean
	}
	r.Events.Nats = x
	return r
}

func board(t *testing.T) *report.Board {
	t.Helper()
	rows := tree64()
	for i, r := range rows {
		if r.Test.Infinite == 0 {
			rows[i] = withEvents(r, 2, surprisal.Key(10+i))
		}
	}
	b, err := report.New(rows, 1)
	if err != nil {
		t.Fatal(err)
	}
	h := 27.4213
	b.Entropy = &h
	b.Missing = []report.Failure{{Model: "realnvp", Why: "stopped by the time limit before its first validation; give it more with --time"}}
	return b
}

func TestBoardText(t *testing.T) {
	var out strings.Builder
	if err := board(t).WriteText(&out); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "tree64.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("board differs from %s (-want +got):\n%s", golden, diff)
	}
}

func TestBoardFits80Columns(t *testing.T) {
	wide := func(name string) report.Row {
		l := likelihood(12345.678, 12.345, surprisal.LowerBound, 128)
		l.Dims = 3072
		return report.Row{Model: name, Test: l, Gap: &report.Diff{Nats: -123.456, StdErr: 12.3}, Excess: &report.Diff{Nats: 1234.5, StdErr: 1.2}, Params: 123_456_789, Seconds: 86399}
	}
	for name, rows := range map[string][]report.Row{
		"usual": tree64(),
		"wide":  {wide("a-run-with-a-very-long-name-of-its-own"), wide("b")},
	} {
		b, err := report.New(rows, 1)
		if err != nil {
			t.Fatal(err)
		}
		b.Data.Name = strings.Repeat("folder/", 9) + "file.csv"
		var out strings.Builder
		if err := b.WriteText(&out); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(out.String(), "\n") {
			if n := utf8.RuneCountInString(line); n > report.Width {
				t.Errorf("%s: line of %d characters:\n%s", name, n, line)
			}
		}
	}
}

func TestBoardOrder(t *testing.T) {
	b := board(t)
	var got []string
	for _, r := range b.Rows {
		got = append(got, r.Model)
	}
	if want := []string{"made", "made-wide", "vae", "marginals", "table"}; !cmp.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
	if b.Rows[0].Behind != nil || !b.Rows[1].Tie || b.Rows[2].Tie || b.Rows[4].Behind != nil {
		t.Errorf("differences to the best: %+v %+v %+v", b.Rows[0].Behind, b.Rows[1], b.Rows[2].Behind)
	}
	if want := "best of 5 by these very events"; !strings.HasPrefix(b.Chosen, want) {
		t.Errorf("the choice is told as %q, want %q", b.Chosen, want)
	}
	if alone, err := report.New(tree64()[:1], 1); err != nil || alone.Chosen != "" {
		t.Errorf("one alone was chosen: %q (%v)", alone.Chosen, err)
	}
	if d := b.Rows[2].Behind; math.Abs(d.Nats-(28.9-27.61)) > 1e-9 || !strings.HasPrefix(b.Rows[2].Verdict, "made ") {
		t.Errorf("vae is %+v behind, want 1.29: %s", *d, b.Rows[2].Verdict)
	}
}

func TestEstimatesAreNeverBest(t *testing.T) {
	rows := []report.Row{
		{Model: "estimate", Test: likelihood(20, 1, surprisal.Estimate, 10)},
		{Model: "upper", Test: likelihood(21, 1, surprisal.UpperBound, 10)},
		{Model: "exact", Test: likelihood(30, 1, surprisal.Exact, 0)},
	}
	b, err := report.New(rows, 1)
	if err != nil {
		t.Fatal(err)
	}
	if i, ok := b.Best(); !ok || b.Rows[i].Model != "exact" {
		t.Errorf("best is row %d (%v)", i, ok)
	}
	b, _ = report.New(rows[:2], 1)
	if i, ok := b.Best(); ok {
		t.Errorf("best is row %d, want none", i)
	}
}

func TestBoardRefusesOtherEvents(t *testing.T) {
	rows := tree64()
	rows[2].Test.Data.Checksum = "sha256:fedcba9876543210"
	if _, err := report.New(rows, 1); !errors.Is(err, surprisal.ErrNotComparable) {
		t.Errorf("got %v, want ErrNotComparable", err)
	}
	if _, err := report.New(nil, 1); err == nil {
		t.Error("an empty board is no error")
	}
}

func TestBoardJSON(t *testing.T) {
	b := board(t)
	raw, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	var back report.Board
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	for i := range b.Rows {
		b.Rows[i].Events = eval.Entry{} // is not written
	}
	if diff := cmp.Diff(*b, back); diff != "" {
		t.Errorf("round trip (-want +got):\n%s", diff)
	}
}

func TestGap(t *testing.T) {
	test, train := likelihood(28, 0.3, surprisal.Exact, 0), likelihood(27, 0.4, surprisal.Exact, 0)
	if g := report.Gap(test, train); math.Abs(g.Nats-1) > 1e-12 || math.Abs(g.StdErr-0.5) > 1e-12 {
		t.Errorf("gap %+v, want 1 ± 0.5", *g)
	}
	train.Infinite = 1
	if g := report.Gap(test, train); g != nil {
		t.Errorf("gap %+v to infinite nats, want none", *g)
	}
}

func TestUnknownErrorsAreNull(t *testing.T) {
	raw, err := json.Marshal(report.Row{Gap: &report.Diff{Nats: 1, StdErr: math.NaN()}, Test: likelihood(28, math.NaN(), surprisal.Exact, 0)})
	if err != nil {
		t.Fatal(err)
	}
	var back report.Row
	if err := json.Unmarshal(raw, &back); err != nil || back.Gap.Nats != 1 || !math.IsNaN(back.Gap.StdErr) || !strings.Contains(string(raw), `{"nats":1,"stderr":null}`) {
		t.Errorf("%s came back as %+v (%v)", raw, back.Gap, err)
	}
}

func TestImpossibleExcessWarns(t *testing.T) {
	r := report.Row{Model: "cheat", Test: likelihood(20, 0.1, surprisal.Exact, 0)}
	r.SetExcess(eval.Gap{Nats: -7, StdErr: 0.1, N: 10000, LogRatio: 70000, Impossible: true})
	if r.Excess.Nats != -7 || len(r.Test.Warnings) != 1 || !strings.Contains(r.Test.Warnings[0], "BUG") {
		t.Errorf("got %+v", r)
	}
	r.SetExcess(eval.Gap{Infinite: 1, N: 10000})
	if r.Excess != nil {
		t.Errorf("an infinite excess is printed as %+v", *r.Excess)
	}
}

func TestBoundsOfOneNatureShareANote(t *testing.T) {
	rows := []report.Row{
		{Model: "a", Test: likelihood(27, 0.1, surprisal.LowerBound, 64)},
		{Model: "b", Test: likelihood(28, 0.1, surprisal.LowerBound, 8)},
		{Model: "c", Test: likelihood(29, 0.1, surprisal.LowerBound, 64)},
		{Model: "d", Test: likelihood(30, 0.1, surprisal.Exact, 0)},
	}
	b, err := report.New(rows, 1)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := b.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	const want = "\na, c: ≤ a bound, by 64 draws an event: the true nats are at most this\n" +
		"b: ≤ a bound, by 8 draws an event: the true nats are at most this\n"
	if !strings.HasSuffix(out.String(), want) {
		t.Errorf("the notes are not\n%s\nin\n%s", want, out.String())
	}
}
