package cpu

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
)

// Options of an executor. The zero value is what most want. No option changes
// a bit of any result.
type Options struct {
	// Threads is the number of goroutines that compute; 0 means GOMAXPROCS.
	Threads int
	// Impl is the set of kernels; nil means kern.Default.
	Impl *kern.Impl
	// NoFuse runs every operation by itself, without any pass: for tests.
	NoFuse bool
	// Check runs as NoFuse does and keeps every value. If one is NaN, Run
	// returns a *graph.NaNError that names the first such node in topological
	// order, and writes no update. For replaying a step that went wrong.
	Check bool
	// Watch sees plans and their times; nil, and nothing is counted.
	Watch *Watch

	without pass // passes to leave out
}

// Executor implements [graph.Executor].
type Executor struct {
	opts Options
	kern *kern.Impl
	pool *pool
	turn sync.Mutex // plans take turns

	panels []float32 // of the product under way
}

// New starts an executor. Close it to stop its workers; one that is no longer
// reachable is closed by the garbage collector.
func New(opts Options) *Executor {
	if opts.Threads <= 0 {
		opts.Threads = runtime.GOMAXPROCS(0)
	}
	if opts.Impl == nil {
		opts.Impl = kern.Default
	}
	opts.NoFuse = opts.NoFuse || opts.Check
	e := &Executor{opts: opts, kern: opts.Impl, pool: newPool(opts.Threads)}
	runtime.AddCleanup(e, (*pool).close, e.pool)
	return e
}

// Name implements graph.Executor: "cpu".
func (e *Executor) Name() string { return "cpu" }

// Threads is the number of goroutines that compute.
func (e *Executor) Threads() int { return e.opts.Threads }

// Close stops the workers. Plans still run afterwards, on the caller alone.
func (e *Executor) Close() { e.pool.close() }

// Compile implements graph.Executor. Outputs of type bool come back as uint8
// tensors of zeros and ones.
func (e *Executor) Compile(outputs []*graph.Node, updates ...graph.Update) (graph.Plan, error) {
	roots := append([]*graph.Node(nil), outputs...)
	seen := map[*graph.Node]bool{}
	for _, u := range updates {
		switch {
		case u.Param.Op() != graph.OpParam:
			return nil, fmt.Errorf("compiling: update of %s: want a parameter", u.Param)
		case u.Value.DType() != graph.F32 || graph.ShapeString(u.Value.Shape()) != graph.ShapeString(u.Param.Shape()):
			return nil, fmt.Errorf("compiling: update of %s by %s: want a value of its shape", u.Param, u.Value)
		case seen[u.Param]:
			return nil, fmt.Errorf("compiling: two updates of %s", u.Param)
		}
		seen[u.Param] = true
		roots = append(roots, u.Param, u.Value)
	}
	for _, n := range roots {
		if n.Graph() != roots[0].Graph() {
			return nil, fmt.Errorf("compiling: %s belongs to another graph than %s", n, roots[0])
		}
	}
	l := newLowering(e)
	needed := graph.Reachable(roots...)
	byNode := l.lower(needed)
	p := &plan{exec: e, outputs: outputs}
	for _, n := range needed {
		if n.Op() == graph.OpInput || n.Op() == graph.OpParam {
			p.leaves = append(p.leaves, n)
		}
	}
	a := assembly{plan: p, passes: e.opts.passes()}
	for _, n := range outputs {
		a.outputs = append(a.outputs, byNode[n])
	}
	for _, u := range updates {
		a.updates = append(a.updates, update{param: byNode[u.Param], value: byNode[u.Value]})
	}
	a.assemble()
	if e.opts.Watch != nil {
		p.record = a.record(needed, updates)
		e.opts.Watch.add(p)
	}
	return p, nil
}
