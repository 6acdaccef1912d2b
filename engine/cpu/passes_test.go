//go:build unix

package cpu_test

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/surprisal-go/surprisal/bench"
	"github.com/surprisal-go/surprisal/engine/cpu"
)

// BenchmarkPasses times plans of whole training steps on one thread: with all
// passes, with each left out, and with none of those that fuse. All take turns,
// and what counts is the time of the processor, so that what else runs on the
// machine disturbs little: times is the median over rounds of the time over
// that with all passes, ms the least time, and MB what the buffers need.
//
//	go test -run - -bench Passes -benchtime 1x ./engine/cpu
func BenchmarkPasses(b *testing.B) {
	works, err := bench.Select([]string{"made-100", "vae-100", "realnvp-100"})
	if err != nil {
		b.Fatal(err)
	}
	for _, w := range works {
		variants := append([]string{"-"}, cpu.PassNames()...)
		variants = append(variants, "all")
		spies, buffers := make([]*spy, len(variants)), make([]float64, len(variants))
		for i, v := range variants {
			opts := cpu.Options{Threads: 1, Watch: &cpu.Watch{}, NoFuse: v == "all"}
			if v != "-" && v != "all" {
				opts = opts.Without(v)
			}
			spies[i] = open(b, w, opts)
			buffers[i] = opts.Watch.Plans()[0].Memory.Buffers.At(w.Batch)
		}
		times, ratios := make([][]float64, len(variants)), make([][]float64, len(variants))
		for range 40 {
			for i, s := range spies {
				begin := processorTime(b)
				s.run(b)
				times[i] = append(times[i], (processorTime(b) - begin).Seconds())
				ratios[i] = append(ratios[i], times[i][len(times[i])-1]/times[0][len(times[0])-1])
			}
		}
		for i, v := range variants {
			b.Run(fmt.Sprintf("work=%s/without=%s", w.Name(), strings.ReplaceAll(v, " ", "-")), func(b *testing.B) {
				for b.Loop() {
					spies[i].run(b)
				}
				b.ReportMetric(slices.Min(times[i])*1e3, "ms")
				b.ReportMetric(bench.Median(ratios[i]), "times")
				b.ReportMetric(buffers[i]/1e6, "MB")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// processorTime is what this process has used.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
