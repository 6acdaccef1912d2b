package explain

import (
	"fmt"
	"io"
	"strings"

	"github.com/surprisal-go/surprisal/engine/cpu"
)

// WriteText writes the plan, before and after passes, as text of at most width
// characters a line, with amounts for a batch.
func (p Plan) WriteText(w io.Writer, width, batch int) error {
	l := listing{p, width, batch, &strings.Builder{}}
	l.line("%s: %d nodes; %d values in %d steps with %d buffers", p.Name, len(p.Nodes), p.Values, len(p.Steps), len(p.Buffers))
	if p.Advances != "" {
		l.words("", strings.Fields(fmt.Sprintf("Input %q becomes known in %d positions. Each step computes all that has become known at a position; flops and bytes are those of all positions.", p.Advances, p.Positions)))
	}
	l.line("")
	l.line("Before passes: the graph")
	for _, n := range p.Nodes {
		l.line("  %s", n)
	}
	l.line("")
	l.line("After passes: the steps, with flops and bytes for a batch of %d", batch)
	for i, s := range p.Steps {
		l.step(i, s)
	}
	l.line("")
	l.line("Buffers, and the steps at which each holds a value")
	for _, b := range p.Buffers {
		l.buffer(b)
	}
	l.line("")
	l.memory()
	_, err := io.WriteString(w, l.out.String())
	return err
}

// listing lays out a plan.
type listing struct {
	Plan
	width, batch int
	out          *strings.Builder
}

func (l *listing) line(format string, args ...any) {
	l.out.WriteString(cut(fmt.Sprintf(format, args...), l.width) + "\n")
}

// words writes words on as many lines as they need.
func (l *listing) words(first string, words []string) {
	indent := strings.Repeat(" ", len(first))
	l.out.WriteString(first + wrap(words, l.width-len(first), indent) + "\n")
}

func (l *listing) step(i int, s cpu.StepInfo) {
	label := append(append([]string(nil), s.Ops...), s.Shape)
	if s.Instructions > 0 && s.Instructions < len(s.Ops) {
		label = append(label, fmt.Sprintf("in %d instructions", s.Instructions))
	}
	if s.Scope != "" {
		label = append([]string{s.Scope + ":"}, label...)
	}
	l.words(fmt.Sprintf("%4d %6s %6s  ", i, si(s.Flops.At(l.batch)), si(s.Bytes.At(l.batch))), label)
	text := commas(s.Reads)
	if len(s.Writes) > 0 {
		text = append(append(text, "→"), commas(s.Writes)...)
	}
	switch {
	case len(s.InPlace) > 0 && len(s.InPlace) == len(s.Writes):
		text = append(text, "(in place)")
	case len(s.InPlace) > 0:
		text = append(append(text, "(in", "place:"), commas(s.InPlace)...)
		text[len(text)-1] += ")"
	}
	if s.Open > 0 {
		text = append(text, fmt.Sprintf("(%.0f%% of the weights are open)", 100*s.Open))
	}
	l.words("                     ", text)
}

func commas(words []string) []string {
	out := append([]string(nil), words...)
	for i := range out[:max(0, len(out)-1)] {
		out[i] += ","
	}
	return out
}

func (l *listing) buffer(b cpu.BufferInfo) {
	var lives []string
	for _, t := range b.Lives {
		switch {
		case t.Last == len(l.Steps):
			lives = append(lives, fmt.Sprintf("%d–end", t.First))
		case t.First == t.Last:
			lives = append(lives, fmt.Sprint(t.First))
		default:
			lives = append(lives, fmt.Sprintf("%d–%d", t.First, t.Last))
		}
	}
	l.words(fmt.Sprintf("%6s %6sB  ", b.Name, si(b.Bytes.At(l.batch))), lives)
}

func (l *listing) memory() {
	m := l.Memory
	total := m.Total()
	l.line("Memory for a batch of %d: %sB (%sB and %sB an event)", l.batch, si(total.At(l.batch)), si(total.Fixed), si(total.PerEvent))
	for _, part := range []struct {
		what  string
		bytes cpu.Amount
	}{
		{"parameters", m.Params}, {"optimiser's memory", m.Optimizer}, {"inputs", m.Inputs}, {"constants", m.Constants},
		{"buffers", m.Buffers}, {"workers' scratch", m.Scratch}, {"packed operands", m.Panels},
	} {
		l.line("  %6sB  %s", si(part.bytes.At(l.batch)), part.what)
	}
}
