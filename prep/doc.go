// Package prep turns events into the rows that models of real vectors see, so
// that the number reported is still about the raw data: invertible maps whose
// log-determinant counts, and uniform dequantisation of values on a grid.
//
// Legend: N events, D dims (scalars in an event), rows are N × D in row-major
// order. Everything here is float64 and gives the same bits on every machine.
//
// # Maps
//
// A [Map] takes rows x to z = f(x). If a model has density q on z, then
//
//	log p(x) = log q(f(x)) + log |det ∂f/∂x|
//
// is its density in raw units, whatever the map: x/256, x/255 and standardised
// pixels report the same number. [Affine] standardises and scales, [Logit]
// opens an interval to the whole line, [Chain] composes.
//
// # Grids
//
// A value v on a grid of step s stands for the cell [v, v+s). [Dequantize]
// draws v + s·u with u uniform on [0, 1). For any density p,
//
//	E p(v + s·u) · s = ∫ p over the cell
//
// so the mean of log p(v + s·u) + log s bounds the log mass of the cell from
// below (Theis, van den Oord and Bethge 2016). [Dequantized] wraps a model of
// real vectors into a model of the discrete events with just that capability:
// it is a surprisal.Bounded and not a surprisal.Density.
package prep
