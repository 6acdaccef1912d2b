package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/model"
	"github.com/surprisal-go/surprisal/run"
	"github.com/surprisal-go/surprisal/train"
)

// trainFlags are the flags of train.
type trainFlags struct {
	ref, dir string
	sets     []string
	resume   bool
	opts     train.Options
	bounds   bounds
	read     dataFlags
	profile  string
	seeds    int
}

func (a *app) trainVerb() *cobra.Command {
	var f trainFlags
	cmd := &cobra.Command{
		Use:   "train FAMILY --data NAME|PATH --run DIR",
		Short: "train one model into a run folder and evaluate it",
		Long: `Train one model and evaluate it. The run folder keeps settings, learning curve,
best weights, results and a checkpoint: Ctrl-C saves, and --resume goes on and
ends in the same weights as a training that nothing has stopped.

Standard errors are over test events, for the weights at hand. With --seeds 3 the
model is trained three times, by --seed N, N+1 and N+2 on the same split, each for
--time, in DIR, DIR-seed2 and DIR-seed3, and the spread over seeds is shown too.
With --resume they go on, and a run that stood alone gets its siblings.

Of more than 10,000 training events 10,000 are scored, from all over the set.`,
		Example: `  surprisal train made --data tree64 --run runs/made
  surprisal train made --data table.csv --run wide --set hidden=2000 --time 10m
  surprisal train made --run wide --resume
  surprisal train made --data table.csv --run runs/made --seeds 3`,
		Args: want("FAMILY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.runTrain(cmd, args[0], f)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.ref, "data", "", "the `SET`: a name from 'surprisal data list', a file, a folder, or a pattern with {split}")
	fl.StringVar(&f.dir, "run", "", "`DIR` of the run: new, unless --resume")
	fl.StringArrayVar(&f.sets, "set", nil, "a setting of the family, `KEY=VALUE` (repeatable): 'surprisal models FAMILY' lists them")
	fl.BoolVar(&f.resume, "resume", false, "go on with the run in DIR")
	fl.IntVar(&f.opts.Epochs, "epochs", 0, "stop after `N` passes over the training events (0: no limit)")
	fl.IntVar(&f.opts.Steps, "steps", 0, "stop after `N` steps (0: no limit)")
	fl.DurationVar(&f.opts.TimeLimit, "time", 0, "stop training after `TIME`, as in 10m (0: no limit)")
	fl.IntVar(&f.opts.Patience, "patience", 0, "stop after `N` validations without a gain (0: as the family asks, -1: never)")
	fl.IntVar(&f.opts.Batch, "batch", 0, "`N` events in a step (0: as the family asks)")
	fl.DurationVar(&f.opts.SaveEvery, "save-every", 0, "longest `TIME` between checkpoints (0: 30s)")
	fl.IntVar(&f.seeds, "seeds", 0, seedsHelp)
	fl.StringVar(&f.profile, "profile", "", "print where the time went, and write it to `FILE` for go tool pprof")
	fl.Lookup("profile").NoOptDefVal = inRun
	f.bounds.add(cmd)
	f.read.add(cmd)
	return cmd
}

func (a *app) runTrain(cmd *cobra.Command, family string, f trainFlags) error {
	p := newProfiler(f)
	l, err := a.watchedLab(p.watch)
	if err != nil {
		return err
	}
	j, err := l.job(cmd, family, f)
	if err != nil {
		return err
	}
	jobs, err := bySeeds(cmd, j, f.seeds, f)
	if err != nil {
		return err
	}
	l.tellSet(j.set)
	p.begin = time.Now()
	var runs []seedRun
	var params int
	for _, j := range jobs {
		j.opts.Times = &p.times
		t, err := l.train(cmd.Context(), j)
		err = errors.Join(err, p.write(l))
		if err != nil {
			return err
		}
		how := wholeEffort(f.bounds)
		var all map[string]measured
		if j.resume && len(jobs) > 1 {
			all = t.kept(j.set, how)
		}
		if all == nil {
			if all, err = l.measureAll(cmd.Context(), t, j.set, how); err != nil {
				return err
			}
		}
		runs, params = append(runs, newSeedRun(j, t, all)), t.model.NumParams()
	}
	return l.tellTrained(j, params, runs)
}

// tellTrained prints the results of a training, or of those by several seeds.
func (l *lab) tellTrained(j job, params int, runs []seedRun) error {
	if len(runs) == 1 {
		r := runs[0]
		if l.json {
			return l.printJSON(map[string]any{
				"run": r.Run, "family": j.family.Name, "params": params, "seconds": r.Seconds, "results": r.Likelihoods,
			})
		}
		l.printResults(r.Likelihoods, j.set.Train.Len())
		l.printTails("test", r.Results["test"].scores)
		return nil
	}
	all, err := spreads(j.family.Name, runs)
	if err != nil {
		return err
	}
	if l.json {
		return l.printJSON(map[string]any{"family": j.family.Name, "params": params, "runs": runs, "over_seeds": all})
	}
	l.printSeeds(j.set, runs, all)
	return nil
}

// job is what the command line asks for.
func (l *lab) job(cmd *cobra.Command, family string, f trainFlags) (job, error) {
	fam, err := model.Lookup(family)
	if err != nil {
		return job{}, usageError{err}
	}
	if f.dir == "" {
		return job{}, usagef("--run is missing: name a folder for the run, as in --run runs/%s", family)
	}
	if err := errors.Join(f.opts.Validate(), f.bounds.check(), checkSeeds(f)); err != nil {
		return job{}, usageError{err}
	}
	j := job{family: fam, dir: f.dir, opts: f.opts, resume: f.resume}
	if f.resume {
		err = j.fromManifest(cmd, f)
	} else {
		err = l.prepare(&j, f)
	}
	return j, err
}

// prepare reads the data and the settings of a new run.
func (l *lab) prepare(j *job, f trainFlags) (err error) {
	if f.ref == "" {
		return usagef("--data is missing: a name from 'surprisal data list', a file, a folder or a pattern")
	}
	if j.read, err = f.read.options(l.key()); err != nil {
		return err
	}
	if j.set, err = data.Open(f.ref, j.read); err != nil {
		return err
	}
	j.ref, j.opts.Seed = f.ref, l.key()
	j.config = j.family.Defaults(j.set.Space, j.set.Train.Len())
	for _, s := range f.sets {
		k, v, ok := strings.Cut(s, "=")
		if !ok {
			return usagef("--set %s: want KEY=VALUE", s)
		}
		if err := model.Set(j.config, k, v); err != nil {
			return usageError{err}
		}
	}
	if v, ok := j.config.(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			return usageError{fmt.Errorf("settings of %s: %w", j.family.Name, err)}
		}
	}
	return j.family.Fits(j.set.Space)
}

// fromManifest takes a resumed run's settings from its folder. Limits may be
// given anew; what decides the weights may not.
func (j *job) fromManifest(cmd *cobra.Command, f trainFlags) error {
	folder, err := run.Open(f.dir)
	if err != nil {
		return err
	}
	man := folder.Manifest
	if man.Family != j.family.Name {
		return usagef("the run in %s is of family %s, not %s", f.dir, man.Family, j.family.Name)
	}
	for _, flag := range []string{"data", "set", "batch", "seed"} {
		if cmd.Flags().Changed(flag) {
			return usagef("--%s cannot change on --resume: the run keeps what it began with", flag)
		}
	}
	if f.read.given(cmd) {
		return usagef("how the data is read cannot change on --resume: the run keeps what it began with")
	}
	var began train.Options
	if err := json.Unmarshal(man.Training, &began); err != nil {
		return fmt.Errorf("run %s: reading its training options: %w", f.dir, err)
	}
	j.anew = false
	for flag, set := range map[string]func(){
		"epochs":   func() { began.Epochs = f.opts.Epochs },
		"steps":    func() { began.Steps = f.opts.Steps },
		"patience": func() { began.Patience = f.opts.Patience },
		"time":     func() { began.TimeLimit = f.opts.TimeLimit },
	} {
		if cmd.Flags().Changed(flag) {
			set()
			j.anew = true
		}
	}
	began.Seed, began.SaveEvery = surprisal.Key(man.Seed), f.opts.SaveEvery
	j.opts = began
	if j.config, err = configOf(j.family, man); err != nil {
		return fmt.Errorf("run %s: %w", f.dir, err)
	}
	if j.set != nil { // that of the first seed
		return nil
	}
	j.ref = man.Data.Ref
	if j.read, err = readOptions(man); err != nil {
		return err
	}
	j.set, err = openSet(man, "")
	return err
}
