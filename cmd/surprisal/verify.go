package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/digits"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/run"
)

func (a *app) verifyVerb() *cobra.Command {
	var part, at string
	cmd := &cobra.Command{
		Use:   "verify RUN|RESULT [--data PATH]",
		Short: "compute a result again and confirm every bit of it",
		Long: `Compute a run's result again, from its weights, its settings and its events, and
confirm that the nats of every event have the same bits and that every field of the
result is what follows from them, but for the seconds that it took: on this machine
or any other, with any number of threads. RESULT is a file such as
runs/made/results/test.json; of a RUN it is the result that --split names.

The events are known by their checksum: where they do not lie at the path by which
they were evaluated, --data says where they lie now.`,
		Example: `  surprisal verify runs/made
  surprisal verify runs/vae/results/valid.json --json
  surprisal verify runs/made --data /mnt/data/table.csv`,
		Args: want("RUN|RESULT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := args[0]
			if rest, name, ok := resultFile(dir); ok {
				dir, part = rest, name
			}
			l, t, err := a.openRun(dir)
			if err != nil {
				return err
			}
			v, err := l.verify(cmd.Context(), t, part, at)
			if err != nil {
				return err
			}
			if l.json {
				return l.printJSON(v)
			}
			fmt.Fprintf(l.stdout, "%s: the same bits in every field: %s\n", part, v.Likelihood)
			l.printWarnings("  ", v.Likelihood.Warnings)
			fmt.Fprintf(l.stdout, "%s\n%s, numerics %s\nevents  %s\nweights %s\n", nature(v.Likelihood),
				digits.Counted(v.Likelihood.N, "event"), v.Numerics, v.Likelihood.Data.Checksum, v.Weights)
			return nil
		},
	}
	cmd.Flags().StringVar(&part, "split", "test", "which `RESULT` of a run")
	cmd.Flags().StringVar(&at, "data", "", "`PATH` where the result's events lie now (default: where they lay)")
	return cmd
}

// resultFile splits runs/made/results/test.json into the run and the name.
func resultFile(path string) (dir, name string, ok bool) {
	name, ok = strings.CutSuffix(filepath.Base(path), ".json")
	folder := filepath.Dir(path)
	if !ok || filepath.Base(folder) != "results" {
		return "", "", false
	}
	return filepath.Dir(folder), name, true
}

// verified is a result that was computed again.
type verified struct {
	run.Result
	Verified bool `json:"verified"`
}

// verify computes a result again and fails at the first thing that is not as
// it says. The result it returns is the one computed again. at is where the
// events lie, if not where they lay.
func (l *lab) verify(ctx context.Context, t *trained, name, at string) (verified, error) {
	want, err := t.folder.Result(name)
	if errors.Is(err, fs.ErrNotExist) {
		return verified{}, fmt.Errorf("%w; there is one after: %s", err, evaluates(t.folder.Dir, name))
	}
	if err != nil {
		return verified{}, err
	}
	fail := func(format string, args ...any) (verified, error) {
		return verified{}, fmt.Errorf("result %s of %s does not verify: %w", name, t.folder.Dir, fmt.Errorf(format, args...))
	}
	if err := current(t, name, want); err != nil {
		return fail("%w", err)
	}
	kept, err := t.folder.Events(name)
	if err != nil && want.EventsNote == "" {
		return verified{}, err
	}
	s := scoring{
		source: want.Source, part: want.Likelihood.Split, key: surprisal.Key(want.Seed),
		how: bounds{samples: max(1, want.Likelihood.Samples), bound: eval.Bound(want.Bound)},
	}
	begin := time.Now()
	if err := l.pick(t.folder.Manifest, at, &s); err != nil && !thoseAt(t.folder.Manifest, at, want, &s) {
		return fail("%v%s", err, elsewhere(t.folder.Manifest, at)) // %v: it is no error of the command line
	}
	if s.events != nil {
		s.events = scoredOf(s.events, want)
	}
	scores, err := l.score(ctx, t, s)
	if ctx.Err() != nil {
		return verified{}, err
	}
	if err != nil && s.batches != nil { // they were read as they were scored
		return fail("%w%s", err, elsewhere(t.folder.Manifest, at))
	}
	if err != nil {
		return fail("%w", err)
	}
	if scores.Checksum != want.Likelihood.Data.Checksum {
		return fail("%w", changed(scores.Checksum, want))
	}
	for i, v := range kept.Nats { // none where they are too many to keep
		if i >= len(scores.Nats) || math.Float64bits(v) != math.Float64bits(scores.Nats[i]) {
			return fail("event %d has other nats than the %v that are kept", i, v)
		}
	}
	again, _, err := t.result(s, scores, time.Since(begin))
	if err != nil {
		return verified{}, err
	}
	if err := t.folder.CheckResult(name, again); err != nil {
		return fail("%w", err)
	}
	return verified{again, true}, nil
}

// current reports why a result is not one that this run and this program would
// compute.
func current(t *trained, name string, r run.Result) error {
	config, err := t.folder.Manifest.ConfigChecksum()
	switch {
	case err != nil:
		return err
	case r.Format < run.ResultFormat:
		return fmt.Errorf("an older version of surprisal wrote it, which kept less (format %d, want %d): evaluate the run again", max(1, r.Format), run.ResultFormat)
	case r.Format > run.ResultFormat:
		return fmt.Errorf("a newer version of surprisal wrote it (format %d, want %d): verify it with that", r.Format, run.ResultFormat)
	case r.Numerics != kern.Version:
		return fmt.Errorf("it has numerics %q and this program %q: verify it with the program that wrote it", r.Numerics, kern.Version)
	case r.Weights != t.weights:
		return fmt.Errorf("the weights have changed since: evaluate the run again")
	case r.Config != config:
		return fmt.Errorf("the settings have changed since: evaluate the run again")
	case r.Source == "" && name != r.Likelihood.Split, r.Source != "" && !strings.HasPrefix(name, "on-"):
		return fmt.Errorf("it is called %s and is about the %s events of %s", name, r.Likelihood.Split, cmp.Or(r.Source, "the run's own set"))
	}
	return nil
}

// evaluates is the command that leaves a result of that name.
func evaluates(dir, name string) string {
	command := "surprisal eval " + shellWord(dir)
	switch {
	case strings.HasPrefix(name, "on-"):
		return command + " --data FILE"
	case name == "train" || name == "valid":
		return command + " --split " + name
	}
	return command
}

// thoseAt picks the events of a file, where they are all that a result of the
// run's own set is about, unsplit. Draws go by the place in the set, which such a
// file does not tell: of a bound the whole set is wanted.
func thoseAt(man run.Manifest, at string, want run.Result, s *scoring) bool {
	if at == "" || s.source != "" || want.Likelihood.Samples > 0 {
		return false
	}
	_, b, err := eventsOf(man, at, allEvents)
	if err != nil || scoredOf(b, want).Checksum() != want.Likelihood.Data.Checksum {
		return false
	}
	s.events = b
	return true
}

// elsewhere is the hint for data that has moved.
func elsewhere(man run.Manifest, at string) string {
	const pattern = "{split}"
	switch {
	case at == "":
		return "; if the data lies elsewhere now, say where by --data"
	case strings.Contains(man.Data.Ref, pattern) && !strings.Contains(at, pattern):
		return "; name its files by a pattern with " + pattern + " too"
	}
	return ""
}
