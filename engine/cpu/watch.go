package cpu

import (
	"sync"
	"time"
)

// Watch sees what an executor compiles and where the time of its runs goes.
// Give it to one executor by [Options.Watch]. It keeps the plans alive.
type Watch struct {
	mu    sync.Mutex
	plans []watched
}

// watched is a plan that says what became of it: more than once if it runs in
// more than one way.
type watched interface{ describe() []PlanInfo }

// record is what is counted of a plan's runs.
type record struct {
	info   PlanInfo
	runs   int
	events int
	batch  int // the largest
	took   time.Duration
	steps  []time.Duration
}

func (w *Watch) add(p watched) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.plans = append(w.plans, p)
}

// Plans describes the plans compiled so far, in that order, with the time that
// their runs took. It waits for a run that is under way. A plan that runs in
// steps is there once for each way in which it has run, with a single event and
// with several.
func (w *Watch) Plans() []PlanInfo {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []PlanInfo
	for _, p := range w.plans {
		out = append(out, p.describe()...)
	}
	return out
}

func (p *plan) describe() []PlanInfo { return []PlanInfo{p.info()} }

func (p *plan) info() PlanInfo {
	p.exec.turn.Lock()
	defer p.exec.turn.Unlock()
	r := p.record
	info := r.info
	info.Runs, info.Events, info.Batch, info.Time = r.runs, r.events, r.batch, r.took
	info.Steps = append([]StepInfo(nil), info.Steps...)
	for i := range info.Steps {
		info.Steps[i].Time = r.steps[i]
	}
	return info
}

// timed runs a step and counts its time.
func (p *plan) timed(i int, s step) error {
	begin := time.Now()
	err := s.run()
	p.record.steps[i] += time.Since(begin)
	return err
}

// ran counts a run that began at the given time.
func (r *record) ran(batch int, begin time.Time) {
	r.runs++
	r.events += batch
	r.batch = max(r.batch, batch)
	r.took += time.Since(begin)
}
