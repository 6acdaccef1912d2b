package kern

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"testing"
)

// golden holds the hash of every kernel's output on fixed inputs: the numerics
// that Version names. It must be the same on every machine and build. When a
// bit is changed on purpose, raise Version and put in what the test prints.
var golden = map[string]uint64{
	"Abs":              0x81c8bdc62393465d,
	"Add":              0x7f4346018662efef,
	"Adam/decay=false": 0x0d1f5b4bc393b6e9,
	"Adam/decay=true":  0x50f48acae9936aac,
	"And":              0x2eaa7b8f087e1cb8,
	"BoolToFloat":      0x19ea627e3fdd1058,
	"Cos":              0xc98594fe23b93dee,
	"Div":              0x69a137e6a09527d7,
	"Equal":            0x66daa27e569ba545,
	"Erf":              0x5173798b2dca46d0,
	"Exp":              0xa6acc3b0ee2cfb4e,
	"Expm1":            0xf5442f31de4cd6ad,
	"Floor":            0xcc20af2980dd246f,
	"Flush":            0x823c5e1c6a4d56f8,
	"Gate":             0x4700dd73b9b6e172,
	"GemmAdd":          0x5ca567a21b4489ad,
	"GemmContinue":     0x0182c690c8440d8c,
	"GemmSet":          0x3dab766205f807ad,
	"IntAndBack":       0x08e19a49ea2c2d6f,
	"Lerp":             0x198d66de07cc777f,
	"Less":             0x6d77cbaf7353fc18,
	"LessEq":           0x5f7b0d05d97857e8,
	"Log":              0x38854994d63d5e35,
	"Log1p":            0x0cb15e44cf52a539,
	"Max":              0xae7dfcad6e0c010d,
	"Min":              0xb8cb5d95e204c760,
	"Mul":              0x1cd6a4f93121ea1f,
	"Neg":              0x2e0248c0b4507c97,
	"Normal":           0xe3fe8e9d73a4531c,
	"Not":              0x6f26f2aa93c66885,
	"NotEqual":         0x23edb6729439ae85,
	"Or":               0x68d5cabd8cf426fd,
	"Recip":            0x2a284d5cdf8faac6,
	"Reduce":           0x7fea4e1904996a9f,
	"Relu":             0x71a781ed7e05d304,
	"Rows":             0xc346eeae27cb38a7,
	"Select":           0xdf19ddf2a32b1120,
	"Sigmoid":          0x33fe92d03d631486,
	"Sign":             0x07468da2f7fd2d55,
	"Sin":              0x94ebd49d52e6a9ae,
	"Softplus":         0x6bcdb30518a61d7e,
	"Sqrt":             0x4d52d01ca9faf403,
	"Square":           0x451c2a1e019a0b30,
	"Sub":              0xbee5894a2ff698b4,
	"Tanh":             0x7bab2022e4c9f173,
	"Uniform":          0x6f512638537e97c0,
}

// goldenHash folds words into a hash, all NaNs as one.
func goldenHash(x []float32) uint64 {
	h := fnv.New64a()
	for _, v := range x {
		w := bits(v)
		if v != v {
			w = 0x7fc00000
		}
		h.Write([]byte{byte(w), byte(w >> 8), byte(w >> 16), byte(w >> 24)})
	}
	return h.Sum64()
}

func TestGolden(t *testing.T) {
	for _, k := range Impls() {
		got := goldenOutputs(k)
		for name, x := range got {
			if h := goldenHash(x); h != golden[name] {
				t.Errorf("%s: %q: %#016x,", k.Name, name, h)
			}
		}
		if len(got) != len(golden) {
			t.Errorf("%s: %d kernels, want %d", k.Name, len(got), len(golden))
		}
	}
}

func goldenOutputs(k *Impl) map[string][]float32 {
	out := map[string][]float32{}
	rng := rand.New(rand.NewPCG(2024, 1))
	const n = 5003
	for _, e := range elementwiseKernels() {
		in := e.inputs(rng, n)
		out[e.name] = make([]float32, n)
		e.run(k, out[e.name], in)
	}
	out["IntAndBack"] = make([]float32, n)
	ints := make([]int32, n)
	k.FloatToInt32(ints, randomFloats(rng, n))
	k.Int32ToFloat(out["IntAndBack"], ints)

	ordinary := make([]float32, 3*n)
	for i := range ordinary {
		ordinary[i] = (rng.Float32() - 0.5) * float32(int(1)<<rng.IntN(20))
	}
	out["Reduce"] = []float32{k.Sum(ordinary), k.MaxReduce(ordinary), k.MinReduce(ordinary)}
	rows := make([]float32, 2*17)
	k.SumRows(rows, ordinary, n*3/17, 17, 17)
	k.MaxRows(rows[17:], ordinary, n*3/17, 17, 17)
	out["Rows"] = rows

	for mode, name := range []string{"GemmSet", "GemmContinue", "GemmAdd"} {
		g := gemmCase{m: 37, n: 53, k: 300, ta: mode == 1, tb: mode == 2, mode: GemmMode(mode)}
		g.seed = uint64(mode)
		g.operands()
		var s Scratch
		k.Gemm(g.m, g.n, g.k, g.a, g.rsa, g.csa, g.b, g.rsb, g.csb, g.c, g.ldc, g.mode, &s)
		out[name] = g.c
	}
	out["Uniform"], out["Normal"] = make([]float32, n), make([]float32, n)
	k.Uniform(out["Uniform"], [2]uint32{5, 6}, 1<<40+7, 8)
	k.Normal(out["Normal"], [2]uint32{5, 6}, 1<<40+7, 8)
	for _, e := range fusedKernels() {
		in := e.inputs(rng, n)
		out[e.name] = make([]float32, n)
		e.run(k, out[e.name], in)
	}
	for _, decayed := range []bool{false, true} {
		var x [4][]float32
		for i := range x {
			x[i] = randomFloats(rng, n)
		}
		k.Unary(Abs, x[2], x[2])
		s := ordinaryAdam
		s.Decay, s.Decayed = 0.01, decayed
		k.Adam(x[0], x[1], x[2], x[3], s)
		out[fmt.Sprint("Adam/decay=", decayed)] = slices.Concat(x[:3]...)
	}
	return out
}
