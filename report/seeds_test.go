package report_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/report"
)

// grown is a row of a family of seeds with these mean nats; events of all
// families share what makes them hard.
func grown(t *testing.T, model string, means ...float64) report.Row {
	t.Helper()
	f := eval.Family{Name: model}
	for s, m := range means {
		r := withEvents(report.Row{Model: model, Test: likelihood(m, 0.04, surprisal.Exact, 0)}, 0.1, surprisal.Key(s).Named(model))
		e := r.Entry()
		e.Likelihood.Nats = mean(e.Nats)
		f.Seeds = append(f.Seeds, e)
	}
	r := report.Row{Model: model, Params: 34210, Seconds: 12.4}
	if err := r.SetSeeds(f); err != nil {
		t.Fatal(err)
	}
	return r
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// TestBoardOverSeeds: a difference that the test events settle for the weights
// at hand may be noise of the seeds, and one that no seed spans is none.
func TestBoardOverSeeds(t *testing.T) {
	rows := []report.Row{
		grown(t, "steady", 27.1, 27.11, 27.12, 27.11), grown(t, "fickle", 26.5, 27.5, 26.9, 27.3), grown(t, "far", 30, 31, 30.5, 30.4),
	}
	b, err := report.New(rows, 1)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := b.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	want := `tree64: 10,000 test events, 64 dims, mass

  model      test nats  bits/dim  kind   params  time
* fickle  27.05 ± 0.02    0.6098  exact     34k   12s
~ steady  27.11 ± 0.02    0.6111  exact     34k   12s
  far     30.48 ± 0.02    0.6870  exact     34k   12s

  nats over seeds  seeds  sd of seeds  ± over seeds  ± over events
  fickle               4         0.44          0.22          0.023
  steady               4       0.0082        0.0041          0.023
  far                  4         0.41          0.21          0.023

* best of 3 by these very events: on fresh ones it may take more nats
~ the paired difference to the best may be noise
steady, far: warning of the difference to the best: only 4 seeds: the spread
  over seeds is hardly known, and the interval is wide for it
test nats and time: means over seeds; ± of test nats: standard error over test
  events, for these weights; sd: how far one training lies from another; ~
  allows for other seeds and other events
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("board (-want +got):\n%s", diff)
	}
	if v := b.Rows[2].Verdict; !strings.HasPrefix(v, "fickle saves 3.4") || !strings.Contains(v, "4 and 4 seeds") {
		t.Errorf("verdict %q", v)
	}
	cs, err := b.Comparisons(1)
	if err != nil || len(cs) != 2 || cs[0].A != "steady" || cs[0].Method != eval.OverSeeds || !cs[0].Noise() || cs[0].Tests != 2 {
		t.Errorf("comparisons %+v (%v)", cs, err)
	}
	raw, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	var back report.Board
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.Rows[0].Spread, back.Rows[0].Spread); diff != "" || math.Abs(back.Rows[0].Spread.SeedStdDev-0.443) > 0.001 {
		t.Errorf("spread after a round trip (-want +got):\n%s", diff)
	}
	p := &report.Page{Board: b}
	out.Reset()
	if err := p.WriteHTML(&out); err != nil || !strings.Contains(out.String(), "<td>± 0.22 of 4</td>") {
		t.Errorf("the page has no spread over seeds (%v)", err)
	}
}
