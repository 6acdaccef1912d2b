package main

import (
	"cmp"
	"context"

	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/eval"
)

// addExcess measures all results against the truth, event by event, where the
// events are the test events of a set that the program makes and whose entropy
// is known; it returns that entropy, or nil.
func addExcess(ctx context.Context, all []compared) (*data.KnownEntropy, error) {
	for _, c := range all {
		if c.folder == nil {
			continue
		}
		set, err := c.knownTruth()
		if set == nil || err != nil {
			return nil, err
		}
		for i := range all {
			e := all[i].Entry
			s := eval.Scores{Nats: e.Nats, Weight: e.Weight, Group: e.Group, Ordered: e.Ordered, Kind: e.Likelihood.Kind, Checksum: e.Likelihood.Data.Checksum}
			g, err := eval.Excess(ctx, s, set.Entropy.Truth, set.Test)
			if err != nil {
				return nil, err
			}
			all[i].excess = &g
		}
		return set.Entropy, nil
	}
	return nil, nil
}

// knownTruth makes the set of a result again, if it is one of known entropy and
// the result about its test events; else it is nil.
func (c compared) knownTruth() (*data.Set, error) {
	man, l := c.folder.Manifest, c.result.Likelihood
	ref := cmp.Or(c.result.Source, man.Data.Ref)
	if l.Split != "test" || partOf(ref) != "test" {
		return nil, nil
	}
	read, err := readOptions(man)
	if err != nil {
		return nil, err
	}
	read.Space = man.Space
	set, err := data.Open(ref, read)
	if err != nil || set.Entropy == nil || set.Test.Checksum() != l.Data.Checksum {
		return nil, err
	}
	return set, nil
}
