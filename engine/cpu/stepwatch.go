package cpu

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/tensor"
)

// stepRecord is what is counted of a step plan's runs. A single event and
// several run in different ways, which are counted apart.
type stepRecord struct {
	mu      sync.Mutex
	several stepCount
	one     stepCount

	now   *stepCount // of the run under way
	epoch time.Time
	last  time.Duration // when the clock was read, since the epoch
	tick  time.Duration // what it takes to read it
}

// stepCount is what is counted of one way to run. Its steps are rows of the
// builder, and after them what the tape does.
type stepCount struct {
	record
	calls []int
	row   []int // of each operation
	tape  int   // the tape's row
}

// read reads the clock: since the epoch, as that takes half of the time that the
// time of day takes.
func (r *stepRecord) read() time.Duration { return time.Since(r.epoch) }

// lap counts the time since the last reading as a piece of a row.
func (r *stepRecord) lap(row int) {
	now := r.read()
	spent := max(0, now-r.last-r.tick)
	r.now.steps[row] += spent
	r.now.took += spent
	r.now.calls[row]++
	r.last = now
}

// watchedReset prepares for new events and counts the run.
func (p *stepPlan) watchedReset(ctx context.Context, batch int, feeds graph.Feeds, store *tensor.Store) error {
	r := p.watched
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = &r.several
	if batch == 1 {
		r.now = &r.one
	}
	r.last = r.read()
	if err := p.reset(ctx, batch, feeds, store); err != nil {
		return err
	}
	r.now.runs++
	r.now.events += batch
	r.now.batch = max(r.now.batch, batch)
	r.now.took += r.read() - r.last
	return nil
}

// advanceWatched is advance, and counts the time of each piece, without what it
// takes to read the clock, which for a single event is as long as the piece.
func (p *stepPlan) advanceWatched() error {
	r := p.watched
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = r.read()
	if p.lanes == 1 {
		code := p.one[p.oneStart[p.level]:p.oneStart[p.level+1]]
		for i := range code {
			c := &code[i]
			if err := p.do(c); err != nil {
				return err
			}
			if c.do == oneTask {
				r.lap(r.one.row[p.tasks[c.a].op])
			} else {
				r.lap(r.one.tape)
			}
		}
		return nil
	}
	for _, t := range p.tasks[p.start[p.level]:p.start[p.level+1]] {
		if err := p.ops[t.op].run(p, int(t.lo), int(t.hi)); err != nil {
			return err
		}
		r.lap(r.several.row[t.op])
	}
	p.copyOut()
	r.now.took += max(0, r.read()-r.last-r.tick)
	return nil
}

// setClock sets the epoch, and the least time between two readings.
func (r *stepRecord) setClock() {
	r.epoch, r.tick = time.Now(), time.Hour
	for range 100 {
		begin := r.read()
		r.tick = min(r.tick, r.read()-begin)
	}
}

// describe implements [watched].
func (p *stepPlan) describe() (out []PlanInfo) {
	r := p.watched
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range []*stepCount{&r.several, &r.one} {
		if c.runs > 0 || c == &r.several && r.one.runs == 0 {
			out = append(out, p.describeCount(c))
		}
	}
	return out
}

func (p *stepPlan) describeCount(c *stepCount) PlanInfo {
	info := c.info
	info.Runs, info.Events, info.Batch, info.Time = c.runs, c.events, c.batch, c.took
	fixed := p.fixed.info()
	info.Steps = nil
	for _, s := range fixed.Steps { // which both ways share
		if all := p.watched.several.runs + p.watched.one.runs; all > 0 {
			s.Time = s.Time * time.Duration(c.runs) / time.Duration(all)
		}
		s.Calls = c.runs
		info.Steps = append(info.Steps, s)
	}
	for i, s := range c.info.Steps {
		if len(s.Ops) == 0 {
			continue
		}
		s.Time, s.Calls = c.steps[i], c.calls[i]
		info.Steps = append(info.Steps, s)
	}
	info.Buffers = slices.Clone(info.Buffers)
	for i := range info.Buffers { // which keep what they have from step to step
		info.Buffers[i].Lives = []Lifetime{{0, len(info.Steps)}}
	}
	return info
}
