package cpu

import (
	"testing"
	"time"
)

// TestContention holds when workers rest: when threads that want the time of the
// processors do not get it, longer each time, and from the beginning once they
// did.
func TestContention(t *testing.T) {
	c := contention{rest: leastRest}
	u := usage{threads: 2, now: time.Unix(1, 0)}
	stops := int64(2) // in a run
	// live makes runs of a millisecond for a while, each after a pause, in
	// which two threads get a share of the time that they do not sleep.
	live := func(d time.Duration, share, asleep float64, pause time.Duration) {
		const run = time.Millisecond
		for end := u.now.Add(d); u.now.Before(end); {
			u.now = u.now.Add(pause)
			c.before(u.now, func(time.Time) usage { return u })
			u.now = u.now.Add(run)
			u.slept += time.Duration(asleep*float64(run)) + pause
			u.used += time.Duration(share * (2 - asleep) * float64(run))
			u.stops += stops
			c.after(u.now)
		}
	}
	for _, x := range []struct {
		what          string
		share, asleep float64
		pause         time.Duration
	}{
		{"all of the time", 0.98, 0, 0},
		{"all while one sleeps", 0.98, 1, 0},
		{"all between long pauses", 0.98, 0, 5 * time.Millisecond},
		{"most of the time", 0.8, 0, 0},
	} {
		if live(time.Second, x.share, x.asleep, x.pause); c.alone {
			t.Errorf("alone though threads get %s", x.what)
		}
	}
	stops = 0
	if live(time.Second, 0.5, 0, 0); c.alone {
		t.Error("alone though threads are not stopped for others")
	}
	live(time.Second, 0.98, 0, 0)
	stops = 2
	want := leastRest
	for range 8 {
		for begin := u.now; !c.alone; live(time.Millisecond, 0.5, 0, 0) {
			if u.now.Sub(begin) > 3*contendedSpan {
				t.Fatal("not alone though threads get half of the time")
			}
		}
		left := c.until.Sub(u.now)
		if left > want || left < want-2*time.Millisecond {
			t.Fatalf("alone for %v, want %v", left, want)
		}
		if live(left-time.Millisecond, 0.5, 0, 0); !c.alone {
			t.Fatalf("not alone to the end of %v", want)
		}
		if live(3*time.Millisecond, 0.5, 0, 0); c.alone {
			t.Fatalf("alone for more than %v", want)
		}
		want = min(2*want, mostRest)
	}
	live(time.Second, 0.98, 0, 0)
	if live(contendedSpan+5*time.Millisecond, 0.5, 0, 0); c.alone {
		t.Error("alone after one span")
	}
	live(2*contendedSpan, 0.5, 0, 0)
	if got := c.until.Sub(u.now); !c.alone || got > leastRest {
		t.Errorf("alone %t for %v, want for at most %v after a good while", c.alone, got, leastRest)
	}
}

// TestPoolAlone holds that the caller runs a task by itself if it shall.
func TestPoolAlone(t *testing.T) {
	p := newPool(3)
	p.helpers = 2
	defer p.close()
	p.others.alone = true
	if n := p.atOnce(); n != 1 {
		t.Errorf("work is cut for %d, want 1", n)
	}
	for range 100 {
		p.do(single{p, t}, 9)
	}
}

// single complains of workers other than the caller.
type single struct {
	*pool
	t *testing.T
}

func (s single) chunk(w *worker, _ int) {
	if w != s.workers[0] {
		s.t.Error("a worker ran a chunk")
	}
}

// TestPoolUsage holds that a pool knows how long its workers have slept.
func TestPoolUsage(t *testing.T) {
	p := newPool(3)
	p.helpers = 2
	defer p.close()
	for deadline := time.Now().Add(10 * time.Second); p.workers[1].asleep.Load() == 0 || p.workers[2].asleep.Load() == 0; {
		if time.Now().After(deadline) {
			t.Fatal("workers without work do not park")
		}
		time.Sleep(time.Millisecond)
	}
	first := time.Now()
	before := p.usage(first)
	time.Sleep(50 * time.Millisecond)
	second := time.Now()
	after := p.usage(second)
	if got, want := after.slept-before.slept, 2*second.Sub(first); got < want-time.Millisecond || got > want+time.Millisecond {
		t.Errorf("two workers slept %v in %v", got, second.Sub(first))
	}
	if measuresTime && after.used-before.used > second.Sub(first) {
		t.Errorf("a process that sleeps used %v in %v", after.used-before.used, second.Sub(first))
	}
}
