package kern

import (
	"math"
)

// portable is the plain Go implementation: the oracle of the others, and what
// runs where there is no assembly.
func portable() *Impl {
	k := &Impl{
		Name:           "portable",
		sel:            portableSelect,
		not:            func(dst, x []float32) { wordMap(dst, x, func(w uint32) uint32 { return ^w }) },
		boolToFloat:    func(dst, x []float32) { wordMap(dst, x, func(w uint32) uint32 { return w & oneBits }) },
		toFloat:        portableToFloat,
		toInt:          portableToInt,
		fill:           portableFill,
		flush:          portableFlush,
		gate:           portableGate,
		lerp:           portableLerp,
		adam:           portableAdam,
		sum:            portableSum,
		max:            portableMax,
		min:            portableMin,
		sumRows:        portableSumRows,
		maxRows:        portableMaxRows,
		dot:            portableDot,
		mulAdd:         portableMulAdd,
		transpose:      portableTranspose,
		spread:         portableSpread,
		gemm:           portableGemm,
		columns:        portableColumnsGemm,
		pack:           portablePack,
		push:           portablePush,
		tape:           goTape,
		convTile:       portableConvTile,
		convPairs:      portableConvPairs,
		convDepth:      portableConvDepth,
		convDepthPairs: portableConvDepthPairs,
		philox:         portablePhilox,
		uniform:        portableUniform,

		softplusSigmoid: portableSoftplusSigmoid,
	}
	for op, f := range unaryFuncs {
		k.unary[op] = func(dst, x []float32) {
			for i, v := range x {
				dst[i] = f(v)
			}
		}
	}
	for op, f := range binaryFuncs {
		k.binary[op] = func(dst, x, y []float32) {
			for i, v := range x {
				dst[i] = f(v, y[i])
			}
		}
		k.scalarRight[op] = func(dst, x []float32, s float32) {
			for i, v := range x {
				dst[i] = f(v, s)
			}
		}
		k.scalarLeft[op] = func(dst, x []float32, s float32) {
			for i, v := range x {
				dst[i] = f(s, v)
			}
		}
	}
	return k
}

var unaryFuncs = [numUnary]func(x float32) float32{
	Neg:      func(x float32) float32 { return fromBits(bits(x) ^ signBit) },
	Abs:      abs,
	Sign:     sign,
	Floor:    func(x float32) float32 { return float32(math.Floor(float64(x))) },
	Sqrt:     sqrt,
	Recip:    func(x float32) float32 { return 1 / x },
	Square:   func(x float32) float32 { return x * x },
	Relu:     func(x float32) float32 { return max(x, 0) },
	Exp:      exp,
	Expm1:    expm1,
	Log:      log,
	Log1p:    log1p,
	Tanh:     tanh,
	Sigmoid:  sigmoid,
	Softplus: softplus,
	Erf:      erf,
	Sin:      sin,
	Cos:      cos,
}

var binaryFuncs = [numBinary]func(x, y float32) float32{
	Add:      func(x, y float32) float32 { return x + y },
	Sub:      func(x, y float32) float32 { return x - y },
	Mul:      func(x, y float32) float32 { return x * y },
	Div:      func(x, y float32) float32 { return x / y },
	Max:      func(x, y float32) float32 { return max(x, y) },
	Min:      func(x, y float32) float32 { return min(x, y) },
	Less:     func(x, y float32) float32 { return word(x < y) },
	LessEq:   func(x, y float32) float32 { return word(x <= y) },
	Equal:    func(x, y float32) float32 { return word(x == y) },
	NotEqual: func(x, y float32) float32 { return word(x != y) },
	And:      func(x, y float32) float32 { return fromBits(bits(x) & bits(y)) },
	Or:       func(x, y float32) float32 { return fromBits(bits(x) | bits(y)) },
}

const (
	signBit = 1 << 31
	oneBits = 0x3f800000
	allBits = 1<<32 - 1
)

var inf = float32(math.Inf(1))

func bits(x float32) uint32     { return math.Float32bits(x) }
func fromBits(w uint32) float32 { return math.Float32frombits(w) }
func abs(x float32) float32     { return fromBits(bits(x) &^ signBit) }
func sqrt(x float32) float32    { return float32(math.Sqrt(float64(x))) }
func nan() float32              { return fromBits(0x7fc00000) }

// withSign returns x with the sign bit of s set in it: x must not be negative.
func withSign(x, s float32) float32 { return fromBits(bits(x) | bits(s)&signBit) }

func sign(x float32) float32 {
	if x < 0 || x > 0 {
		return withSign(1, x)
	}
	return x
}

// word returns the boolean word of b.
func word(b bool) float32 {
	if b {
		return fromBits(allBits)
	}
	return 0
}

func wordMap(dst, x []float32, f func(uint32) uint32) {
	d := words(dst)
	for i, w := range words(x) {
		d[i] = f(w)
	}
}

func portableSelect(dst, cond, x, y []float32) {
	d, xs, ys := words(dst), words(x), words(y)
	for i, c := range words(cond) {
		if c&signBit != 0 {
			d[i] = xs[i]
		} else {
			d[i] = ys[i]
		}
	}
}

func portableToFloat(dst []float32, x []int32) {
	for i, v := range x {
		dst[i] = float32(v)
	}
}

// portableToInt spells the ends out, because Go leaves them to the machine.
func portableToInt(dst []int32, x []float32) {
	for i, v := range x {
		switch {
		case v != v:
			dst[i] = 0
		case v >= 1<<31:
			dst[i] = math.MaxInt32
		case v < -1<<31:
			dst[i] = math.MinInt32
		default:
			dst[i] = int32(v)
		}
	}
}

func portableFill(dst []float32, v float32) {
	w, d := bits(v), words(dst)
	for i := range d {
		d[i] = w
	}
}
