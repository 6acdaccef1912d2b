//go:build unix

package cpu

import (
	"syscall"
	"time"
)

// processorTime is what all threads of the process have used.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measuresTime says whether that is known.
const measuresTime = true
