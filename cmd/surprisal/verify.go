package main

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/run"
)

func (a *app) verifyVerb() *cobra.Command {
	var part string
	cmd := &cobra.Command{
		Use:   "verify RUN|RESULT",
		Short: "compute a result again and confirm every bit of it",
		Long: `Compute a run's result again, from its weights, its settings and its events, and
confirm that the nats of every event have the same bits: on this machine or any
other, with any number of threads. RESULT is a file such as
runs/made/results/test.json; of a RUN it is the result that --split names.`,
		Example: `  surprisal verify runs/made
  surprisal verify runs/vae/results/valid.json --json`,
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
			v, err := l.verify(cmd.Context(), t, part)
			if err != nil {
				return err
			}
			if l.json {
				return l.printJSON(v)
			}
			fmt.Fprintf(l.stdout, "%s: the same bits: %s\n%s events %s, weights %s, numerics %s\n",
				part, v.Likelihood, fmt.Sprint(v.Likelihood.N), v.Likelihood.Data.Checksum, v.Weights, v.Numerics)
			return nil
		},
	}
	cmd.Flags().StringVar(&part, "split", "test", "which `RESULT` of a run")
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
// it says.
func (l *lab) verify(ctx context.Context, t *trained, name string) (verified, error) {
	want, err := t.folder.Result(name)
	if err != nil {
		return verified{}, err
	}
	fail := func(format string, args ...any) (verified, error) {
		return verified{}, fmt.Errorf("result %s of %s does not verify: %w", name, t.folder.Dir, fmt.Errorf(format, args...))
	}
	config, err := t.folder.Manifest.ConfigChecksum()
	switch {
	case err != nil:
		return verified{}, err
	case want.Numerics != kern.Version:
		return fail("it has numerics %q and this program %q: verify it with the program that wrote it", want.Numerics, kern.Version)
	case want.Weights != t.weights:
		return fail("the weights have changed since: evaluate the run again")
	case want.Config != config:
		return fail("the settings have changed since: evaluate the run again")
	}
	kept, err := t.folder.Events(name)
	if err != nil {
		return verified{}, err
	}
	s := scoring{
		set: want.Likelihood.Data.Name, part: want.Likelihood.Split, key: surprisal.Key(want.Seed),
		how: bounds{samples: max(1, want.Likelihood.Samples), bound: eval.Bound(want.Bound)},
	}
	if _, s.events, err = resultEvents(t.folder.Manifest, want); err != nil {
		return fail("%w", err)
	}
	scores, err := l.score(ctx, t, s)
	if err != nil {
		return verified{}, err
	}
	for i, v := range scores.Nats {
		if math.Float64bits(v) != math.Float64bits(kept.Nats[i]) {
			return fail("event %d has %v nats, kept are %v", i, v, kept.Nats[i])
		}
	}
	if got := scores.Likelihood(s.set, s.part); got.Nats != want.Likelihood.Nats || got.StdErr != want.Likelihood.StdErr {
		return fail("the nats are %v ± %v, kept are %v ± %v", got.Nats, got.StdErr, want.Likelihood.Nats, want.Likelihood.StdErr)
	}
	return verified{want, true}, nil
}
