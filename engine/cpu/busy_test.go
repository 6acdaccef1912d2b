package cpu_test

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"github.com/surprisal-go/surprisal/bench"
	"github.com/surprisal-go/surprisal/engine/cpu"
)

const busyEnv = "SURPRISAL_TEST_BUSY"

// TestMain lets the test program serve as a process that keeps a core busy.
func TestMain(m *testing.M) {
	if os.Getenv(busyEnv) != "" {
		for begin := time.Now(); time.Since(begin) < 5*time.Minute; { // if nobody stops it
		}
		return
	}
	os.Exit(m.Run())
}

// busy runs one busy process a core until the test ends.
func busy(tb testing.TB) {
	for range runtime.NumCPU() {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), busyEnv+"=1", "GOMAXPROCS=1")
		if err := c.Start(); err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() {
			c.Process.Kill()
			c.Wait()
		})
	}
}

// turn is many time slices of the system's scheduler.
const turn = 300 * time.Millisecond

// pace runs plans of some numbers of threads in turn for a while, and returns
// the median over rounds of each one's time over that of the first.
func pace(tb testing.TB, w bench.Work, threads []int, rounds int) []float64 {
	spies := make([]*spy, len(threads))
	for i, n := range threads {
		spies[i] = open(tb, w, cpu.Options{Threads: n})
	}
	ratios := make([][]float64, len(threads))
	for range rounds {
		var first time.Duration
		for i, s := range spies {
			begin, runs := time.Now(), 0
			for time.Since(begin) < turn {
				s.run(tb)
				runs++
			}
			took := time.Since(begin) / time.Duration(runs)
			if i == 0 {
				first = took
			}
			ratios[i] = append(ratios[i], took.Seconds()/first.Seconds())
		}
	}
	out := make([]float64, len(threads))
	for i, r := range ratios {
		out[i] = bench.Median(r)
	}
	return out
}

// BenchmarkBusy compares threads while one busy process a core runs beside
// them: x is the median over rounds of the time of so many threads over that of
// one.
//
//	go test -run - -bench Busy -benchtime 1x ./engine/cpu
func BenchmarkBusy(b *testing.B) {
	works, err := bench.Select([]string{"made-100", "score-8"})
	if err != nil {
		b.Fatal(err)
	}
	for _, load := range []bool{false, true} {
		if load {
			busy(b)
		}
		for _, w := range works {
			b.Run(fmt.Sprintf("busy=%v/work=%s", load, w.Name()), func(b *testing.B) {
				threads := []int{1, 2, 16}
				for b.Loop() {
					for i, x := range pace(b, w, threads, 9) {
						b.ReportMetric(x, fmt.Sprintf("x%d", threads[i]))
					}
				}
			})
		}
	}
}
