package run

import (
	"errors"
	"fmt"
	"slices"

	"github.com/surprisal-go/surprisal"
)

// Chosen says that a run was the best of several by its nats on some events.
type Chosen struct {
	// Of is the number of runs, By the verb that chose.
	Of int    `json:"of"`
	By string `json:"by"`
	// Split and Checksum of the events that it was chosen by.
	Split    string `json:"split"`
	Checksum string `json:"checksum"`
}

// SetChosen writes into the manifest that the run was chosen, and into its
// results on those events the doubt that follows.
func (f *Folder) SetChosen(c Chosen) error {
	if err := f.Lock(); err != nil {
		return err
	}
	before := f.Manifest
	f.Manifest.Chosen = &c
	err := f.writeJSON(manifestName, f.Manifest)
	if err == nil {
		err = f.doubtAgain(before)
	}
	return errors.Join(err, f.Close())
}

// doubtAgain replaces in all results the doubts of an earlier manifest.
func (f *Folder) doubtAgain(before Manifest) error {
	all, err := f.Results()
	if err != nil {
		return err
	}
	for name, r := range all {
		old, now := before.Doubts(r.Likelihood), f.Manifest.Doubts(r.Likelihood)
		if slices.Equal(old, now) {
			continue
		}
		w := slices.DeleteFunc(r.Likelihood.Warnings, func(w string) bool { return slices.Contains(old, w) })
		r.Likelihood.Warnings = append(w, now...)
		if err := f.writeJSON(resultPath(name), r); err != nil {
			return err
		}
	}
	return nil
}

// Doubts says what part the events of a likelihood have had in making the model
// or in choosing it: on such events nats are fewer than on fresh ones.
func (m Manifest) Doubts(l surprisal.Likelihood) []string {
	same := func(part string) bool {
		return l.Split != part && l.Data.Checksum != "" && l.Data.Checksum == m.Data.Splits[part].Checksum
	}
	var all []string
	switch {
	case same("train"):
		all = append(all, "these are the run's training events under another name: what was memorised counts here")
	case same("valid"):
		all = append(all, "these are also the run's validation events, which are there to choose what a training keeps: fresh ones may take more nats")
	}
	if c := m.Chosen; c != nil && c.Checksum == l.Data.Checksum {
		all = append(all, fmt.Sprintf("chosen by %s as the best of %d on these very events: fresh ones will take more nats, and the standard error does not say how many", c.By, c.Of))
	}
	return all
}
