package report

import (
	"math"
	"strings"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/digits"
)

// side that the entries of a column are aligned to.
type side bool

const (
	left  side = false
	right side = true
)

type column struct {
	head    string
	side    side
	entries []string
	width   int
}

// table lays out columns of text.
type table struct{ columns []column }

// add appends a column unless all its entries are empty.
func (t *table) add(head string, s side, entries []string) {
	c := column{head: head, side: s, entries: entries, width: width(head)}
	empty := true
	for _, e := range entries {
		c.width = max(c.width, width(e))
		empty = empty && e == ""
	}
	if !empty || head == "" {
		c.width = max(c.width, 1)
		t.columns = append(t.columns, c)
	}
}

// lines formats the table. Columns stand two blanks apart, one blank if the
// table would be wider than limit, and then the second column is cut to fit.
func (t *table) lines(limit int) []string {
	gap := 2
	if t.total(gap) > limit {
		gap = 1
	}
	if over := t.total(gap) - limit; over > 0 && len(t.columns) > 1 {
		t.columns[1].width = max(4, t.columns[1].width-over)
	}
	rows := len(t.columns[0].entries)
	out := make([]string, 0, rows+1)
	out = append(out, t.line(gap, func(c column) string { return c.head }))
	for i := range rows {
		out = append(out, t.line(gap, func(c column) string { return c.entries[i] }))
	}
	return out
}

// total is the width of the table; one blank follows the mark.
func (t *table) total(gap int) int {
	n := 1 - gap
	for i, c := range t.columns {
		n += c.width
		if i > 0 {
			n += gap
		}
	}
	return n
}

func (t *table) line(gap int, entry func(column) string) string {
	var b strings.Builder
	for i, c := range t.columns {
		switch i {
		case 0:
		case 1:
			b.WriteByte(' ')
		default:
			b.WriteString(strings.Repeat(" ", gap))
		}
		e := cut(entry(c), c.width)
		if c.side == right {
			e = padLeft(e, c.width)
		} else {
			e = padRight(e, c.width)
		}
		b.WriteString(e)
	}
	return strings.TrimRight(b.String(), " ")
}

// cell is a number with its sign and error.
type cell struct {
	sign       string
	value, err float64
	shown      bool
}

func natsCell(l surprisal.Likelihood) cell {
	return cell{sign: l.Kind.Sign(), value: l.MeanNats(), err: l.StdErr, shown: true}
}

func diffCell(d *Diff) cell {
	if d == nil {
		return cell{}
	}
	return cell{value: d.Nats, err: d.StdErr, shown: true}
}

// measured formats cells as "≤ 86.70 ± 0.21", with pm between value and error,
// with equal decimals, so that the points stand under each other.
func measured(cells []cell, pm string) []string {
	var errs []float64
	for _, c := range cells {
		if c.shown && !math.IsInf(c.value, 0) {
			errs = append(errs, c.err)
		}
	}
	dec := decimals(errs)
	signs, values, errors := make([]string, len(cells)), make([]string, len(cells)), make([]string, len(cells))
	var ws, wv, we int
	for i, c := range cells {
		if !c.shown {
			continue
		}
		signs[i], values[i] = c.sign, "∞"
		if !math.IsInf(c.value, 0) {
			values[i], errors[i] = digits.Fixed(c.value, dec), digits.Fixed(c.err, dec)
		}
		ws, wv, we = max(ws, width(signs[i])), max(wv, width(values[i])), max(we, width(errors[i]))
	}
	out := make([]string, len(cells))
	for i, c := range cells {
		if !c.shown {
			continue
		}
		s := padLeft(values[i], wv)
		if ws > 0 {
			s = padRight(signs[i], ws) + " " + s
		}
		if errors[i] != "" {
			s += pm + padLeft(errors[i], we)
		} else if we > 0 {
			s += strings.Repeat(" ", width(pm)+we)
		}
		out[i] = s
	}
	return out
}
