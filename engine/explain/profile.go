package explain

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/surprisal-go/surprisal/engine/cpu"
)

// Profile says where time went.
type Profile struct {
	Plans []Plan
	// Host is the time outside plans.
	Host []HostTime
	// Wall is all of the time; what neither plans nor Host explain is shown as
	// the rest.
	Wall    time.Duration
	Threads int
	// Peak is what a thread reaches with fused multiply-adds, in GFLOP/s; 0 if
	// that is not known.
	Peak float64
}

// Plan is a plan with a name, such as "training".
type Plan struct {
	Name string `json:"name"`
	cpu.PlanInfo
}

// HostTime is time spent outside plans.
type HostTime struct {
	Name string
	Time time.Duration
}

// Named calls plans that update parameters "training", those that run position
// by position "sampling", and others "scoring".
func Named(plans []cpu.PlanInfo) []Plan {
	var out []Plan
	for _, p := range plans {
		name := "scoring"
		switch {
		case len(p.Updates) > 0:
			name = "training"
		case p.Advances != "":
			name = "sampling"
		}
		out = append(out, Plan{name, p})
	}
	return out
}

// row is what a profile adds up: steps of the same operations, shape and scope
// in plans of one name.
type row struct {
	plan, ops, shape, scope, kind string

	calls        int
	time         time.Duration
	flops, bytes float64
}

func (r *row) add(o row) {
	r.calls += o.calls
	r.time += o.time
	r.flops += o.flops
	r.bytes += o.bytes
}

// rows adds up equal steps, the longest first.
func (p *Profile) rows() []row {
	type key struct{ plan, ops, shape, scope string }
	at := map[key]int{}
	var out []row
	for _, plan := range p.Plans {
		runs, events := float64(plan.Runs), float64(plan.Events)
		for _, s := range plan.Steps {
			r := row{plan: plan.Name, ops: shortOps(s.Ops), shape: s.Shape, scope: s.Scope, kind: s.Kind, calls: plan.Runs, time: s.Time}
			if s.Calls > 0 {
				r.calls = s.Calls
			}
			r.flops = runs*s.Flops.Fixed + events*s.Flops.PerEvent
			r.bytes = runs*s.Bytes.Fixed + events*s.Bytes.PerEvent
			k := key{plan.Name, strings.Join(s.Ops, " "), s.Shape, s.Scope}
			if i, ok := at[k]; ok {
				out[i].add(r)
				continue
			}
			at[k] = len(out)
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b row) int { return cmp.Compare(b.time, a.time) })
	return out
}

// kinds adds up rows by kind, the longest first.
func kinds(rows []row) []row {
	var out []row
	for _, r := range rows {
		i := slices.IndexFunc(out, func(k row) bool { return k.kind == r.kind })
		if i < 0 {
			i, out = len(out), append(out, row{kind: r.kind})
		}
		out[i].add(r)
	}
	slices.SortStableFunc(out, func(a, b row) int { return cmp.Compare(b.time, a.time) })
	return out
}

// least is the share of the time in steps below which rows are not shown one by
// one.
const least = 0.005

// WriteText writes the profile as tables of at most width characters a line; 80
// are enough, and 100 show flops and bytes too.
func (p *Profile) WriteText(w io.Writer, width int) error {
	t := text{p, width}
	var b strings.Builder
	rows := p.rows()
	b.WriteString(t.head("operation"))
	all, rest, n := row{}, row{}, 0
	for _, r := range rows {
		all.add(r)
	}
	for _, r := range rows {
		if float64(r.time) >= least*float64(all.time) {
			b.WriteString(t.line(r, r.label()))
		} else if r.time > 0 {
			rest.add(r)
			n++
		}
	}
	if n > 0 {
		b.WriteString(t.line(rest, fmt.Sprintf("%d others, each under %.1f%%", n, 100*least)))
	}
	b.WriteString("\n" + t.head("in plans, by kind"))
	for _, k := range kinds(rows) {
		b.WriteString(t.line(k, k.kind))
	}
	b.WriteString(t.line(all, "all steps"))
	b.WriteString("\n" + t.where(all.time))
	_, err := io.WriteString(w, b.String())
	return err
}

func (r row) label() string {
	s := r.ops + " " + r.shape
	if r.scope != "" {
		s = r.scope + ": " + s
	}
	if r.plan != "training" {
		s = r.plan + " " + s
	}
	return s
}

// text lays out a profile.
type text struct {
	*Profile
	width int
}

// wide reports whether there is room for flops and bytes.
func (t text) wide() bool { return t.width >= 96 }

func (t text) head(what string) string {
	s := fmt.Sprintf("%6s %7s %6s", "share", "time", "calls")
	if t.wide() {
		s += fmt.Sprintf(" %6s %6s", "flops", "bytes")
	}
	s += fmt.Sprintf(" %7s %5s %6s  %s", "GFLOP/s", "peak", "GB/s", what)
	return s + "\n"
}

func (t text) line(r row, label string) string {
	calls := "-"
	if r.calls > 0 {
		calls = si(float64(r.calls))
	}
	s := fmt.Sprintf("%6s %7s %6s", percent(float64(r.time), float64(t.Wall)), duration(r.time), calls)
	if t.wide() {
		s += fmt.Sprintf(" %6s %6s", si(r.flops), si(r.bytes))
	}
	seconds := r.time.Seconds()
	rate, peak, band := "-", "-", "-"
	if seconds > 0 {
		rate, band = three(r.flops/seconds/1e9), three(r.bytes/seconds/1e9)
		if t.Peak > 0 {
			peak = fmt.Sprintf("%.0f%%", 100*r.flops/seconds/1e9/(t.Peak*float64(t.Threads)))
		}
	}
	s += fmt.Sprintf(" %7s %5s %6s  ", rate, peak, band)
	return s + cut(label, t.width-len(s)) + "\n"
}

// where says how the wall time is made up, and what the plans need.
func (t text) where(steps time.Duration) string {
	var b strings.Builder
	rest := t.Wall
	say := func(d time.Duration, what string) {
		fmt.Fprintf(&b, "%6s %7s  %s\n", percent(float64(d), float64(t.Wall)), duration(d), what)
	}
	fmt.Fprintf(&b, "%6s %7s  %s\n", "share", "time", "in all")
	for _, p := range t.Plans {
		if p.Runs == 0 {
			continue
		}
		m := p.Memory.Total().At(p.Batch)
		say(p.Time, fmt.Sprintf("%s plan: %s runs of ≤ %d events, %s each, %sB", p.Name, si(float64(p.Runs)), p.Batch, duration(p.Time/time.Duration(p.Runs)), si(m)))
		rest -= p.Time
	}
	for _, h := range t.Host {
		say(h.Time, h.Name)
		rest -= h.Time
	}
	say(rest, "the rest")
	say(t.Wall, fmt.Sprintf("wall time, %d threads%s", t.Threads, t.peak()))
	return b.String()
}

func (t text) peak() string {
	if t.Peak == 0 {
		return ""
	}
	return fmt.Sprintf(" of %.0f GFLOP/s each at most", t.Peak)
}
