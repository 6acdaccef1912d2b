package cpu

import "time"

// contention decides when a pool does better without its workers: when other
// processes want the processors too. A worker that is stopped in the middle of a
// chunk holds up the caller, and even one that only waits takes time from it,
// since the system shares the processors out by threads. Beside one busy process
// a core, the caller of one worker gets half a core, alone two thirds of one.
//
// Threads that work or spin should get all the time that they do not sleep. What
// they got is measured now and then between runs. If it is too little twice in a
// row, and the system has often stopped them to run others (a virtual machine may be short of
// time too, but all the more so with one thread), no worker is called for a
// while, and if that goes on, for longer.
type contention struct {
	alone bool // no worker is called
	until time.Time
	rest  time.Duration
	bad   bool // the last span was

	begin         time.Time     // of the span under way
	used, slept   time.Duration // until then
	stops         int64
	ended         time.Time     // the last run
	pause, paused time.Duration // between runs, in all and until the span began
}

const (
	// contendedSpan is many ticks of the system's clock, by which the time of
	// running threads is counted.
	contendedSpan = 30 * time.Millisecond
	// enough is the share of the time with which workers pay. Beside one busy
	// process a core it is a half, with none 0.95 and more.
	enough = 0.75
	// sliceTime is at most that between two stops of a process, each of whose
	// threads shares its processor with another. Of the system's own threads
	// they are stopped about four times in a span.
	sliceTime = 4 * time.Millisecond
	// longPause is one after which the caller is not taken to want the time.
	longPause = 200 * time.Microsecond
	// Rests double from leastRest to mostRest.
	leastRest = 250 * time.Millisecond
	mostRest  = 4 * time.Second
)

// usage is what so many threads of the process have used of the processors and
// slept, all together, up to now, and how often they were stopped for others.
type usage struct {
	threads     int
	now         time.Time
	used, slept time.Duration
	stops       int64
}

// before is called before a run; at is only asked for if it is time to measure.
func (c *contention) before(now time.Time, at func(now time.Time) usage) {
	if gap := now.Sub(c.ended); gap > longPause && !c.ended.IsZero() {
		c.pause += gap
	}
	switch {
	case c.alone && now.Before(c.until):
		return
	case c.alone || c.begin.IsZero():
		c.alone = false
	case now.Sub(c.begin) < contendedSpan:
		return
	case !c.tooLittle(at(now)):
		c.bad, c.rest = false, leastRest
	case c.bad:
		c.alone, c.until = true, now.Add(c.rest)
		c.rest = min(2*c.rest, mostRest)
		return
	default: // once may be chance
		c.bad = true
	}
	u := at(now)
	c.begin, c.used, c.slept, c.stops, c.paused = now, u.used, u.slept, u.stops, c.pause
}

// tooLittle judges the span that ends.
func (c *contention) tooLittle(u usage) bool {
	span := u.now.Sub(c.begin)
	wanted := time.Duration(u.threads)*span - (u.slept - c.slept) - (c.pause - c.paused)
	return float64(u.used-c.used) < enough*float64(wanted) && u.stops-c.stops >= int64(span/sliceTime)
}

// after is called after a run.
func (c *contention) after(now time.Time) { c.ended = now }
