package kern

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// tapeCase is a random tape with what it works on.
type tapeCase struct {
	code    []TapeCode
	state   []float32 // with padding
	weights [][]float32
}

// newTapeCase makes a tape of so many instructions on a state of n ≥ 4 elements.
// Pushes have chains in the second half of the state and operands in the first.
func newTapeCase(rng *rand.Rand, instructions, n int) *tapeCase {
	c := &tapeCase{state: randomFloats(rng, n+TapePad), weights: [][]float32{randomFloats(rng, 3*n), nil, randomFloats(rng, 40*n)}}
	for i := range c.state {
		if rng.IntN(3) == 0 {
			c.state[i] = float32(math.Copysign(0, rng.NormFloat64()))
		}
	}
	half := n / 2
	for range instructions {
		in := TapeCode{Do: TapeOp(rng.IntN(int(numTape)))}
		switch in.Do {
		case TapePush, TapePushes:
			in.N = int32(rng.IntN(n - half + 1))
			in.Dst = int32(half + rng.IntN(n-half-int(in.N)+1))
			in.K = int32(rng.IntN(half + 1))
			in.A = int32(rng.IntN(half - int(in.K) + 1))
			in.W = int32(2 * rng.IntN(2))
			rest := len(c.weights[in.W]) - int(in.N)
			if in.Do == TapePush {
				in.K, in.A, in.Stride = 0, int32(rng.IntN(half)), int32(rng.IntN(9)) // which is a hint
			} else if in.K > 1 {
				in.Stride = int32(rng.IntN(rest/int(in.K-1) + 1))
				rest -= int(in.K-1) * int(in.Stride)
			}
			in.B = int32(rng.IntN(rest + 1))
		case TapeUnit, TapeReluUnit:
			in.N, in.Dst, in.A, in.B = 1, int32(rng.IntN(n)), int32(rng.IntN(n)), int32(rng.IntN(n))
		default:
			in.N = int32(rng.IntN(n/3 + 1))
			third := n / 3
			in.Dst, in.A, in.B = int32(rng.IntN(third-int(in.N)+1)), int32(third), int32(n-int(in.N))
			if rng.IntN(2) == 0 {
				in.A, in.B = in.Dst, in.Dst
			}
		}
		c.code = append(c.code, in)
	}
	return c
}

// want runs the tape element by element, by the definition.
func (c *tapeCase) want() []float32 {
	s := append([]float32(nil), c.state...)
	for _, in := range c.code {
		for p := range max(in.K, 1) {
			for j := range in.N {
				d, a, b := &s[in.Dst+j], in.A+j, in.B+j
				switch in.Do {
				case TapePush:
					*d = FMA(s[in.A], c.weights[in.W][b], *d)
				case TapePushes:
					if in.K > 0 && s[in.A+p] != 0 {
						*d = FMA(s[in.A+p], c.weights[in.W][b+p*in.Stride], *d)
					}
				case TapeEnd:
					*d = Add.Of(*d, 0)
				case TapeAdd:
					*d = Add.Of(s[a], s[b])
				case TapeRelu:
					*d = Relu.Of(s[a])
				case TapeUnit:
					*d = Add.Of(Add.Of(s[a], 0), s[b])
				case TapeReluUnit:
					*d = Relu.Of(Add.Of(Add.Of(s[a], 0), s[b]))
				}
			}
		}
	}
	return s
}

// check compares every set of kernels with the definition, running the tape in
// two pieces.
func (c *tapeCase) check(t *testing.T, cut int) {
	t.Helper()
	want := c.want()
	var sizes []int
	for _, w := range c.weights {
		sizes = append(sizes, len(w))
	}
	for _, k := range Impls() {
		tape := NewTape(c.code, len(c.state)-TapePad, sizes)
		state, intact := guarded(c.state)
		tape.Bind(state, c.weights)
		k.RunTape(tape, 0, cut)
		k.RunTape(tape, cut, len(c.code))
		if i := firstDiff(state, want); i >= 0 {
			t.Fatalf("%s: after %+v: element %d of %d is %x, want %x", k.Name, c.code, i, len(state), bits(state[i]), bits(want[i]))
		}
		if !intact() {
			t.Fatalf("%s: %+v writes outside the state", k.Name, c.code)
		}
	}
}

// TestTape runs every instruction alone at all small sizes, and long tapes.
func TestTape(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 41))
	for n := 4; n < 200; n++ {
		for range 40 {
			newTapeCase(rng, 1, n).check(t, rng.IntN(2))
		}
		newTapeCase(rng, 60, n).check(t, 23)
	}
	newTapeCase(rng, 0, 8).check(t, 0)
}

// TestTapeEdges has zeros of both signs, subnormals, infinities and NaN among
// the operands, more operands than are gathered at a time, and rows of which
// none is left.
func TestTapeEdges(t *testing.T) {
	rng := rand.New(rand.NewPCG(42, 42))
	odd := []float32{0, float32(math.Copysign(0, -1)), 1e-45, -1e-45, 0x1p-126, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), math.MaxFloat32, 1}
	for range 2000 {
		c := newTapeCase(rng, 1+rng.IntN(4), 150)
		for _, s := range [][]float32{c.state, c.weights[0]} {
			for range len(s) / 4 {
				s[rng.IntN(len(s))] = odd[rng.IntN(len(odd))]
			}
		}
		c.check(t, 0)
	}
	for _, k := range []int32{1, 31, 32, 33, 64, 70} {
		c := newTapeCase(rng, 0, 150)
		c.code = []TapeCode{{Do: TapePushes, Dst: 75, N: 71, K: k, W: 2, Stride: 80}}
		c.check(t, 1)
		clear(c.state[:40])
		c.check(t, 1)
	}
}

// TestTapeRefuses holds that no tape reaches outside of what it is given.
func TestTapeRefuses(t *testing.T) {
	ok := TapeCode{Do: TapePushes, Dst: 5, N: 5, A: 0, K: 3, B: 1, Stride: 7}
	NewTape([]TapeCode{ok}, 10, []int{20})
	for what, change := range map[string]func(c *TapeCode){
		"chains outside":    func(c *TapeCode) { c.N = 6 },
		"chains before":     func(c *TapeCode) { c.Dst = -1 },
		"operands outside":  func(c *TapeCode) { c.A = 8 },
		"operands before":   func(c *TapeCode) { c.A = -1 },
		"operands overlap":  func(c *TapeCode) { c.K = 6 },
		"weights outside":   func(c *TapeCode) { c.B = 2 },
		"weights before":    func(c *TapeCode) { c.B = -1 },
		"a negative stride": func(c *TapeCode) { c.Stride = -1 },
		"no such weights":   func(c *TapeCode) { c.W = 1 },
		"a long unit":       func(c *TapeCode) { c.Do, c.N, c.B = TapeUnit, 2, 0 },
		"a sum outside":     func(c *TapeCode) { c.Do, c.B = TapeAdd, 6 },
		"a sum that moves":  func(c *TapeCode) { c.Do, c.A = TapeAdd, 4 },
		"no operation":      func(c *TapeCode) { c.Do = numTape },
	} {
		c := ok
		change(&c)
		refused(t, what, func() { NewTape([]TapeCode{c}, 10, []int{20}) })
	}
	tape := NewTape([]TapeCode{ok}, 10, []int{20})
	for _, k := range Impls() {
		refused(t, k.Name+": an unbound tape", func() { k.RunTape(tape, 0, 1) })
	}
	refused(t, "a short state", func() { tape.Bind(make([]float32, 17), [][]float32{make([]float32, 20)}) })
	refused(t, "short weights", func() { tape.Bind(make([]float32, 18), [][]float32{make([]float32, 19)}) })
	tape.Bind(make([]float32, 18), [][]float32{make([]float32, 20)})
	for _, k := range Impls() {
		refused(t, k.Name+": too many instructions", func() { k.RunTape(tape, 0, 2) })
	}
}

func refused(t *testing.T, what string, call func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s is taken", what)
		}
	}()
	call()
}

// FuzzTape searches for a tape on which a set of kernels is not what the
// definition is.
func FuzzTape(f *testing.F) {
	f.Add(uint64(1), uint8(3), uint8(40))
	f.Add(uint64(2), uint8(60), uint8(255))
	f.Fuzz(func(t *testing.T, seed uint64, instructions, n uint8) {
		newTapeCase(rand.New(rand.NewPCG(seed, 1)), int(instructions), max(4, int(n))).check(t, int(instructions)/2)
	})
}

// BenchmarkTape is the inside of a masked layer: a value is pushed into 20
// chains, one of them ends and is pushed on.
func BenchmarkTape(b *testing.B) {
	const levels, chains = 64, 20
	var code []TapeCode
	for i := range int32(levels) {
		code = append(code,
			TapeCode{Do: TapePush, Dst: levels + i, N: chains, A: i, B: i * 200, Stride: 200},
			TapeCode{Do: TapeReluUnit, Dst: 300 + i, N: 1, A: levels + i, B: 500},
			TapeCode{Do: TapePush, Dst: 400 + i, N: chains, A: 300 + i, B: i * 200, W: 1, Stride: 200})
	}
	for _, k := range Impls() {
		b.Run(fmt.Sprintf("kern=%s", k.Name), func(b *testing.B) {
			t := NewTape(code, 600, []int{200 * levels, 200 * levels})
			t.Bind(make([]float32, 600+TapePad), [][]float32{make([]float32, 200*levels), make([]float32, 200*levels)})
			for b.Loop() {
				k.RunTape(t, 0, len(code))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(code)), "ns/instruction")
		})
	}
}
