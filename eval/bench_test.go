package eval_test

import (
	"fmt"
	"testing"

	"github.com/surprisal-go/surprisal/eval"
)

func BenchmarkCompare(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			x := normals(n, 1)
			entry := func(g gaussian) eval.Entry {
				s, err := eval.Score(b.Context(), g, x, eval.Options{})
				if err != nil {
					b.Fatal(err)
				}
				return eval.Entry{Likelihood: s.Likelihood("", ""), Nats: s.Nats}
			}
			p, q := entry(gaussian{0.1, 1}), entry(gaussian{0, 1.1})
			for b.Loop() {
				if _, err := eval.Compare(p, q, 1); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
