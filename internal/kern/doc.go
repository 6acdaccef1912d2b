// Package kern holds the float32 kernels under engine/cpu: products,
// elementwise mathematics, reductions and counter-based random numbers. Each
// kernel has a portable twin in plain Go and, where the machine allows,
// assembly; all give the same bits.
//
// # Use
//
// An [Impl] is one set of kernels. [Default] is the fastest that this machine
// runs; [Impls] lists all that it runs, portable first, so that tests can
// compare them. SURPRISAL_KERN=portable (or avx2,
// avx512, neon) in the environment overrides the choice, and the build tag noasm
// leaves assembly out.
//
//	k := kern.Default
//	k.Unary(kern.Exp, dst, x)
//	k.Gemm(m, n, p, a, p, 1, b, n, 1, c, n, kern.GemmSet, &scratch)
//
// The methods may be called from several goroutines at once. They allocate
// nothing in the steady state and are meant for blocks that stay in the first
// cache, a few thousand elements, save for the products, which block
// themselves.
//
// # Numerics
//
// Every result is a function of the arguments alone: the same on every
// instruction set, for every way of cutting rows and columns among callers,
// and under every GOAMD64. [Version] names these bits. In detail:
//
//   - Add, multiply, divide and square root are IEEE 754 single precision,
//     rounded to nearest even. A multiplication and an addition are never
//     contracted. There are no approximate reciprocals.
//   - Exp, Log and the others are polynomials of our own, written with
//     explicit fused multiply-adds ([FMA] in Go); bounds stand at each
//     [UnaryOp]. Over every float32 (see TestUlp) the errors reach, in ulp,
//     0.89 Exp, 0.96 Log, 1.08 Erf, 1.36 Tanh, 1.48 Log1p, 1.50 Expm1,
//     1.65 Sigmoid, 1.67 Sin, 1.81 Cos and 1.87 Softplus.
//   - Subnormals are honoured, never flushed. Exp and Sigmoid return 0 where
//     the result would lie below 2^-126, so that they never make one.
//   - NaN propagates, through Max, Min, Relu and the reductions as well. Which
//     NaN comes out is not defined: all NaNs count as equal.
//   - The maximum of +0 and -0 is +0, their minimum is -0.
//
// Sums have one order, stated at [Impl.Sum], [Impl.SumRows], [Impl.Gemm],
// [Impl.ConvTile] and [Impl.ConvWeights].
//
// # Booleans
//
// A boolean is a 4-byte word in []float32 memory: 0 is false and 0xFFFFFFFF is
// true. True is the pattern of a NaN, so it is copied, combined by [And] and
// [Or], consumed by [Impl.Select] and [Impl.BoolToFloat], and never an operand
// of arithmetic.
//
// # Memory
//
// Elementwise kernels write exactly len(dst) elements. Inputs must be at least
// as long, or the kernel panics. dst may be the same slice as an input;
// slices that overlap in another way give undefined values. No kernel reads or
// writes outside the slices it is given.
package kern

// Version names the numerics of this package. It changes whenever any kernel
// gives another bit for any input.
const Version = "1"
