package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/surprisal-go/surprisal/bench"
)

// columns of the table after the work. Ratio is the peer's time over ours.
const columns = " %9s %9s  %-13s %6s %9s %9s %10s %6s %8s"

func printHeader(w io.Writer, works []bench.Work) {
	fmt.Fprintf(w, "%-*s"+columns, width(works), "work", "ours", "peer", "peer_name", "ratio", "ratio_min", "ratio_max", "ratio_best", "our_MB", "peer_MB")
	fmt.Fprintln(w, rateHeader(works))
}

// width of the works' names.
func width(works []bench.Work) int {
	n := 12
	for _, w := range works {
		n = max(n, len(w.Name()))
	}
	return n
}

// printRow is one line, about the fastest peer.
func printRow(w io.Writer, works []bench.Work, r *result) {
	fmt.Fprintf(w, "%-*s", width(works), r.Work)
	if len(r.Peers) == 0 {
		fmt.Fprintf(w, columns, step(r.Ours), "-", "-", "-", "-", "-", "-", r.Memory, "-")
	} else {
		p := r.Peers[0]
		two := func(v float64) string { return fmt.Sprintf("%.2f", v) }
		fmt.Fprintf(w, columns, step(r.Ours), step(p.Peer), p.Name, two(p.Ratio), two(p.RatioMin), two(p.RatioMax), two(p.RatioBest), r.Memory, p.Memory)
	}
	fmt.Fprintln(w, r.Rate)
}

// printSkipped says why peers were left out, each reason once in a comparison.
func printSkipped(w io.Writer, r *result, said map[string]bool) {
	for _, name := range sortedKeys(r.Skipped) {
		line := name + ": " + r.Skipped[name]
		if r.Skipped[name] != errNotInstalled.Error() {
			line = r.Work + ": " + line
		}
		if !said[line] {
			fmt.Fprintln(w, "skipped", line)
			said[line] = true
		}
	}
}

func printJSON(w io.Writer, r *result) error { return json.NewEncoder(w).Encode(r) }

// step prints the time of a step in a unit that suits it.
func step(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%.1f µs", seconds*1e6)
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f ms", seconds*1e3)
	}
	return fmt.Sprintf("%.1f s", seconds)
}

func sortedKeys(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
