package cpu

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/surprisal-go/surprisal/graph"
)

// TestBreakdown prints where the time of a MADE step goes, one line a step of
// the plan, if SURPRISAL_BREAKDOWN is set to the number of threads.
func TestBreakdown(t *testing.T) {
	var threads int
	if _, err := fmt.Sscan(os.Getenv("SURPRISAL_BREAKDOWN"), &threads); err != nil {
		t.Skip("SURPRISAL_BREAKDOWN is not set")
	}
	g := graph.New()
	loss, updates := madeStep(g, 784, 500, false)
	e := New(Options{Threads: threads})
	defer e.Close()
	c, err := e.Compile([]*graph.Node{loss}, updates...)
	if err != nil {
		t.Fatal(err)
	}
	p := c.(*plan)
	fed, store := madeFeeds(100, 784), madeParams(g)
	best := make([]time.Duration, len(p.steps))
	for range 200 {
		if _, err := p.Run(context.Background(), fed, store); err != nil {
			t.Fatal(err)
		}
		for i, s := range p.steps {
			start := time.Now()
			if err := s.run(); err != nil {
				t.Fatal(err)
			}
			if d := time.Since(start); best[i] == 0 || d < best[i] {
				best[i] = d
			}
		}
	}
	var total time.Duration
	for i := range p.steps {
		total += best[i]
		fmt.Printf("%10v  %s\n", best[i], p.names[i])
	}
	fmt.Printf("%10v  in all, %.0f samples/s\n", total, 100/total.Seconds())
}
