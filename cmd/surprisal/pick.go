package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/diagnose"
	"github.com/surprisal-go/surprisal/run"
)

// pick settles which events are scored: s.part of s.source, or of the run's own
// set. They are read from at, if that is told, and keep the name that they had.
// Those of a file are read while they are scored, so that the file need not fit
// into memory; annealing takes some from all over it.
func (l *lab) pick(man run.Manifest, at string, s *scoring) (err error) {
	s.set = nameOfSet(man, s.source, s.part)
	if s.source == "" {
		_, s.events, err = ownEvents(man, at, s.part)
		return err
	}
	source := cmp.Or(at, s.source)
	if s.part != allEvents || s.ais.steps > 0 {
		_, s.events, err = eventsOf(man, source, s.part)
		return err
	}
	read, err := readOptions(man)
	s.batches = data.Batches(source, man.Space, read, batchRows)
	return err
}

// batchRows is how many rows of a file are in memory at a time.
const batchRows = 4096

// nameOfSet is the name of the set of a result.
func nameOfSet(man run.Manifest, source, part string) string {
	switch {
	case source == "":
		return data.NameOf(man.Data.Ref)
	case part == allEvents:
		return filepath.Base(source)
	}
	return data.NameOf(source)
}

// eventsOf reads events to evaluate, and the set that they are a part of. There
// is none where all events of a file are read.
func eventsOf(man run.Manifest, source, part string) (set *data.Set, b *surprisal.Batch, err error) {
	if source == "" {
		return ownEvents(man, "", part)
	}
	read, err := readOptions(man)
	if err != nil {
		return nil, nil, err
	}
	if part == allEvents {
		b, err = data.Read(source, man.Space, read)
		return nil, b, err
	}
	read.Space = man.Space
	if set, err = data.Open(source, read); err != nil {
		return nil, nil, err
	}
	b, err = split(set, part)
	return set, b, err
}

// ownEvents reads a part of the run's own set, which lies at that path if one is
// told.
func ownEvents(man run.Manifest, at, part string) (set *data.Set, b *surprisal.Batch, err error) {
	if set, err = openSet(man, at); err != nil {
		return nil, nil, err
	}
	b, err = split(set, part)
	return set, b, err
}

// resultEvents reads the events that a result is about, and the run's own set
// if they are of it. It fails where they are no longer the same.
func resultEvents(man run.Manifest, r run.Result) (set *data.Set, b *surprisal.Batch, err error) {
	set, b, err = eventsOf(man, r.Source, r.Likelihood.Split)
	if err != nil {
		return nil, nil, err
	}
	if r.Source != "" {
		set = nil
	}
	b = scoredOf(b, r)
	if got := b.Checksum(); got != r.Likelihood.Data.Checksum {
		return nil, nil, changed(got, r)
	}
	return set, b, nil
}

// someTraining are n training events from all over the set, which may be sorted,
// and the same ones for all runs: those by other seeds are compared on them.
func someTraining(b *surprisal.Batch, n int) *surprisal.Batch { return diagnose.Sample(b, n, 1) }

// scoredOf are the events that were scored of a split: of the run's own training
// set, which may be long, some.
func scoredOf(b *surprisal.Batch, r run.Result) *surprisal.Batch {
	if n := r.Likelihood.N; r.Source == "" && r.Likelihood.Split == "train" && 0 < n && n < b.Len() {
		return someTraining(b, n)
	}
	return b
}

// changed is the error where events are not those of a result any more.
func changed(checksum string, r run.Result) error {
	return fmt.Errorf("the events have changed: their checksum is %s, want %s", checksum, r.Likelihood.Data.Checksum)
}

// nameResult is the name under which a result is kept. Other events from another
// place, whose file has the name of one that was evaluated before, are kept
// beside that by a name with a part of their checksum.
func (l *lab) nameResult(t *trained, s scoring, checksum string) string {
	if s.source == "" {
		return s.part
	}
	name := "on-" + plainName(s.set) + "-" + s.part
	old, err := t.folder.Result(name)
	switch {
	case err != nil || old.Likelihood.Data.Checksum == checksum:
	case old.Source == s.source:
		l.say("%s has changed since it was evaluated: the earlier result is replaced", s.source)
	default:
		l.say("%s is the result on %s: this one has another name", name, old.Source)
		hex := strings.TrimPrefix(checksum, "sha256:")
		return name + "-" + hex[:min(8, len(hex))]
	}
	return name
}

var notPlain = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// plainName makes a set's name one that files and results can have.
func plainName(s string) string { return notPlain.ReplaceAllString(s, "_") }
