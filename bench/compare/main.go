// Compare times works of package bench on our side and in the peers, in turn:
//
//	go run ./bench/compare [--work made-100,vae] [--threads 2] [--json]
//
// The peers are programs in bench/peers, which bench/peers/install installs;
// one that is not installed is skipped, and the output says so. Sides run
// in turn, ours, a peer, the next peer, ours and so on, never two at once, each in
// a warm process. A side's time is the median over turns of the median step; the
// ratio is the peer's time over ours in the same round, median over rounds, with
// the least and the greatest. The line shows the peer that was fastest; all are
// in the JSON. On a machine that others use, ratio_best, of the fastest few steps
// on either side, says most.
//
// Memory is what each side had resident at most, in MB, with the program and
// its libraries; ours is measured in a process of its own.
//
// A peer that has another number of parameters, or another loss before its
// first step, does other work and is skipped.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/surprisal-go/surprisal/bench"
	"github.com/surprisal-go/surprisal/engine/cpu"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	f := flag.NewFlagSet("compare", flag.ContinueOnError)
	f.SetOutput(stderr)
	works := f.String("work", "", "works or models, separated by commas; none is all")
	peers := f.String("peer", "all", "peers to try, separated by commas; all is every one that does the work")
	asJSON := f.Bool("json", false, "a JSON object a line")
	onlyMemory := f.Bool("memory", false, "print the peak memory of our side of one work as JSON, and nothing else")
	s := settings{}
	f.StringVar(&s.dir, "peers", "bench/peers", "folder of the peers")
	f.IntVar(&s.threads, "threads", 2, "threads a side")
	f.IntVar(&s.rounds, "rounds", 5, "turns a side")
	f.DurationVar(&s.turn, "turn", time.Second, "time of a turn")
	if err := f.Parse(args); err != nil {
		return 2
	}
	s.peers = split(*peers)
	list, err := bench.Select(split(*works))
	if err == nil {
		err = s.validate(f.Args())
	}
	if err != nil {
		fmt.Fprintln(stderr, "compare:", err)
		return 2
	}
	runtime.GOMAXPROCS(s.threads)
	if *onlyMemory {
		err = printMemory(stdout, list[0], s.threads)
	} else {
		err = compareAll(list, s, *asJSON, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintln(stderr, "compare:", err)
		return 1
	}
	return 0
}

func (s settings) validate(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q: works are named by --work", rest[0])
	case s.threads < 1 || s.threads > 1024:
		return fmt.Errorf("%d threads: want 1 to 1024", s.threads)
	case s.rounds < 1 || s.turn <= 0:
		return fmt.Errorf("%d rounds of %v: want at least one, of more than nothing", s.rounds, s.turn)
	}
	return nil
}

// compareAll prints a line as soon as a work is done.
func compareAll(works []bench.Work, s settings, asJSON bool, stdout, stderr io.Writer) error {
	fmt.Fprintln(stderr, describe(s))
	if !asJSON {
		printHeader(stdout, works)
	}
	said := map[string]bool{}
	for _, w := range works {
		r, err := compareOne(w, s)
		if err != nil {
			return fmt.Errorf("%s: %w", w.Name(), err)
		}
		if asJSON {
			if err := printJSON(stdout, r); err != nil {
				return err
			}
			continue
		}
		printRow(stdout, works, r)
		printSkipped(stderr, r, said)
	}
	return nil
}

func compareOne(w bench.Work, s settings) (*result, error) {
	s.threads = w.Threads(s.threads)
	if slices.Equal(s.peers, []string{"all"}) {
		s.peers = w.Peers()
	}
	used, err := ourMemory(w, s.threads)
	if err != nil {
		return nil, err
	}
	exec := cpu.New(cpu.Options{Threads: s.threads})
	defer exec.Close()
	ours, err := open(w, exec)
	if err != nil {
		return nil, err
	}
	r, err := ours.compare(s)
	if err != nil {
		return nil, err
	}
	r.Memory = used
	return r, nil
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}
