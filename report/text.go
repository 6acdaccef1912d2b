package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/digits"
)

// Width is the number of characters that the board keeps within.
const Width = 80

// maxName is the length at which names of models are cut on the board.
const maxName = 22

// WriteText writes the board as a table of at most [Width] characters a line.
func (b *Board) WriteText(w io.Writer) error {
	var out strings.Builder
	out.WriteString(Wrap(b.title(), Width, "  ") + "\n\n")
	for _, line := range b.table().lines(Width) {
		out.WriteString(line + "\n")
	}
	if seeds := b.seedsTable(); seeds != nil {
		out.WriteString("\n")
		for _, line := range seeds.lines(Width) {
			out.WriteString(line + "\n")
		}
	}
	if notes := b.notes(); len(notes) > 0 {
		out.WriteString("\n")
		for _, n := range notes {
			out.WriteString(Wrap(n, Width, "  ") + "\n")
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (b *Board) title() string {
	split := b.Split
	if split != "" {
		split += " "
	}
	s := fmt.Sprintf("%s: %s, %s, %s", b.Data.Name, digits.Counted(b.N, split+"event"), dims(b.Dims), b.Measure)
	if b.Entropy != nil {
		s += fmt.Sprintf("; true entropy %.4f nats", *b.Entropy)
	}
	return s
}

// dims is a number of them, of ragged events the mean, as in "64 dims".
func dims(d float64) string {
	if d == float64(int(d)) {
		return digits.Counted(int(d), "dim")
	}
	return fmt.Sprintf("%.1f dims", d)
}

// table builds the columns; a column without entries is left out.
func (b *Board) table() *table {
	t := &table{}
	marks, names := make([]string, len(b.Rows)), make([]string, len(b.Rows))
	params, secs := make([]string, len(b.Rows)), make([]string, len(b.Rows))
	bits, kinds := make([]string, len(b.Rows)), make([]string, len(b.Rows))
	nats, gaps, excess := make([]cell, len(b.Rows)), make([]cell, len(b.Rows)), make([]cell, len(b.Rows))
	for i, r := range b.Rows {
		marks[i] = b.mark(i)
		names[i] = cut(r.Model, maxName)
		nats[i] = natsCell(r.Test)
		bits[i] = bitsPerDim(r.Test)
		kinds[i] = kindName(r.Test.Kind)
		gaps[i], excess[i] = diffCell(r.Gap), diffCell(r.Excess)
		params[i] = Short(r.Params)
		secs[i] = took(r)
	}
	t.add("", left, marks)
	t.add("model", left, names)
	t.add("test nats", right, measured(nats, " ± "))
	t.add("bits/dim", right, bits)
	t.add("kind", left, kinds)
	t.add("test−train", right, measured(gaps, "±"))
	t.add("above truth", right, measured(excess, "±"))
	t.add("params", right, params)
	t.add("time", right, secs)
	return t
}

// mark before a row: * for the best, ~ for what may be as good.
func (b *Board) mark(i int) string {
	best, ok := b.Best()
	switch {
	case ok && i == best:
		return "*"
	case b.Rows[i].Tie:
		return "~"
	}
	return ""
}

// took is the time of training, empty where it is not known.
func took(r Row) string {
	if r.Seconds == 0 {
		return ""
	}
	return Duration(seconds(r.Seconds))
}

// overSeeds reports whether a row is a family of several seeds.
func (b *Board) overSeeds() bool {
	return slices.ContainsFunc(b.Rows, func(r Row) bool { return r.Spread != nil })
}

// seedsTable has the spread over seeds of the rows; nil where there is none.
func (b *Board) seedsTable() *table {
	if !b.overSeeds() {
		return nil
	}
	n := len(b.Rows)
	marks, names, seeds := make([]string, n), make([]string, n), make([]string, n)
	columns := [3][]string{make([]string, n), make([]string, n), make([]string, n)}
	for i, r := range b.Rows {
		names[i], seeds[i] = cut(r.Model, maxName), "1"
		if s := r.Spread; s != nil {
			seeds[i] = digits.Count(s.Seeds)
			for j, v := range []float64{s.SeedStdDev, s.SeedStdErr, s.EventStdErr} {
				columns[j][i] = twoDigits(v)
			}
		}
	}
	t := &table{}
	t.add("", left, marks)
	t.add("nats over seeds", left, names)
	t.add("seeds", right, seeds)
	t.add("sd of seeds", right, columns[0])
	t.add("± over seeds", right, columns[1])
	t.add("± over events", right, columns[2])
	return t
}

// notes explain the marks that occur, and name what is missing.
func (b *Board) notes() []string {
	out := append(b.marks(), b.doubts()...)
	if b.overSeeds() {
		out = append(out, "test nats and time: means over seeds; ± of test nats: standard error over test events, for these weights; sd: how far one training lies from another; ~ allows for other seeds and other events")
	}
	return append(out, b.remarks()...)
}

// marks explain the signs before names.
func (b *Board) marks() (out []string) {
	if b.Chosen != "" {
		out = append(out, "* "+b.Chosen)
	}
	if slices.ContainsFunc(b.Rows, func(r Row) bool { return r.Tie }) {
		out = append(out, "~ the paired difference to the best may be noise")
	}
	return out
}

// doubts are the warnings of differences to the best that are not those of either
// row's nats as well.
func (b *Board) doubts() []string {
	best, ok := b.Best()
	if !ok {
		return nil
	}
	var all told
	for _, r := range b.Rows {
		for _, w := range r.VerdictWarnings {
			if !slices.Contains(r.Test.Warnings, w) && !slices.Contains(b.Rows[best].Test.Warnings, w) {
				all.add(r.Model, "warning of the difference to the best: "+w)
			}
		}
	}
	return all.lines()
}

// remarks say what the numbers rest on, and name what is missing.
func (b *Board) remarks() []string {
	var warnings told
	for _, r := range b.Rows {
		for _, w := range r.Test.Warnings {
			warnings.add(r.Model, "warning: "+w)
		}
	}
	out := append(b.bounds(), warnings.lines()...)
	for _, f := range b.Missing {
		out = append(out, fmt.Sprintf("%s: not on the board: %s", f.Model, f.Why))
	}
	return out
}

// bounds explain the signs before nats, rows of the same nature together.
func (b *Board) bounds() []string {
	var all told
	for _, r := range b.Rows {
		var s string
		switch l := r.Test; l.Kind {
		case surprisal.LowerBound:
			s = fmt.Sprintf("≤ a bound, by %s: the true nats are at most this", draws(l.Samples))
		case surprisal.UpperBound:
			s = fmt.Sprintf("≥ a bound, by %s: the true nats are at least this", draws(l.Samples))
		case surprisal.Estimate:
			s = fmt.Sprintf("≈ an estimate, by %s: the true nats may lie on either side", draws(l.Samples))
		default:
			continue
		}
		all.add(r.Model, s)
	}
	return all.lines()
}

func draws(k int) string {
	return digits.Counted(k, "draw") + " an event"
}

func kindName(k surprisal.Knowledge) string {
	switch k {
	case surprisal.Exact:
		return "exact"
	case surprisal.Estimate:
		return "est."
	}
	return "bound"
}

func bitsPerDim(l surprisal.Likelihood) string {
	if l.Infinite > 0 {
		return "∞"
	}
	return digits.Fixed(l.BitsPerDim(), 4)
}
