package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"strings"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/run"
)

// compared is one of the results of a comparison and where it comes from: a run,
// or a file of another tool, which has no folder and no result.
type compared struct {
	eval.Entry
	path   string
	folder *run.Folder
	result run.Result
	excess *eval.Gap // over the truth, where that is known
}

// openAll opens what a comparison names. The runs come first: they say what the
// events of the files are.
func openAll(args []string, part string) ([]compared, error) {
	names := shortNames(args)
	all := make([]compared, len(args))
	source := sourceOf(args, part)
	first := -1 // of the runs
	for i, arg := range args {
		if isNpy(arg) {
			continue
		}
		c, err := openResult(arg, part, source)
		if err != nil {
			return nil, err
		}
		if c.Name = names[i]; first < 0 {
			first = i
		}
		all[i] = c
	}
	if first < 0 {
		return nil, usagef("%d npy files and no run: want one run at least, which says what the events are", len(args))
	}
	for i, arg := range args {
		if !isNpy(arg) {
			continue
		}
		e, err := foreignEntry(arg, all[first].Entry)
		if err != nil {
			return nil, err
		}
		e.Name = names[i]
		all[i] = compared{Entry: e, path: arg}
	}
	return all, nil
}

func isNpy(path string) bool { return strings.EqualFold(filepath.Ext(path), ".npy") }

// sourceOf is the file that a result of that name is about, as one of the runs
// has it; empty where none does.
func sourceOf(args []string, part string) string {
	for _, arg := range args {
		if f, err := run.Open(arg); err == nil {
			if r, err := f.Result(part); err == nil {
				return r.Source
			}
		}
	}
	return ""
}

// evalCommand is the command that makes a result of that name.
func evalCommand(dir, part, source string) string {
	s := "surprisal eval " + shellWord(dir)
	switch part {
	case "test":
	case "train", "valid":
		s += " --split " + part
	default:
		s += " --data " + shellWord(cmp.Or(source, "FILE"))
	}
	return s
}

// runEntry is the result of a run on a part.
func runEntry(dir, part string) (eval.Entry, error) {
	c, err := openResult(dir, part, "")
	return c.Entry, err
}

// openResult is runEntry with the run; source is what a result that is missing
// would be about.
func openResult(dir, part, source string) (compared, error) {
	f, err := run.Open(dir)
	if err != nil {
		return compared{}, err
	}
	r, err := f.Result(part)
	if errors.Is(err, fs.ErrNotExist) {
		return compared{}, fmt.Errorf("run %s has not been evaluated on %q: do so with %s", dir, part, evalCommand(dir, part, source))
	}
	if err != nil {
		return compared{}, err
	}
	e, err := f.Events(part)
	if err != nil {
		return compared{}, err
	}
	if err := upToDate(f, part, r); err != nil {
		return compared{}, err
	}
	addDoubts(&r.Likelihood, f.Manifest)
	if r.Numerics != kern.Version {
		r.Likelihood.Warnings = append(r.Likelihood.Warnings, fmt.Sprintf("its nats were computed by numerics %q, this program has %q and may give other last digits: evaluate it again with %s",
			r.Numerics, kern.Version, evalCommand(dir, part, r.Source)))
	}
	return compared{
		Entry: eval.Entry{Likelihood: r.Likelihood, Nats: e.Nats, Weight: e.Weight, Group: e.Group, Ordered: e.Ordered, Seen: seenBy(f.Manifest, r)},
		path:  dir, folder: f, result: r,
	}, nil
}

// upToDate finds a result of weights or settings that the run no longer has.
func upToDate(f *run.Folder, part string, r run.Result) error {
	_, weights, err := f.LoadWeights()
	if err != nil {
		return err
	}
	config, err := f.Manifest.ConfigChecksum()
	if err != nil {
		return fmt.Errorf("run %s: %w", f.Dir, err)
	}
	earlier := ""
	switch {
	case weights != r.Weights:
		earlier = "weights"
	case config != r.Config:
		earlier = "settings"
	default:
		return nil
	}
	return fmt.Errorf("run %s: its %s result is of earlier %s: evaluate it again with %s", f.Dir, part, earlier, evalCommand(f.Dir, part, r.Source))
}

// training is how many training events the run has, where the result is of some
// of them; else 0.
func (c compared) training() int {
	if c.folder == nil || c.result.Source != "" || c.Likelihood.Split != "train" {
		return 0
	}
	return c.folder.Manifest.Data.Splits["train"].Events
}

// seenBy is the part that the events of a result had in making the run: as its
// own split, of a long one some events, or under another name.
func seenBy(m run.Manifest, r run.Result) eval.Seen {
	l := r.Likelihood
	is := func(part string) bool {
		return r.Source == "" && l.Split == part || l.Data.Checksum != "" && l.Data.Checksum == m.Data.Splits[part].Checksum
	}
	switch {
	case is("train"):
		return eval.Training
	case is("valid"):
		return eval.Validation
	}
	return ""
}

// foreignEntry is the nats of another tool, taken to be exact and about the
// events of a run.
func foreignEntry(path string, like eval.Entry) (eval.Entry, error) {
	nats, err := data.ReadVector(path)
	if err != nil {
		return eval.Entry{}, err
	}
	l := like.Likelihood
	if len(nats) != l.N {
		return eval.Entry{}, fmt.Errorf("%s holds %d numbers, want one for each of the %d events of %s", path, len(nats), l.N, l.Data.Name)
	}
	for i, v := range nats {
		switch {
		case math.IsNaN(v) || math.IsInf(v, -1):
			return eval.Entry{}, fmt.Errorf("%s: event %d has %g nats, want a number or +Inf for probability zero", path, i, v)
		case v < -mostRounding && l.Measure == surprisal.Mass:
			return eval.Entry{}, fmt.Errorf("%s: event %d has %g nats: of a mass they are 0 or more, as no probability is above 1; is this log p? then turn its sign", path, i, v)
		}
	}
	s := eval.Scores{Nats: nats, Weight: like.Weight, Group: like.Group, Ordered: like.Ordered, Dims: l.Dims, Scalar: l.Scalar, Measure: l.Measure, Given: l.Given, Checksum: l.Data.Checksum}
	e := eval.Entry{Likelihood: s.Likelihood(l.Data.Name, l.Split), Nats: nats, Weight: like.Weight, Group: like.Group, Ordered: like.Ordered, Unverified: true}
	e.Likelihood.Warnings = append([]string{"unverified: from " + path + ", taken to be exact nats of the same events in the same order"}, e.Likelihood.Warnings...)
	return e, nil
}

// mostRounding is by how much rounding may lift the log of a mass above 0.
const mostRounding = 1e-3

// shortNames are the last elements of the paths, or the paths where other ones
// end alike; a path that is named again is numbered.
func shortNames(dirs []string) []string {
	names, count, path := make([]string, len(dirs)), map[string]int{}, map[string]string{}
	short := filepath.Base
	for _, d := range dirs {
		d = filepath.Clean(d)
		if before, ok := path[filepath.Base(d)]; ok && before != d {
			short = filepath.Clean
		}
		path[filepath.Base(d)] = d
	}
	for i, d := range dirs {
		d = filepath.Clean(d)
		names[i] = short(d)
		if count[d]++; count[d] > 1 {
			names[i] = fmt.Sprintf("%s (%d)", names[i], count[d])
		}
	}
	return names
}
