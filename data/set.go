package data

import (
	"fmt"

	"github.com/surprisal-go/surprisal"
)

// Set is a data set: events of one space in three splits.
type Set struct {
	Name  string
	Space *surprisal.Space
	// Train, Valid and Test share no event; ids are unique over them.
	Train, Valid, Test *surprisal.Batch
	// Entropy is known of some sets that the project makes, else nil.
	Entropy *KnownEntropy
	// Sources are the files that were read, none for the project's own sets.
	Sources []Source
	// Notes say in words what was inferred or left out, a line each.
	Notes []string
}

// KnownEntropy is the truth about a set that was drawn from a known p.
type KnownEntropy struct {
	// Nats is the entropy H(p) of one event (differential for densities): no
	// model's expected surprisal is lower.
	Nats float64
	// Truth gives log p of events, so that the excess of a model over the
	// truth can be measured event by event.
	Truth surprisal.Density
}

// Source is a file that was read.
type Source struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"` // of the bytes on disk, in hexadecimal
}

// splitNames are the names of the splits, in the order of Set's fields.
var splitNames = [...]string{"train", "valid", "test"}

// Split returns the split of the given name: train, valid or test.
func (s *Set) Split(name string) (*surprisal.Batch, error) {
	switch name {
	case "train":
		return s.Train, nil
	case "valid":
		return s.Valid, nil
	case "test":
		return s.Test, nil
	}
	return nil, fmt.Errorf("set %s has no split %q: want train, valid or test", s.Name, name)
}
