package explain

import (
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// WritePprof writes the profile in the format of package runtime/pprof. A
// sample's stack is the plan, the scopes of the model from the outermost in,
// and the operation; its values are calls, nanoseconds, flops and bytes.
func (p *Profile) WritePprof(w io.Writer) error {
	program := &profile.Mapping{ID: 1, File: "surprisal", HasFunctions: true}
	b := pprof{known: map[string]*profile.Location{}, out: &profile.Profile{
		SampleType: []*profile.ValueType{
			{Type: "calls", Unit: "count"}, {Type: "time", Unit: "nanoseconds"}, {Type: "flops", Unit: "count"}, {Type: "traffic", Unit: "bytes"},
		},
		DefaultSampleType: "time",
		Mapping:           []*profile.Mapping{program},
		TimeNanos:         time.Now().UnixNano(),
		DurationNanos:     p.Wall.Nanoseconds(),
		Comments:          []string{"operations of a graph, by scope; flops and bytes of useful work"},
	}}
	for _, r := range p.rows() {
		stack := []string{r.plan}
		if r.scope != "" {
			stack = append(stack, strings.Split(r.scope, "/")...)
		}
		b.add(append(stack, r.ops+" "+r.shape), int64(r.calls), r.time.Nanoseconds(), int64(r.flops), int64(r.bytes))
	}
	for _, h := range p.Host {
		b.add([]string{"host", h.Name}, 0, h.Time.Nanoseconds(), 0, 0)
	}
	if err := b.out.CheckValid(); err != nil {
		return err
	}
	return b.out.Write(w)
}

// pprof builds a profile in which every path of the stack has a function of
// its own.
type pprof struct {
	out   *profile.Profile
	known map[string]*profile.Location
}

func (b *pprof) add(stack []string, values ...int64) {
	s := &profile.Sample{Value: values}
	for i := range stack {
		s.Location = append(s.Location, b.location(strings.Join(stack[:i+1], "/"), stack[i]))
	}
	slices.Reverse(s.Location) // the leaf comes first
	b.out.Sample = append(b.out.Sample, s)
}

func (b *pprof) location(path, name string) *profile.Location {
	if l := b.known[path]; l != nil {
		return l
	}
	id := uint64(len(b.known) + 1)
	f := &profile.Function{ID: id, Name: path, SystemName: name}
	l := &profile.Location{ID: id, Mapping: b.out.Mapping[0], Line: []profile.Line{{Function: f}}}
	b.out.Function = append(b.out.Function, f)
	b.out.Location = append(b.out.Location, l)
	b.known[path] = l
	return l
}
