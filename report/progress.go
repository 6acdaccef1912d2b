package report

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/train"
)

// Progress tells how trainings go: on a terminal by a bar on one line that is
// rewritten, elsewhere by a plain line every few seconds. It uses no colour.
// Its Train method is a train.Options.Progress.
type Progress struct {
	w       io.Writer
	name    string
	bar     *progressbar.ProgressBar // nil if w is no terminal
	columns func() int
	last    time.Time
}

const (
	redrawEvery = 100 * time.Millisecond // on a terminal
	lineEvery   = 5 * time.Second        // elsewhere
	barWidth    = 10
	barAround   = len(" 100% |") + barWidth + len("|  ")
	barTicks    = 1000
)

// NewProgress returns a reporter of the training of the named model.
func NewProgress(w io.Writer, name string) *Progress {
	p := &Progress{w: w, name: name}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" {
		p.draw(func() int {
			if cols, _, err := term.GetSize(int(f.Fd())); err == nil && cols > 0 {
				return cols
			}
			return Width
		})
	}
	return p
}

// draw turns the bar on, on a terminal of so many columns.
func (p *Progress) draw(columns func() int) {
	p.columns = columns
	p.bar = progressbar.NewOptions(barTicks,
		progressbar.OptionSetWriter(p.w), progressbar.OptionSetWidth(barWidth), progressbar.OptionUseANSICodes(true),
		progressbar.OptionSetElapsedTime(false), progressbar.OptionSetPredictTime(false), progressbar.OptionShowDescriptionAtLineEnd())
}

// Train reports the progress, unless the last report was just now.
func (p *Progress) Train(t train.Progress) {
	every := lineEvery
	if p.bar != nil {
		every = redrawEvery
	}
	now := time.Now()
	if now.Sub(p.last) < every {
		return
	}
	p.last = now
	if p.bar == nil {
		fmt.Fprintf(p.w, "%s: %s\n", p.name, strings.Join(parts(t), ", "))
		return
	}
	p.bar.Describe(fit(p.name+": ", parts(t), p.columns()-barAround))
	_ = p.bar.Set(min(barTicks-1, int(barTicks*fraction(t)))) // the last tick is Done's; a terminal that fails is no reason to stop
}

// Done removes the bar and says how the training ended.
func (p *Progress) Done(rep train.Report) {
	p.Clear()
	s := fmt.Sprintf("%s: %s steps, %s epochs in %s, ended by %s", p.name, Count(rep.Steps), epochs(rep.Epochs), Duration(seconds(rep.Seconds)), rep.Reason)
	if b := rep.Best; b != nil {
		s += fmt.Sprintf("; best valid %s, after epoch %s", b.Valid, epochs(b.Epoch))
	}
	fmt.Fprintln(p.w, s)
}

// Clear removes the bar, so that other text can follow.
func (p *Progress) Clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

// parts are what there is to say, the most important first.
func parts(t train.Progress) []string {
	var out []string
	loss := fmt.Sprintf("train %.2f nats (%.4f bits/dim)", t.Loss, t.LossBits)
	if t.Last != nil {
		out = append(out, validText(*t.Last.Valid))
		loss = fmt.Sprintf("train %.2f", t.Loss)
	}
	if t.HasLeft {
		out = append(out, loss, Duration(t.Left)+" left")
	} else {
		out = append(out, loss, Duration(t.Elapsed))
	}
	if t.EventsPerSecond > 0 {
		out = append(out, Short(int(t.EventsPerSecond+0.5))+" events/s")
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
		}
		if width(line+part) > columns {
			break
		}
		line += part
	}
	return cut(line, max(columns, 1))
}

func validText(l surprisal.Likelihood) string {
	if l.Infinite > 0 {
		return "valid " + l.String()
	}
	return fmt.Sprintf("valid %s (%.4f bits/dim)", l, l.BitsPerDim())
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
