package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/digits"
	"github.com/surprisal-go/surprisal/run"
)

func (a *app) scoreVerb() *cobra.Command {
	var how bounds
	cmd := &cobra.Command{
		Use:   "score RUN FILE",
		Short: "surprisal of every row of a file, in nats",
		Long: `Print −log p of every row in nats, one a line, in the order of the file. Higher is
more surprising; a row of probability zero prints inf. FILE may be - for stdin.`,
		Example: `  surprisal score runs/made new.csv > nats.txt
  surprisal score runs/vae new.csv --samples 1000 --json`,
		Args: want("RUN", "FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := how.check(); err != nil {
				return err
			}
			l, t, err := a.openRun(args[0])
			if err != nil {
				return err
			}
			b, err := l.rows(t, args[1])
			if err != nil {
				return err
			}
			s, err := l.score(cmd.Context(), t, scoring{events: b, how: how, key: a.drawKey(cmd, t.folder.Manifest)})
			if err != nil {
				return err
			}
			return a.printScores(s, filepath.Base(args[1]))
		},
	}
	how.add(cmd)
	return cmd
}

// rows reads the events of a file, or of stdin, as the run's model wants them.
func (l *lab) rows(t *trained, path string) (*surprisal.Batch, error) {
	read, err := readOptions(t.folder.Manifest)
	if err != nil {
		return nil, err
	}
	if path == "-" {
		file, err := spool(l.stdin, extension(t.folder.Manifest))
		if err != nil {
			return nil, fmt.Errorf("reading stdin: %w", err)
		}
		defer os.Remove(file)
		b, err := data.Read(file, t.folder.Manifest.Space, read)
		if err != nil {
			return nil, errors.New(strings.ReplaceAll(err.Error(), file, "stdin"))
		}
		return b, nil
	}
	return data.Read(path, t.folder.Manifest.Space, read)
}

// extension is that of the files which the run was trained on: formats that
// their bytes do not tell are told by it.
func extension(man run.Manifest) string {
	for _, s := range man.Data.Sources {
		return filepath.Ext(strings.TrimSuffix(s.Path, ".gz"))
	}
	return ".csv"
}

// spool copies a stream into a temporary file, whose name it returns.
func spool(r io.Reader, ext string) (name string, err error) {
	f, err := os.CreateTemp("", "surprisal-stdin-*"+ext)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, r)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(f.Name())
	}
	return f.Name(), err
}

func (a *app) printScores(s eval.Scores, name string) error {
	if a.json {
		nats := make([]*float64, len(s.Nats)) // null where infinite
		for i, v := range s.Nats {
			if !math.IsInf(v, 0) {
				nats[i] = &v
			}
		}
		return a.printJSON(map[string]any{"nats": nats, "likelihood": s.Likelihood(name, allEvents)})
	}
	if sign := s.Kind.Sign(); sign != "" {
		a.say("the true nats are %s those printed (%s of log p by %s an event)", sign, strings.ReplaceAll(s.Kind.String(), "_", " "), digits.Counted(s.Samples, "draw"))
	}
	if s.Given != "" {
		a.say("they are of events given %s", s.Given)
	}
	for _, w := range s.Warnings {
		a.say("warning: %s", w)
	}
	w := bufio.NewWriter(a.stdout)
	for _, v := range s.Nats {
		if math.IsInf(v, 1) {
			fmt.Fprintln(w, "inf")
			continue
		}
		fmt.Fprintf(w, "%.6f\n", v)
	}
	return w.Flush()
}
