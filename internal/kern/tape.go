package kern

import "fmt"

// A Tape is a list of instructions on single elements of a state, for programs
// that have so little to do at a time that a call of a kernel for each operation
// would take longer than the operations. What they reach has been checked once
// for all runs: the instructions by [NewTape], what they work on by [Tape.Bind].
type Tape struct {
	code  []TapeCode
	state int   // elements that it uses
	sizes []int // of the arrays of weights

	bound   []TapeCode // code, once there is something to work on
	mem     []float32
	weights [][]float32
}

// TapeOp is what an instruction does.
type TapeOp int32

const (
	// TapePush continues the chains Dst … Dst+N−1 by operand A:
	// dst(j) = fma(x, weights[W][B+j], dst(j)).
	TapePush TapeOp = iota
	// TapePushes does so with operands A … A+K−1 one after the other, those that
	// are 0 left out: dst(j) = fma(x(p), weights[W][B+p·Stride+j], dst(j)).
	TapePushes
	// TapeEnd adds the +0 that ends chains: dst(j) += 0.
	TapeEnd
	// TapeAdd is dst(j) = a(j) + b(j).
	TapeAdd
	// TapeRelu is dst(j) = [Relu] of a(j).
	TapeRelu
	// TapeUnit ends a chain without a trace of that, and adds b: of one element,
	// dst = (a + 0) + b.
	TapeUnit
	// TapeReluUnit is dst = [Relu] of (a + 0) + b, of one element.
	TapeReluUnit
	numTape
)

// TapeCode is an instruction. Dst, A and B are places in the state, or B one in
// an array of weights. Dst must not overlap the operands of a push, and
// elsewhere is A or B, or overlaps neither.
type TapeCode struct {
	Do           TapeOp
	Dst, N, A, K int32
	B, W, Stride int32
}

// TapePad is the number of elements that a state has beyond those that a tape
// works on. They keep their values.
const TapePad = 8

// NewTape makes a tape for a state of that many elements, the padding not
// counted, and arrays of weights of at least the given sizes. It panics if an
// instruction reaches outside of them.
func NewTape(code []TapeCode, state int, weights []int) *Tape {
	for i := range code {
		if !code[i].fits(state, weights) {
			panic(fmt.Sprintf("kern: NewTape: instruction %d, %+v: it reaches outside a state of %d elements and weights of %v, or overlaps", i, code[i], state, weights))
		}
	}
	return &Tape{code: append([]TapeCode(nil), code...), state: state, sizes: append([]int(nil), weights...)}
}

// Bind gives the tape what it works on: a state with padding and arrays of
// weights of at least the sizes that it was made for. It panics if they are
// smaller.
func (t *Tape) Bind(state []float32, weights [][]float32) {
	if len(state) < t.state+TapePad || len(weights) < len(t.sizes) {
		panic(fmt.Sprintf("kern: Tape.Bind: a state of %d elements and %d arrays of weights, want %d+%d and %d", len(state), len(weights), t.state, TapePad, len(t.sizes)))
	}
	for i, n := range t.sizes {
		if len(weights[i]) < n {
			panic(fmt.Sprintf("kern: Tape.Bind: %d weights in array %d, want %d", len(weights[i]), i, n))
		}
	}
	t.bound, t.mem, t.weights = t.code, state, append(t.weights[:0], weights...)
}

func (c *TapeCode) fits(state int, weights []int) bool {
	in := func(at, n int32) bool { return at >= 0 && n >= 0 && int(at)+int(n) <= state }
	apart := func(at, n int32) bool { return at >= c.Dst+c.N || at+n <= c.Dst }
	if !in(c.Dst, c.N) {
		return false
	}
	switch c.Do {
	case TapePush, TapePushes:
		k := c.K
		if c.Do == TapePush {
			k = 1
		}
		if !in(c.A, k) || !apart(c.A, k) || c.W < 0 || int(c.W) >= len(weights) || c.B < 0 || c.Stride < 0 {
			return false
		}
		return int(c.B)+int(max(k-1, 0))*int(c.Stride)+int(c.N) <= weights[c.W]
	case TapeEnd:
		return true
	case TapeRelu:
		return in(c.A, c.N) && (c.A == c.Dst || apart(c.A, c.N))
	case TapeAdd, TapeUnit, TapeReluUnit:
		return in(c.A, c.N) && in(c.B, c.N) && (c.A == c.Dst || apart(c.A, c.N)) && (c.B == c.Dst || apart(c.B, c.N)) && (c.Do == TapeAdd || c.N == 1)
	}
	return false
}

// RunTape runs instructions lo … hi−1 of a tape that is bound.
func (k *Impl) RunTape(t *Tape, lo, hi int) { k.tape(k, t, lo, hi) }

// goTape runs instructions by the other kernels of k.
func goTape(k *Impl, t *Tape, lo, hi int) {
	code, state, weights := t.bound[lo:hi], t.mem, t.weights
	for i := range code {
		c := &code[i]
		dst := state[c.Dst:][:c.N]
		switch c.Do {
		case TapePush:
			k.Push(dst, 1, weights[c.W][c.B:], 0, state[c.A:c.A+1])
		case TapePushes:
			for p, x := range state[c.A : c.A+c.K] {
				if x != 0 {
					k.Push(dst, 1, weights[c.W][int(c.B)+p*int(c.Stride):], 0, state[int(c.A)+p:][:1])
				}
			}
		case TapeEnd:
			for j := range dst {
				dst[j] += 0 // makes +0 of −0
			}
		case TapeAdd:
			for j := range dst {
				dst[j] = state[int(c.A)+j] + state[int(c.B)+j]
			}
		case TapeRelu:
			for j := range dst {
				dst[j] = max(state[int(c.A)+j], 0)
			}
		case TapeUnit:
			dst[0] = (state[c.A] + 0) + state[c.B]
		case TapeReluUnit:
			dst[0] = max((state[c.A]+0)+state[c.B], 0)
		}
	}
}
