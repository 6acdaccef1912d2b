package report

import (
	"fmt"
	"strings"

	"github.com/surprisal-go/surprisal/internal/digits"
)

// grid is the board as the page shows it: the columns of the text, and the
// difference to the best. A column without entries is left out.
type grid struct {
	Header []string
	Rows   [][]string
	Best   int // row, −1 if there is none
}

func (g *grid) add(head string, entries []string) {
	if strings.Join(entries, "") == "" {
		return
	}
	g.Header = append(g.Header, head)
	for i, e := range entries {
		g.Rows[i] = append(g.Rows[i], strings.TrimSpace(e))
	}
}

func (b *Board) grid() grid {
	g := grid{Rows: make([][]string, len(b.Rows)), Best: -1}
	if best, ok := b.Best(); ok && len(b.Rows) > 1 {
		g.Best = best
	}
	column := func(of func(i int, r Row) string) []string {
		out := make([]string, len(b.Rows))
		for i, r := range b.Rows {
			out[i] = of(i, r)
		}
		return out
	}
	cells := func(of func(r Row) cell) []string {
		out := make([]cell, len(b.Rows))
		for i, r := range b.Rows {
			out[i] = of(r)
		}
		return measured(out, " ± ")
	}
	g.add("model", column(func(i int, r Row) string {
		if len(b.Rows) == 1 {
			return r.Model
		}
		return strings.TrimSpace(b.mark(i) + " " + r.Model)
	}))
	g.add("nats an event", cells(func(r Row) cell { return natsCell(r.Test) }))
	g.add("bits/dim", column(func(_ int, r Row) string { return bitsPerDim(r.Test) }))
	if b.overSeeds() {
		g.add("over seeds", column(func(_ int, r Row) string {
			if r.Spread == nil {
				return "one seed"
			}
			return fmt.Sprintf("± %s of %d", twoDigits(r.Spread.SeedStdErr), r.Spread.Seeds)
		}))
	}
	g.add("kind", column(func(_ int, r Row) string { return strings.ReplaceAll(r.Test.Kind.String(), "_", " ") }))
	g.add("behind the best", column(func(_ int, r Row) string {
		if r.Behind == nil {
			return ""
		}
		return r.Behind.String()
	}))
	g.add("test − train", cells(func(r Row) cell { return diffCell(r.Gap) }))
	g.add("above the truth", cells(func(r Row) cell { return diffCell(r.Excess) }))
	g.add("parameters", column(func(_ int, r Row) string { return digits.Count(r.Params) }))
	g.add("training", column(func(_ int, r Row) string { return took(r) }))
	return g
}

// NatsOf is the nats of a row with sign and error, with the decimals that the
// board has.
func (b *Board) NatsOf(i int) string {
	cells := make([]cell, len(b.Rows))
	for j, r := range b.Rows {
		cells[j] = natsCell(r.Test)
	}
	return strings.Join(strings.Fields(measured(cells, " ± ")[i]), " ")
}

// BitsOf is the bits per dim of a row as the board has it.
func (b *Board) BitsOf(i int) string { return bitsPerDim(b.Rows[i].Test) }
