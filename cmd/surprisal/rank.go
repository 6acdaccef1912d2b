package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal/data"
)

func (a *app) rankVerb() *cobra.Command {
	var families []string
	c := contest{}
	var read dataFlags
	cmd := &cobra.Command{
		Use:   "rank DATA",
		Short: "train every family that fits your data and print the board",
		Long: `Infer the schema, split the data, train every family that fits, and print the
board: test nats with error, bits/dim, what kind of number it is, test − train.
Runs, samples, the board, a page of them all, report.html, and its pictures as SVG
and PNG are kept in a folder.

The best is chosen by the test events, and the board says so. With --seeds 3 every
family is trained three times within the time, on the same split: the board has the
mean over seeds and how far seeds lie from each other, and ~ allows for both.`,
		Example: `  surprisal rank table.csv
  surprisal rank table.csv --time 10m --label class --categorical city,job
  surprisal rank 'nltcs.{split}.csv.gz' --families marginals,made --seeds 3`,
		Args: want("DATA"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			l, err := a.lab()
			if err != nil {
				return err
			}
			c.ref = args[0]
			if c.families, err = pickFamilies(families); err != nil {
				return err
			}
			if c.read, err = read.options(a.key()); err != nil {
				return err
			}
			if err := c.check(); err != nil {
				return err
			}
			if c.set, err = data.Open(c.ref, c.read); err != nil {
				return err
			}
			if c.dir == "" {
				c.dir = freeFolder("rank-" + plainName(c.set.Name))
			}
			board, err := l.hold(cmd.Context(), c)
			if err != nil {
				return err
			}
			l.say("runs, samples, pictures and a page of them all, report.html: %s", c.dir)
			if l.json {
				return l.printJSON(board)
			}
			return nil
		},
	}
	cmd.Flags().DurationVar(&c.budget, "time", 5*time.Minute, "`TIME` for all families together, as in 90s or 10m")
	cmd.Flags().IntVar(&c.seeds, "seeds", 0, "train every family `N` times, by seeds that follow each other (0: once)")
	cmd.Flags().StringSliceVar(&families, "families", nil, "`FAMILIES` to train, by commas (default: all that fit)")
	cmd.Flags().StringVarP(&c.dir, "output", "o", "", "new `DIR` for runs, samples, pictures and the board (default: rank-NAME)")
	c.how.add(cmd)
	read.add(cmd)
	return cmd
}

// check reports what can be known to be wrong before any work.
func (c contest) check() error {
	if c.budget <= 0 {
		return usagef("--time %s: want more than nothing", c.budget)
	}
	if c.seeds < 0 {
		return usagef("--seeds %d: want the number of trainings of each family, 1 or more", c.seeds)
	}
	if err := c.how.check(); err != nil {
		return err
	}
	if c.dir == "" {
		return nil
	}
	entries, err := os.ReadDir(c.dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("output folder: %w", err)
	case len(entries) > 0:
		return fmt.Errorf("output folder %s holds other files (%s): name a new or empty one", c.dir, entries[0].Name())
	}
	return nil
}

// freeFolder returns name, or name-2, name-3, … if that is taken.
func freeFolder(name string) string {
	free := name
	for i := 2; ; i++ {
		if _, err := os.Stat(free); errors.Is(err, os.ErrNotExist) {
			return free
		}
		free = fmt.Sprintf("%s-%d", name, i)
	}
}
