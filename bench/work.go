package bench

import (
	"fmt"
	"strings"

	"github.com/surprisal-go/surprisal/graph"
)

// Work is something to time.
type Work struct {
	Model string // as the package comment lists them
	Batch int    // events a step
	open  func(exec graph.Executor, batch int) (*Run, error)
}

// Name is the model and the batch, as in "made-100".
func (w Work) Name() string { return fmt.Sprintf("%s-%d", w.Model, w.Batch) }

// Open builds the model, with weights drawn afresh.
func (w Work) Open(exec graph.Executor) (*Run, error) {
	r, err := w.open(exec, w.Batch)
	if err != nil {
		return nil, fmt.Errorf("building %s: %w", w.Name(), err)
	}
	return r, nil
}

// Run is a work under way.
type Run struct {
	// Params is the number of trained scalars; closed weights do not count.
	Params int
	// Flops is the number of additions and multiplications in a step, where it
	// is known.
	Flops float64
	// Step does the work once and returns the mean nats an event: in training,
	// the loss before the step.
	Step func() (nats float64, err error)
}

// Works lists all works.
func Works() []Work {
	return []Work{
		{"made", 100, trainMADE},
		{"made", 1000, trainMADE},
		{"maf", 100, trainMAF},
		{"maf", 1000, trainMAF},
		{"realnvp", 100, trainRealNVP},
		{"realnvp", 1000, trainRealNVP},
		{"vae", 100, trainVAE},
		{"iwae", 100, trainIWAE},
		{"pixelcnn", 16, trainPixelCNN},
		{"transformer", 8, trainTransformer},
		{"score", 1, scoreMADE},
		{"score", 8, scoreMADE},
		{"sample", 1, sampleMADE},
		{"sample", 64, sampleMADE},
		{"sample-passes", 1, samplePasses},
	}
}

// family is the model up to its first hyphen, as in "gemm".
func (w Work) family() string {
	f, _, _ := strings.Cut(w.Model, "-")
	return f
}

// Peers are the programs in peers/ that do the work too.
func (w Work) Peers() []string {
	if w.IsProduct() {
		return []string{"openblas", "mkl", "onednn"}
	}
	return []string{"torch", "torch-compile", "jax"}
}

// IsProduct reports whether the work is one of [Products].
func (w Work) IsProduct() bool { return strings.HasPrefix(w.family(), "gemm") }

// Threads is how many of the wanted threads the work uses.
func (w Work) Threads(want int) int {
	if w.family() == "gemm1" {
		return 1
	}
	return want
}

// Select returns the works of the given names, models or families of models, in
// the order of [Works] and [Products]; none means all Works.
func Select(names []string) ([]Work, error) {
	if len(names) == 0 {
		return Works(), nil
	}
	var out []Work
	var known []string
	used := map[string]bool{}
	for _, w := range append(Works(), Products()...) {
		known = append(known, w.Name())
		taken := false
		for _, n := range names {
			if n == w.Name() || n == w.Model || n == w.family() {
				used[n], taken = true, true
			}
		}
		if taken {
			out = append(out, w)
		}
	}
	for _, n := range names {
		if !used[n] {
			return nil, fmt.Errorf("unknown work %q: want a model or one of %s", n, strings.Join(known, ", "))
		}
	}
	return out, nil
}
