package run

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/gofrs/flock"

	"github.com/surprisal-go/surprisal/internal/atomicfile"
)

// ErrLocked is the kind of error for a run that another process trains in.
var ErrLocked = errors.New("the run is in use")

// Lock takes the run for writing until [Folder.Close] or the end of the
// process. It returns an error of kind [ErrLocked] at once if another process,
// or another Folder of this one, has it. It also removes temporary files that
// a killed process has left beside the weights.
//
// The file .lock stays when the lock is released: removing it would let two
// processes hold locks on two files of that name.
func (f *Folder) Lock() error {
	if f.lock != nil {
		return nil
	}
	path := f.path(lockName)
	l := flock.New(path)
	ok, err := l.TryLock()
	if err != nil {
		return fmt.Errorf("locking run %s: %w", f.Dir, err)
	}
	if !ok {
		return fmt.Errorf("%w: another process%s works in %s; wait for it to end or stop it", ErrLocked, holder(path), f.Dir)
	}
	f.lock = l
	// Only for the message above; where the system forbids it the message is
	// shorter.
	_ = os.WriteFile(path, fmt.Appendf(nil, "%d\n", os.Getpid()), 0o666)
	// Only files written under the lock: a result may be on its way now.
	if err := atomicfile.Sweep(f.Dir); err != nil {
		return fmt.Errorf("run %s: removing what a killed process has left: %w", f.Dir, err)
	}
	return nil
}

func holder(path string) string {
	b, err := os.ReadFile(path)
	if err != nil || len(b) == 0 {
		return ""
	}
	return fmt.Sprintf(" (process %s)", strings.TrimSpace(string(b)))
}

// mustLock panics if the lock is not held.
func (f *Folder) mustLock(method string) {
	if f.lock == nil {
		panic(fmt.Sprintf("run: %s on a folder that is not locked: call Lock first", method))
	}
}
