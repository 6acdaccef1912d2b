// Package fmath holds the elementary and special functions of float64 that
// must give the same bits on every machine: what is drawn for a data set,
// preprocessed, or summed over events may not depend on the processor.
//
// The functions of package math do not promise that: some are assembly on some
// machines, and the compiler may fuse x*y + z into one rounding on arm64 and
// under GOAMD64=v3. Here every function is plain Go over the operations that
// IEEE 754 rounds exactly (add, multiply, divide, square root, fused
// multiply-add, scaling by powers of two). Where a product meets a sum, either
// math.FMA says that they round once, or a conversion float64(x*y) says that
// they round twice; nothing is left to the compiler.
//
// Accuracy: at most 2 units in the last place for the elementary functions and
// about 1e-15 relative for the normal distribution's, tails included; the
// tests hold them against 400-bit arithmetic. A domain error gives NaN, as in
// package math.
package fmath
