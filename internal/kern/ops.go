package kern

import "fmt"

// UnaryOp is a function of one element, for [Impl.Unary].
//
// Bounds are in units in the last place against the exact value, the largest
// over all float32 inputs that TestUlp visits. Operations without a bound are
// exact or correctly rounded.
type UnaryOp uint8

const (
	Neg    UnaryOp = iota // -x, by the sign bit
	Abs                   // |x|, by the sign bit
	Sign                  // -1 or +1 by sign; ±0 stays as it is
	Floor                 // largest integer ≤ x
	Sqrt                  // √x, correctly rounded; NaN below -0
	Recip                 // 1/x, correctly rounded
	Square                // x·x, correctly rounded
	Relu                  // max(x, +0); NaN stays NaN
	// Exp is e^x, within 1 ulp; 0 below 2^-126, +Inf above the largest float.
	Exp
	// Expm1 is e^x - 1, within 2 ulp, near 0 too; -1 at -Inf.
	Expm1
	// Log is ln x, within 1 ulp; -Inf at ±0, NaN below.
	Log
	// Log1p is ln(1+x), within 2 ulp, near 0 too; -Inf at -1, NaN below.
	Log1p
	// Tanh is tanh x, within 1.5 ulp.
	Tanh
	// Sigmoid is 1/(1+e^-x), within 2 ulp on both tails; 0 below 2^-126.
	Sigmoid
	// Softplus is ln(1+e^x), within 2 ulp on both tails; 0 below 2^-126.
	Softplus
	// Erf is the error function 2/√π ∫₀ˣ e^-t² dt, within 1.5 ulp.
	Erf
	// Sin is sin x in radians, within 2 ulp for |x| ≤ 2^20. Beyond, where the
	// reduction by multiples of π/2 would lose its digits, the result is NaN.
	Sin
	// Cos is cos x in radians, with the bound and range of Sin.
	Cos
	numUnary
)

var unaryNames = [numUnary]string{"Neg", "Abs", "Sign", "Floor", "Sqrt", "Recip", "Square", "Relu",
	"Exp", "Expm1", "Log", "Log1p", "Tanh", "Sigmoid", "Softplus", "Erf", "Sin", "Cos"}

// String returns the operation's name, as in the source.
func (op UnaryOp) String() string {
	if op < numUnary {
		return unaryNames[op]
	}
	return fmt.Sprintf("UnaryOp(%d)", uint8(op))
}

// UnaryOps returns every unary operation.
func UnaryOps() []UnaryOp {
	ops := make([]UnaryOp, numUnary)
	for i := range ops {
		ops[i] = UnaryOp(i)
	}
	return ops
}

// BinaryOp is a function of two elements, for [Impl.Binary] and
// [Impl.BinaryScalar]. Comparisons write boolean words; with a NaN all are
// false but NotEqual.
type BinaryOp uint8

const (
	Add      BinaryOp = iota // x + y
	Sub                      // x - y
	Mul                      // x · y
	Div                      // x / y, correctly rounded
	Max                      // the larger; NaN if either is; max(+0, -0) = +0
	Min                      // the smaller; NaN if either is; min(+0, -0) = -0
	Less                     // x < y, a boolean word
	LessEq                   // x ≤ y, a boolean word
	Equal                    // x = y, a boolean word; +0 equals -0
	NotEqual                 // x ≠ y, a boolean word; true with a NaN
	And                      // bitwise and of the words
	Or                       // bitwise or of the words
	numBinary
)

var binaryNames = [numBinary]string{"Add", "Sub", "Mul", "Div", "Max", "Min",
	"Less", "LessEq", "Equal", "NotEqual", "And", "Or"}

// String returns the operation's name, as in the source.
func (op BinaryOp) String() string {
	if op < numBinary {
		return binaryNames[op]
	}
	return fmt.Sprintf("BinaryOp(%d)", uint8(op))
}

// BinaryOps returns every binary operation.
func BinaryOps() []BinaryOp {
	ops := make([]BinaryOp, numBinary)
	for i := range ops {
		ops[i] = BinaryOp(i)
	}
	return ops
}
