package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/digits"
	"github.com/surprisal-go/surprisal/report"
)

// shownExtremes are the events shown at either end.
const shownExtremes = 12

// extremes shows the most and the least surprising events under the best
// model.
func (r *reporting) extremes(_ context.Context, p *report.Page) error {
	best, ok := p.Board.Best()
	if !ok {
		return nil
	}
	name, nats := p.Board.Rows[best].Model, p.Board.Rows[best].Events.Nats
	order := bySurprise(nats)
	n := min(shownExtremes, len(order)/2)
	if n == 0 {
		return nil
	}
	seen := map[string]bool{}
	most := r.distinct(order, n, seen)
	slices.Reverse(order)
	least := r.distinct(order, n, seen)
	caption := fmt.Sprintf("The most surprising events under %s are worth a look: errors in the data, rare kinds, or what the model has not learned. Of equal events one is shown.", name)
	if !isImage(r.b.Space) {
		r.eventTable(p, "Most surprising events", caption, most, nats)
		r.eventTable(p, "Least surprising events", "What "+name+" predicts best, the least surprising first.", least, nats)
		return nil
	}
	fig := report.Figure{Title: "Most and least surprising events", Caption: caption}
	for _, part := range []struct {
		label string
		rows  []int
	}{{"most surprising", most}, {"least surprising", least}} {
		if len(part.rows) == 0 {
			continue
		}
		label := fmt.Sprintf("%s: %s to %s nats", part.label, formatNats(nats[part.rows[0]]), formatNats(nats[part.rows[len(part.rows)-1]]))
		pic, err := images(part.label+" events", label, r.b.Take(part.rows))
		if err != nil {
			return err
		}
		pic.Name = part.label
		fig.Pictures = append(fig.Pictures, pic)
	}
	p.Figures = append(p.Figures, fig)
	return nil
}

// distinct are the first n events of the order that equal none before them, and
// none seen; it adds them to those.
func (r *reporting) distinct(order []int, n int, seen map[string]bool) []int {
	var out []int
	values := make([]float64, r.b.Space.Dims())
	for _, i := range order {
		if len(out) == n {
			break
		}
		r.b.Float64s(values, i)
		key, err := binary.Append(nil, binary.LittleEndian, values)
		if err != nil || seen[string(key)] {
			continue
		}
		seen[string(key)] = true
		out = append(out, i)
	}
	return out
}

// eventTable adds a table of some events, if there are any.
func (r *reporting) eventTable(p *report.Page, title, caption string, rows []int, nats []float64) {
	t := newEventTable(title, caption, r.b.Space, "event", "nats")
	for _, i := range rows {
		t.add(r.b, i, strconv.Itoa(i), formatNats(nats[i]))
	}
	if len(rows) > 0 {
		p.Tables = append(p.Tables, t.Table)
	}
}

// mostColumns is the most columns of a table of events.
const mostColumns = 14

// eventTable is a table whose rows are events, after some columns of its own.
type eventTable struct {
	report.Table
	fields []surprisal.Field
	text   bool
}

func newEventTable(title, caption string, space *surprisal.Space, own ...string) *eventTable {
	t := &eventTable{Table: report.Table{Title: title, Caption: caption, Header: own}, fields: space.Columns(), text: isText(space)}
	if t.text {
		t.Table.Text = len(own)
		t.Header = append(t.Header, space.Fields[0].Name)
		return t
	}
	shown := min(len(t.fields), mostColumns)
	if shown < len(t.fields) {
		t.Caption += fmt.Sprintf(" The first %d of %d columns.", shown, len(t.fields))
	}
	for _, f := range t.fields[:shown] {
		t.Header = append(t.Header, f.Name)
	}
	return t
}

// add adds event i of the batch.
func (t *eventTable) add(b *surprisal.Batch, i int, own ...string) {
	values := make([]float64, len(t.fields))
	b.Float64s(values, i)
	row := own
	if t.text {
		t.Rows = append(t.Rows, append(row, textOf(t.fields[0], values)))
		return
	}
	for j, f := range t.fields[:min(len(t.fields), mostColumns)] {
		row = append(row, formatValue(f, values[j]))
	}
	t.Rows = append(t.Rows, row)
}

// isText reports whether events are pieces of a text.
func isText(s *surprisal.Space) bool { return len(s.Fields) == 1 && s.Fields[0].Axes == "T" }

// textOf is a piece of a text, symbol by symbol; bytes that do not print are
// escaped.
func textOf(f surprisal.Field, values []float64) string {
	var b strings.Builder
	for _, v := range values {
		if f.Labels != nil {
			b.WriteString(f.Labels[int(v)])
			continue
		}
		q := strconv.QuoteToASCII(string([]byte{byte(v)}))
		b.WriteString(q[1 : len(q)-1])
	}
	return b.String()
}

func formatNats(v float64) string { return digits.Fixed(v, 2) }

func formatValue(f surprisal.Field, v float64) string {
	if f.Labels != nil && v >= 0 && int(v) < len(f.Labels) {
		return strings.TrimSpace(f.Labels[int(v)])
	}
	return fmt.Sprintf("%.5g", v)
}
