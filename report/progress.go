package report

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/digits"
	"github.com/surprisal-go/surprisal/train"
)

// Progress tells how a training goes: on a terminal by one line that is
// rewritten, elsewhere by a line every few seconds. It uses no colour. Its
// Train method is a train.Options.Progress.
type Progress struct {
	w       io.Writer
	name    string
	columns func() int // of the terminal; nil if w is none
	last    time.Time
}

const (
	redrawEvery = 100 * time.Millisecond // on a terminal
	lineEvery   = 5 * time.Second        // elsewhere
	clearLine   = "\r\x1b[K"
)

// NewProgress returns a reporter of the training of the named model.
func NewProgress(w io.Writer, name string) *Progress {
	p := &Progress{w: w, name: name}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" {
		p.columns = func() int {
			if cols, _, err := term.GetSize(int(f.Fd())); err == nil && cols > 0 {
				return cols
			}
			return Width
		}
	}
	return p
}

// Train reports the progress, unless the last report was just now.
func (p *Progress) Train(t train.Progress) {
	if p.due() {
		p.print(parts(t))
	}
}

// Note reports where other work stands, unless the last report was just now.
// Off a terminal, work that is done within seconds is not worth a line.
func (p *Progress) Note(text string) {
	if p.columns == nil && p.last.IsZero() {
		p.last = time.Now()
		return
	}
	if p.due() {
		p.print([]string{text})
	}
}

// due reports whether it is time for a report, and takes that time.
func (p *Progress) due() bool {
	every := lineEvery
	if p.columns != nil {
		every = redrawEvery
	}
	now := time.Now()
	if now.Sub(p.last) < every {
		return false
	}
	p.last = now
	return true
}

// print writes as many parts as the line holds.
func (p *Progress) print(parts []string) {
	if p.columns == nil {
		fmt.Fprintf(p.w, "%s: %s\n", p.name, strings.Join(parts, ", "))
		return
	}
	// The last column stays free: writing there moves some terminals on.
	fmt.Fprint(p.w, clearLine+fit(p.name+": ", parts, p.columns()-1))
}

// Done removes the line and says how the training ended.
func (p *Progress) Done(rep train.Report) {
	p.Clear()
	s := fmt.Sprintf("%s: %s steps, %s epochs in %s, ended by %s", p.name, digits.Count(rep.Steps), epochs(rep.Epochs), Duration(seconds(rep.Seconds)), rep.Reason)
	if b := rep.Best; b != nil {
		s += fmt.Sprintf("; best valid %s, after epoch %s", b.Valid, epochs(b.Epoch))
	}
	fmt.Fprintln(p.w, s)
}

// Clear removes the line from the terminal, so that other text can follow.
func (p *Progress) Clear() {
	if p.columns != nil {
		fmt.Fprint(p.w, clearLine)
	}
}

// parts are what there is to say, the most important first.
func parts(t train.Progress) []string {
	var out []string
	if t.HasLeft {
		out = append(out, fmt.Sprintf("%.0f%% done", 100*fraction(t)))
	}
	loss := fmt.Sprintf("train %.2f", t.Loss)
	if t.Last != nil {
		out = append(out, validText(*t.Last.Valid)...)
	} else {
		out = append(out, loss+" nats", fmt.Sprintf("%.4f bits/dim", t.LossBits))
	}
	if t.HasLeft {
		out = append(out, Duration(t.Left)+" left")
	} else {
		out = append(out, Duration(t.Elapsed))
	}
	if t.EventsPerSecond > 0 {
		out = append(out, Short(int(t.EventsPerSecond+0.5))+"/s")
	}
	if t.Last != nil {
		out = append(out, loss)
	}
	epoch := fmt.Sprintf("epoch %d", t.Epoch)
	if t.Epochs > 0 {
		epoch += fmt.Sprintf(" of %d", t.Epochs)
	}
	return append(out, epoch)
}

// fit joins as many parts as width characters hold.
func fit(line string, parts []string, columns int) string {
	for i, part := range parts {
		if i > 0 {
			part = ", " + part
			if width(line+part) > columns {
				break
			}
		}
		line += part
	}
	return cut(line, max(columns, 1))
}

func validText(l surprisal.Likelihood) []string {
	if l.Infinite > 0 {
		return []string{"valid " + l.String()}
	}
	return []string{"valid " + l.String(), fmt.Sprintf("%.4f bits/dim", l.BitsPerDim())}
}

// fraction of the training that is done, by the limit that is nearest.
func fraction(t train.Progress) float64 {
	if !t.HasLeft || t.Elapsed+t.Left <= 0 {
		return 0
	}
	return float64(t.Elapsed) / float64(t.Elapsed+t.Left)
}

func epochs(e float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", e), ".0") }

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
