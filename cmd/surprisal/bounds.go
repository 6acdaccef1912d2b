package main

import (
	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/digits"
)

// bounds are how a model that has only a bound of its likelihood is evaluated.
type bounds struct {
	samples int // the most of all
	all     []int
	bound   eval.Bound
}

// add declares the flags.
func (b *bounds) add(cmd *cobra.Command) {
	cmd.Flags().IntVar(&b.samples, "samples", 64, "`K` draws an event from models that have only a bound")
	b.addKind(cmd)
}

// addList declares the flags of a verb that shows how a bound moves with K.
func (b *bounds) addList(cmd *cobra.Command) {
	cmd.Flags().IntSliceVar(&b.all, "samples", []int{64}, "`K` draws an event from models that have only a bound, or several: 16,64,256")
	cmd.Flags().Lookup("samples").DefValue = "64" // not [64]
	b.addKind(cmd)
}

func (b *bounds) addKind(cmd *cobra.Command) {
	cmd.Flags().StringVar((*string)(&b.bound), "bound", string(eval.IW), "the `KIND` of bound: iw (importance-weighted) or elbo")
}

// check reports a flag that means nothing.
func (b *bounds) check() error {
	for _, k := range b.all {
		if b.samples = max(b.samples, k); k < 1 {
			return usagef("--samples %d: want at least 1", k)
		}
	}
	switch {
	case b.samples < 1:
		return usagef("--samples %d: want at least 1", b.samples)
	case b.samples > eval.MostSamples:
		return usagef("--samples %d: want at most %s, the draws of one event are held at once", b.samples, digits.Count(eval.MostSamples))
	case b.bound != eval.IW && b.bound != eval.ELBO:
		return usagef("--bound %s: want %s or %s", b.bound, eval.IW, eval.ELBO)
	}
	return nil
}
