package train

import (
	"time"

	"github.com/surprisal-go/surprisal"
)

// clock measures; no weight depends on it.
type clock struct {
	begin    time.Time
	before   time.Duration // of earlier sessions
	from     int           // first step of this session
	training time.Duration // spent in the steps of this session
	events   int           // trained on in this session
}

func (c *clock) start(s *State) {
	*c = clock{begin: time.Now(), before: time.Duration(s.Seconds * float64(time.Second)), from: s.Step}
}

// elapsed is the time of all sessions.
func (c *clock) elapsed() time.Duration { return c.before + time.Since(c.begin) }

func (c *clock) stepped(begin time.Time, events int) {
	c.training += time.Since(begin)
	c.events += events
}

// left is the time until a limit on steps or time ends the training.
func (c *clock) left(step, last int, limit time.Duration) (left time.Duration, ok bool) {
	if made := step - c.from; last > 0 && made > 0 {
		left, ok = time.Duration(float64(time.Since(c.begin))*float64(last-step)/float64(made)), true
	}
	if limit > 0 {
		if rest := max(0, limit-c.elapsed()); !ok || rest < left {
			left, ok = rest, true
		}
	}
	return left, ok
}

// report tells the progress.
func (f *fitter) report(validated bool) {
	if f.opts.Progress == nil {
		return
	}
	s, o := f.state, f.opts
	p := Progress{
		Epochs: o.Epochs, Step: s.Step, Steps: o.Steps, StepsPerEpoch: f.step.perEpoch(),
		Loss: s.Epoch.mean(), Last: s.Last, Best: s.BestAt, Elapsed: f.clock.elapsed(), Validated: validated,
	}
	p.Epoch = max(s.Step-1, 0)/p.StepsPerEpoch + 1
	p.LossBits = surprisal.Bits(p.Loss) / float64(f.train.Space.Dims())
	if all := o.Epochs * p.StepsPerEpoch; all > 0 && (p.Steps == 0 || all < p.Steps) {
		p.Steps = all
	}
	if t := f.clock.training.Seconds(); t > 0 {
		p.EventsPerSecond = float64(f.clock.events) / t
	}
	p.Left, p.HasLeft = f.clock.left(s.Step, p.Steps, o.TimeLimit)
	o.Progress(p)
}
