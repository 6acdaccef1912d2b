package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/digits"
	"github.com/surprisal-go/surprisal/run"
)

// Trainings by several seeds are runs like others, each in its own folder: the
// first in DIR, those by seed 2, 3, … in DIR-seed2, DIR-seed3, … beside it. The
// set and its splits stay those of the first.

const seedsHelp = "train `N` times, by seeds that follow each other (0: once)"

// turn is where a training stands among those by other seeds; the zero value
// is one that stands alone.
type turn struct {
	first string // folder of the first training
	at    int    // before it
	of    int
}

// checkSeeds reports a number of seeds that means nothing.
func checkSeeds(f trainFlags) error {
	switch {
	case f.seeds < 0:
		return usagef("--seeds %d: want the number of trainings, 1 or more", f.seeds)
	case f.seeds > 1 && f.profile != "":
		return usagef("--profile is of one training: leave out --seeds")
	}
	return nil
}

// seedFolder is the folder of a training by another seed than the first.
func seedFolder(first string, seed surprisal.Key) string {
	return fmt.Sprintf("%s-seed%d", filepath.Clean(first), seed)
}

// bySeeds returns n jobs that differ from the first by seed alone. Where the
// first is resumed, those that have begun are too, and the others begin.
func bySeeds(cmd *cobra.Command, first job, n int, f trainFlags) ([]job, error) {
	all := []job{first}
	for at := 1; at < n; at++ {
		j := first
		j.opts.Seed += surprisal.Key(at)
		j.dir = seedFolder(first.dir, j.opts.Seed)
		if !isRun(j.dir) {
			if err := run.Vacant(j.dir); err != nil { // before the first is trained
				return nil, err
			}
			j.resume, j.anew = false, false
			all = append(all, j)
			continue
		}
		if !first.resume {
			return nil, fmt.Errorf("%s already holds a run: go on with all seeds by --resume, or choose another --run", j.dir)
		}
		seed := j.opts.Seed
		f.dir = j.dir
		if err := j.fromManifest(cmd, f); err != nil {
			return nil, err
		}
		if j.opts.Seed != seed {
			return nil, fmt.Errorf("the run in %s has seed %d, want %d: move it away, or choose another --run", j.dir, j.opts.Seed, seed)
		}
		if err := onlySeedDiffers(first, j); err != nil {
			return nil, err
		}
		all = append(all, j)
	}
	for at := range all {
		all[at].turn = turn{first.dir, at, n}
	}
	return all, nil
}

// onlySeedDiffers reports what else does between two runs that are resumed.
func onlySeedDiffers(a, b job) error {
	one, err := a.recipe()
	if err != nil {
		return err
	}
	other, err := b.recipe()
	if err != nil {
		return err
	}
	if one != other {
		return fmt.Errorf("%s was trained by other settings, to other limits or on other events than %s, want a run that differs by seed alone: give both the same limits, as in --steps 1000, move it away, or choose another --run", b.dir, a.dir)
	}
	return nil
}

// recipe of a resumed run, by the limits to which it goes on.
func (j job) recipe() (string, error) {
	f, err := run.Open(j.dir)
	if err != nil {
		return "", err
	}
	m := f.Manifest
	if m.Training, err = json.Marshal(j.opts); err != nil {
		return "", fmt.Errorf("run %s: %w", j.dir, err)
	}
	r, err := m.Recipe()
	if err != nil {
		return "", fmt.Errorf("run %s: %w", j.dir, err)
	}
	return r, nil
}

// name of the job for people.
func (j job) name() string {
	if j.turn.of < 2 {
		return j.family.Name
	}
	return fmt.Sprintf("%s seed %d (%d of %d)", j.family.Name, j.opts.Seed, j.turn.at+1, j.turn.of)
}

// again is the command that goes on with the job, and with its other seeds.
func (j job) again() string {
	if j.turn.of < 2 {
		return fmt.Sprintf("surprisal train %s --run %s --resume", j.family.Name, shellWord(j.dir))
	}
	return fmt.Sprintf("surprisal train %s --run %s --seeds %d --resume", j.family.Name, shellWord(j.turn.first), j.turn.of)
}

// seedRun is one training of several, and what was measured of it.
type seedRun struct {
	Run     string              `json:"run"`
	Seed    surprisal.Key       `json:"seed"`
	Seconds float64             `json:"seconds"`
	Results map[string]measured `json:"-"`
	// Likelihoods are the results by part, for JSON.
	Likelihoods map[string]surprisal.Likelihood `json:"results"`
}

func newSeedRun(j job, t *trained, all map[string]measured) seedRun {
	s := seedRun{Run: j.dir, Seed: j.opts.Seed, Seconds: t.seconds, Results: all, Likelihoods: map[string]surprisal.Likelihood{}}
	for part, m := range all {
		s.Likelihoods[part] = m.Likelihood
	}
	return s
}

// familyOf are the results of a part by all seeds.
func familyOf(name, part string, runs []seedRun) eval.Family {
	f := eval.Family{Name: name}
	for _, r := range runs {
		f.Seeds = append(f.Seeds, r.Results[part].entry())
	}
	return f
}

// spreads of the parts that were scored.
func spreads(name string, runs []seedRun) (map[string]eval.Spread, error) {
	out := map[string]eval.Spread{}
	for part := range runs[0].Results {
		s, err := familyOf(name, part, runs).Spread()
		if err != nil {
			return nil, err
		}
		out[part] = s
	}
	return out, nil
}

// printSeeds prints the results of a part run by run, and what they say of the
// family.
func (l *lab) printSeeds(set *data.Set, runs []seedRun, all map[string]eval.Spread) {
	for _, part := range []string{"test", "valid", "train"} {
		s, ok := all[part]
		if !ok {
			continue
		}
		first := runs[0].Likelihoods[part]
		l.printBeside(fmt.Sprintf("%-5s  ", part), s.String())
		if all := set.Train.Len(); part == "train" && first.N < all {
			l.printTold(under, countedOf(first.N, all)+" of "+set.Name)
		}
		if part != "test" { // of which each seed has its own
			if mean, err := familyOf("", part, runs).Mean(); err == nil {
				l.printWarnings(under, mean.Likelihood.Warnings)
			}
			continue
		}
		for _, r := range runs {
			v := r.Likelihoods[part]
			fmt.Fprintf(l.stdout, "       seed %d: %s  %s bits/dim  %s\n", r.Seed, v, bits(v.BitsPerDim()), r.Run)
			l.printWarnings(under+"  ", v.Warnings)
		}
		l.printTold(under, fmt.Sprintf("%s, %s of %s", nature(first), digits.Counted(first.N, "event"), set.Name))
	}
}
