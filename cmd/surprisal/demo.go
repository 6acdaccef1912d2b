package main

import (
	"context"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/report"
)

// shows are the sets of the demo: bits of known entropy, points of known
// density, pictures. Families that have nothing to say there are left out.
var shows = []struct {
	set      string
	families []string
	share    float64 // of the time
}{
	{"tree64", []string{"marginals", "made", "vae"}, 0.3},
	{"gaussian-mixture", []string{"gaussian", "mixture", "made", "realnvp"}, 0.25},
	{"glyphs-binary", []string{"marginals", "made", "vae"}, 0.45},
}

func (a *app) demoVerb() *cobra.Command {
	c := contest{how: bounds{samples: 32, bound: eval.IW}}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "rank models on sets that the program makes itself",
		Long: `Train baselines, an autoregressive model, a flow and a VAE on three sets that the
program makes itself, two of them of known entropy, and print a board for each. The folder of each set
has a page with plots, report.html.`,
		Example: "  surprisal demo\n  surprisal demo --time 10m --output demo-long",
		Args:    want(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := a.lab()
			if err != nil {
				return err
			}
			if err := c.check(); err != nil {
				return err
			}
			if c.dir == "" {
				c.dir = freeFolder("demo")
			}
			boards, err := l.demo(cmd.Context(), c)
			if err != nil {
				return err
			}
			l.say("runs, samples, pictures and a page of them all, report.html: %s", c.dir)
			if l.json {
				return l.printJSON(boards)
			}
			return nil
		},
	}
	cmd.Flags().DurationVar(&c.budget, "time", 110*time.Second, "`TIME` for all training together, as in 90s or 10m")
	cmd.Flags().StringVarP(&c.dir, "output", "o", "", "new `DIR` for runs, samples, pictures and boards (default: demo)")
	return cmd
}

// demo holds the contests one after the other, each with its share of the time
// that is left.
func (l *lab) demo(ctx context.Context, all contest) ([]*report.Board, error) {
	deadline := time.Now().Add(all.budget)
	left := 0.0
	for _, s := range shows {
		left += s.share
	}
	var boards []*report.Board
	for _, s := range shows {
		c := all
		c.ref, c.dir = s.set, filepath.Join(all.dir, s.set)
		c.budget = time.Duration(float64(time.Until(deadline)) * s.share / left)
		left -= s.share
		var err error
		if c.set, err = data.Open(s.set, c.read); err != nil {
			return nil, err
		}
		if c.families, err = pickFamilies(s.families); err != nil {
			return nil, err
		}
		b, err := l.hold(ctx, c)
		if err != nil {
			return nil, err
		}
		boards = append(boards, b)
	}
	return boards, nil
}
