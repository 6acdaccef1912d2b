package prep

import (
	"fmt"
	"slices"

	"github.com/surprisal-go/surprisal/tensor"
)

// Map is an invertible map of rows.
type Map interface {
	// Forward replaces the rows x (N × D) by z = f(x) and adds
	// log |det ∂f/∂x| of every row to logDet (N). A row outside the map's
	// domain has density zero: its logDet becomes −Inf.
	Forward(x, logDet []float64)
	// Inverse replaces the rows z (N × D) by x = f⁻¹(z).
	Inverse(z []float64)
	// State returns what was fitted to data. The tensors are the map's own:
	// copying into them restores the map.
	State() *tensor.Store
}

// Chain applies its maps in order.
type Chain []Map

// Forward implements [Map].
func (c Chain) Forward(x, logDet []float64) {
	for _, m := range c {
		m.Forward(x, logDet)
	}
}

// Inverse implements [Map].
func (c Chain) Inverse(z []float64) {
	for _, m := range slices.Backward(c) {
		m.Inverse(z)
	}
}

// State implements [Map]: the tensors of map i are under "i/".
func (c Chain) State() *tensor.Store {
	out := &tensor.Store{}
	for i, m := range c {
		out.Merge(fmt.Sprintf("%d/", i), m.State())
	}
	return out
}

// dims returns D for rows x (N × D), with N given by logDet.
func dims(fn string, x, logDet []float64) int {
	if len(logDet) == 0 {
		if len(x) != 0 {
			panic(fmt.Sprintf("prep: %s of %d scalars with no log-determinants", fn, len(x)))
		}
		return 0
	}
	if len(x)%len(logDet) != 0 {
		panic(fmt.Sprintf("prep: %s of %d scalars with %d log-determinants, want a multiple", fn, len(x), len(logDet)))
	}
	return len(x) / len(logDet)
}
