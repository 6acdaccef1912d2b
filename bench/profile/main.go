// Profile says where the time of a work's steps goes, operation by operation.
//
//	go run ./bench/profile --work iwae-100 [--threads 1] [--seconds 3]
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/surprisal-go/surprisal/bench"
	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/engine/explain"
	"github.com/surprisal-go/surprisal/internal/kern"
)

func main() {
	names := flag.String("work", "", "works, separated by commas, such as iwae-100; see the package comment of bench")
	threads := flag.Int("threads", 1, "threads")
	seconds := flag.Float64("seconds", 3, "time for each work")
	width := flag.Int("width", 120, "characters a line")
	flag.Parse()
	if err := run(*names, *threads, *seconds, *width); err != nil {
		fmt.Fprintln(os.Stderr, "profile:", err)
		os.Exit(1)
	}
}

func run(names string, threads int, seconds float64, width int) error {
	if names == "" {
		return errors.New("no work is given; try --work iwae-100")
	}
	works, err := bench.Select(strings.Split(names, ","))
	if err != nil {
		return err
	}
	for _, w := range works {
		if err := profile(w, threads, seconds, width); err != nil {
			return fmt.Errorf("%s: %w", w.Name(), err)
		}
	}
	return nil
}

// profile makes steps for some seconds and prints where the time went. The
// first steps, which allocate, are among them.
func profile(w bench.Work, threads int, seconds float64, width int) error {
	watch := &cpu.Watch{}
	exec := cpu.New(cpu.Options{Threads: threads, Watch: watch})
	defer exec.Close()
	r, err := w.Open(exec)
	if err != nil {
		return err
	}
	steps, begin := 0, time.Now()
	for time.Since(begin).Seconds() < seconds {
		if _, err := r.Step(); err != nil {
			return err
		}
		steps++
	}
	wall := time.Since(begin)
	fmt.Printf("%s: %d steps of %.3g ms\n\n", w.Name(), steps, 1e3*wall.Seconds()/float64(steps))
	p := explain.Profile{Plans: explain.Named(watch.Plans()), Wall: wall, Threads: exec.Threads(), Peak: kern.Default.Peak() / 1e9}
	return p.WriteText(os.Stdout, width)
}
