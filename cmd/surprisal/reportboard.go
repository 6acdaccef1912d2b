package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/surprisal-go/surprisal/report"
)

// boardOf is the board of the runs, or the one that was told.
func (r *reporting) boardOf() (*report.Board, error) {
	if r.board != nil {
		return r.board, nil
	}
	rows := make([]report.Row, len(r.runs))
	for i, one := range r.runs {
		rows[i] = one.row
	}
	board, err := report.New(rows, r.key())
	if err != nil {
		return nil, err
	}
	r.tellOnce(board)
	if r.set != nil && r.set.Entropy != nil && r.part == "test" {
		board.Entropy = &r.set.Entropy.Nats
	}
	return board, nil
}

// tellOnce takes from the best the warning that these events have chosen it from
// no more runs than the board has, because the board says so.
func (r *reporting) tellOnce(b *report.Board) {
	best, ok := b.Best()
	if !ok {
		return
	}
	row := &b.Rows[best]
	for _, one := range r.runs {
		c := one.folder.Manifest.Chosen
		if one.name == row.Model && c != nil && c.Of <= len(b.Rows) {
			row.Test.Warnings = slices.DeleteFunc(slices.Clone(row.Test.Warnings), func(w string) bool { return strings.HasPrefix(w, "chosen by ") })
		}
	}
}

// lead is the finding in a sentence.
func lead(b *report.Board) string {
	best, ok := b.Best()
	if !ok {
		if slices.ContainsFunc(b.Rows, func(r report.Row) bool { return r.Test.Infinite > 0 }) {
			return "No model here has finite nats that are known to be reached on all of these events."
		}
		return "No model here has nats that are known to be reached."
	}
	row := b.Rows[best]
	s := fmt.Sprintf("%s nats an event, %s bits/dim.", b.NatsOf(best), b.BitsOf(best))
	if len(b.Rows) == 1 {
		return row.Model + " needs " + s
	}
	s = row.Model + " needs the fewest nats: " + s
	ties := 0
	for _, r := range b.Rows {
		if r.Tie {
			ties++
		}
	}
	switch {
	case ties == 1:
		s += " The difference to one other model may be noise."
	case ties > 1:
		s += fmt.Sprintf(" The difference to %d other models may be noise.", ties)
	}
	return s
}
