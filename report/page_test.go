package report_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/report"
)

// spreadValues are n numbers around m.
func spreadValues(n int, m float64) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = m + math.Sin(float64(i*i))
	}
	return v
}

// TestPage writes a page with everything on it: it needs no network, carries
// every part, and escapes what users have named.
func TestPage(t *testing.T) {
	nats := map[string][]float64{"first": spreadValues(200, 3), "<b>second</b>": spreadValues(200, 3.4)}
	var rows []report.Row
	for name, v := range nats {
		s := eval.Scores{Nats: v, Dims: 4, Measure: surprisal.Mass, Checksum: "sha256:1"}
		rows = append(rows, report.Row{Model: name, Test: s.Likelihood("set", "test"), Params: 1234, Events: eval.Entry{Nats: v}})
	}
	board, err := report.New(rows, 1)
	if err != nil {
		t.Fatal(err)
	}
	entropy := 2.5
	board.Entropy = &entropy
	c, err := eval.Compare(rows[0].Entry(), rows[1].Entry(), 1)
	if err != nil {
		t.Fatal(err)
	}
	p := &report.Page{Title: "Title & more", Lead: "Lead.", Board: board, Facts: [][2]string{{"weights", "sha256:77"}},
		Tables: []report.Table{{Title: "Events", Header: []string{"event", "nats"}, Rows: [][]string{{"17", "99.25"}}}}}
	for _, plot := range []func(w io.Writer, f report.Format) error{
		func(w io.Writer, f report.Format) error {
			return report.PlotForest(w, f, "", "saved", []eval.Comparison{c})
		},
		func(w io.Writer, f report.Format) error {
			return report.PlotHistograms(w, f, "", "nats", report.Sample{Name: "a", Values: []float64{1, 2, math.Inf(1), 3}})
		},
		func(w io.Writer, f report.Format) error {
			return report.PlotFeatures(w, f, "", []string{"m"}, []string{"x", "y"}, [][]float64{{1, math.Inf(1)}})
		},
	} {
		pic, err := report.Draw(report.SVG, "alt", plot)
		if err != nil {
			t.Fatal(err)
		}
		p.Figures = append(p.Figures, report.Figure{Title: "Figure", Caption: "Caption.", Pictures: []report.Picture{pic}})
	}
	heat, err := report.Draw(report.PNG, "heat", func(w io.Writer, _ report.Format) error {
		most, err := report.WriteHeat(w, []float64{0, 1, 2, 3, 4, 5}, 2, 3)
		if most != 5 {
			t.Errorf("the greatest value is %g, want 5", most)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Figures = append(p.Figures, report.Figure{Title: "Heat", Pictures: []report.Picture{heat}})
	if p.Settings, err = report.NewSettings([]string{"first", "second"}, []json.RawMessage{[]byte(`{"rate":0.1,"same":[1,2]}`), []byte(`{"rate":0.2,"same":[1, 2],"own":true}`)}); err != nil {
		t.Fatal(err)
	}
	p.AddVerdict("One saves 2 nats (95% [1, 3])", []string{"only 2 seeds"})
	var b bytes.Buffer
	if err := p.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{"Title &amp; more", "true entropy 2.5000 nats", "&lt;b&gt;second&lt;/b&gt;", "1,234", "sha256:77", "99.25",
		"<p>One saves 2 nats (95% [1, 3]). Warning: only 2 seeds.</p>",
		"data:image/png;base64,", "<svg", "currentColor", "<td>rate</td><td>0.1</td><td>0.2</td>", "<td>own</td><td></td><td>true</td>", "same = [1,2]"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, bad := range []string{"<b>second", "NaN", "%!", "<script", "ZgotmplZ", "url("} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if m := regexp.MustCompile(`(src|href)="[^d][^"]*"`).FindString(page); m != "" {
		t.Errorf("the page loads %s", m)
	}
	if n := strings.Count(page, "<svg"); n != 3 || strings.Count(page, "</svg>") != n {
		t.Errorf("%d drawings begin and %d end, want 3", n, strings.Count(page, "</svg>"))
	}
}

// TestPlotsRefuseNothing: without a finite value there is no plot, and no
// panic.
func TestPlotsRefuseNothing(t *testing.T) {
	if report.PlotForest(io.Discard, report.SVG, "t", "x", nil) == nil {
		t.Error("a forest of nothing is drawn")
	}
	if report.PlotHistograms(io.Discard, report.SVG, "t", "x", report.Sample{Name: "a", Values: []float64{math.Inf(1)}}) == nil {
		t.Error("a histogram of nothing is drawn")
	}
	if report.PlotFeatures(io.Discard, report.SVG, "t", []string{"m"}, []string{"x"}, [][]float64{{math.NaN()}}) == nil {
		t.Error("features of nothing are drawn")
	}
	if _, err := report.WriteHeat(io.Discard, nil, 0, 3); err == nil {
		t.Error("an empty picture is drawn")
	}
	same := []float64{2, 2, 2}
	if err := report.PlotHistograms(io.Discard, report.PNG, "t", "x", report.Sample{Name: "a", Values: same}); err != nil {
		t.Error(err)
	}
}
