//go:build unix

package cpu

import (
	"syscall"
	"time"
)

// processorTime is what all threads of the process have used, and how often they
// were stopped for others.
func processorTime() (used time.Duration, stops int64) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0, 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), int64(u.Nivcsw)
}

// measuresTime says whether that is known.
const measuresTime = true
