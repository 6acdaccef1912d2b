package main

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/run"
)

func (a *app) compareVerb() *cobra.Command {
	var part string
	var delta float64
	cmd := &cobra.Command{
		Use:   "compare RUN RUN|FILE.npy...",
		Short: "paired difference of models on the same events",
		Long: `Compare runs event by event on the same test events. Every other run is compared
with the first; p-values are corrected for the number of comparisons (Holm), 95%
intervals are of each alone. A ~ marks a difference that may be noise. Results on other events or under another
measure do not compare: that is an error.

Such claims are for the weights at hand. Of runs that differ by seed alone (train
--seeds 3) it also compares the families: the interval then allows for other seeds
and other events, and both errors are shown.

On the test events of a set of known entropy it also shows how far each is above
the truth, event by event.

A FILE.npy holds the nats (−log p, natural logarithm, in raw data units) of the same
events in the same order, from another tool; that they are is not verified.`,
		Example: `  surprisal compare runs/gaussian runs/realnvp
  surprisal compare runs/made runs/flow --delta 0.1
  surprisal compare runs/made* runs/flow*
  surprisal compare runs/made theirs.npy --json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usagef("%d runs: want two or more to compare", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("delta") && !(delta > 0 && delta <= math.MaxFloat64) {
				return usagef("--delta %g: want a difference in nats above 0", delta)
			}
			c, err := a.compareAll(cmd.Context(), args, part)
			if err != nil {
				return err
			}
			c.delta = delta
			if a.json {
				return a.printJSON(c.json())
			}
			a.printContrast(c)
			return nil
		},
	}
	cmd.Flags().StringVar(&part, "split", "test", "which `RESULTS`: train, valid, test, or what 'eval --data' has kept")
	cmd.Flags().Float64Var(&delta, "delta", 0, "also say how many events, and of families how many seeds, would settle a difference of `NATS` an event")
	return cmd
}

// contrast is what a comparison finds.
type contrast struct {
	all      []compared
	pairs    []eval.Comparison // of every other with the first
	families *familyClaims     // or nil
	entropy  *data.KnownEntropy
	delta    float64 // 0 if not asked for
}

// compareAll compares every other result with the first.
func (a *app) compareAll(ctx context.Context, args []string, part string) (c contrast, err error) {
	if c.all, err = openAll(args, part); err != nil {
		return c, err
	}
	entries := make([]eval.Entry, len(args))
	for i, one := range c.all {
		entries[i] = one.Entry
	}
	c.pairs = make([]eval.Comparison, 0, len(args))
	for i, e := range entries[1:] {
		pair, err := eval.Compare(entries[0], e, a.key())
		if err != nil {
			return c, fmt.Errorf("%w%s", err, seedHint(c.all[0], c.all[i+1]))
		}
		c.pairs = append(c.pairs, pair)
	}
	eval.Holm(c.pairs)
	if c.families, err = a.claims(args, entries); err != nil {
		return c, err
	}
	c.entropy, err = addExcess(ctx, c.all)
	return c, err
}

// seedHint says where two runs do not compare because other seeds split the same
// data.
func seedHint(a, b compared) string {
	if a.folder == nil || b.folder == nil || a.Likelihood.Data.Checksum == b.Likelihood.Data.Checksum {
		return ""
	}
	m, n := a.folder.Manifest, b.folder.Manifest
	one, err := readOptions(m)
	other, err2 := readOptions(n)
	if err != nil || err2 != nil || one.Seed == other.Seed || a.result.Source != "" || b.result.Source != "" {
		return ""
	}
	same := func(a, b run.Source) bool { return a.Checksum == b.Checksum } // by whatever path
	if len(m.Data.Sources) == 0 && m.Data.Ref != n.Data.Ref || !slices.EqualFunc(m.Data.Sources, n.Data.Sources, same) {
		return ""
	}
	return fmt.Sprintf(". The seed makes the split: it was --seed %d and --seed %d; "+
		"train both by one --seed, and for several trainings on one split use --seeds", one.Seed, other.Seed)
}
