package main

import (
	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal/eval"
)

// bounds are how a model that has only a bound of its likelihood is evaluated.
type bounds struct {
	samples int
	bound   eval.Bound
}

// add declares the flags.
func (b *bounds) add(cmd *cobra.Command) {
	cmd.Flags().IntVar(&b.samples, "samples", 64, "`K` draws an event from models that have only a bound")
	cmd.Flags().StringVar((*string)(&b.bound), "bound", string(eval.IW), "the `KIND` of bound: iw (importance-weighted) or elbo")
}

// check reports a flag that means nothing.
func (b bounds) check() error {
	switch {
	case b.samples < 1:
		return usagef("--samples %d: want at least 1", b.samples)
	case b.bound != eval.IW && b.bound != eval.ELBO:
		return usagef("--bound %s: want %s or %s", b.bound, eval.IW, eval.ELBO)
	}
	return nil
}
