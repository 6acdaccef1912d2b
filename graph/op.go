package graph

// Op is an operation.
type Op uint8

// Operations. Elementwise ones work on operands of one shape.
const (
	// Leaves.
	OpInput     Op = iota // fed by name
	OpParam               // read from the store by name
	OpConst               // known when built
	OpBatchSize           // the number of events, a scalar

	// Elementwise, one operand.
	OpNeg
	OpAbs
	OpSign
	OpFloor
	OpSqrt
	OpRecip
	OpExp
	OpExpm1
	OpLog
	OpLog1p
	OpTanh
	OpSigmoid
	OpSoftplus
	OpErf
	OpSin
	OpCos
	OpRelu
	OpSquare
	OpNot          // bool
	OpToFloat      // bool, i32 or u32 to f32
	OpStopGradient // identity whose gradient is zero

	// Elementwise, two operands.
	OpAdd
	OpSub
	OpMul
	OpDiv
	OpMax
	OpMin
	OpLess // the comparisons and logic give bool
	OpLessEq
	OpEqual
	OpNotEqual
	OpAnd
	OpOr

	// Elementwise, three operands: condition, then, else.
	OpWhere

	// Moving data.
	OpBroadcast
	OpReshape
	OpTranspose
	OpSlice
	OpPad
	OpConcat
	OpTake
	OpPutAdd
	OpOneHot
	OpGather
	OpScatterRows

	// Reductions.
	OpSum
	OpReduceMax

	// Products.
	OpMatMul
	OpOuter
	OpBatchMatMul

	// Coarse operations, with a decomposition.
	OpLogSumExp
	OpSoftmax
	OpLayerNorm
	OpLayerNormGrad   // the gradient by what is normalised
	OpLayerNormParams // the gradients by gain and bias
	OpAttention
	OpAttentionGrad
	OpConv       // images, weights
	OpConvInput  // result, weights: the adjoint by the images
	OpConvWeight // images, result: the adjoint by the weights

	// Randomness.
	OpUniform
	OpNormal

	NumOps
)

var opNames = [NumOps]string{
	"input", "param", "const", "batchsize",
	"neg", "abs", "sign", "floor", "sqrt", "recip", "exp", "expm1", "log", "log1p", "tanh", "sigmoid", "softplus",
	"erf", "sin", "cos", "relu", "square", "not", "tofloat", "stopgradient",
	"add", "sub", "mul", "div", "max", "min", "less", "lesseq", "equal", "notequal", "and", "or",
	"where",
	"broadcast", "reshape", "transpose", "slice", "pad", "concat", "take", "putadd", "onehot", "gather", "scatterrows",
	"sum", "reducemax",
	"matmul", "outer", "batchmatmul",
	"logsumexp", "softmax", "layernorm", "layernormgrad", "layernormparams", "attention", "attentiongrad",
	"conv", "convinput", "convweight",
	"uniform", "normal",
}

// String returns the operation's name in lower case.
func (o Op) String() string { return opNames[o] }

// Elementwise reports whether the operation works element by element on
// operands of one shape.
func (o Op) Elementwise() bool { return o >= OpNeg && o <= OpWhere }
