package kern

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"unsafe"
)

// fenced returns a copy of x that ends where an unreadable page begins: a
// kernel that reads too far dies there.
func fenced(t *testing.T, x []float32) []float32 {
	t.Helper()
	page := syscall.Getpagesize()
	size := (4*len(x)+page-1)/page*page + page
	mem, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(mem) })
	if err := syscall.Mprotect(mem[size-page:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	if len(x) == 0 {
		return nil
	}
	y := unsafe.Slice((*float32)(unsafe.Pointer(&mem[size-page-4*len(x)])), len(x))
	copy(y, x)
	return y
}

// fencedBefore returns a copy of x that begins where an unreadable page ends.
func fencedBefore(t *testing.T, x []float32) []float32 {
	t.Helper()
	page := syscall.Getpagesize()
	mem, err := syscall.Mmap(-1, 0, page+4*len(x), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(mem) })
	if err := syscall.Mprotect(mem[:page], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	if len(x) == 0 {
		return nil
	}
	y := unsafe.Slice((*float32)(unsafe.Pointer(&mem[page])), len(x))
	copy(y, x)
	return y
}

func TestFence(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 21))
	for n := range 40 {
		for _, e := range append(elementwiseKernels(), fusedKernels()...) {
			in := e.inputs(rng, n)
			for i := range in {
				in[i] = fenced(t, in[i])
			}
			dst := fenced(t, make([]float32, n))
			for _, k := range Impls() {
				e.run(k, dst, in)
			}
		}
	}
	for n := range 70 {
		x := fenced(t, randomFloats(rng, n))
		rows := fenced(t, randomFloats(rng, 19*n))
		dst := fenced(t, make([]float32, n))
		for _, k := range Impls() {
			k.Sum(x)
			k.MaxReduce(x)
			k.MinReduce(x)
			k.SumRows(dst, rows, 19, n, n)
			k.MaxRows(dst, rows, 19, n, n)
			k.Uniform(dst, [2]uint32{}, 1, 2)
			k.Normal(dst, [2]uint32{}, 1, 2)
			k.FloatToInt32(unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(dst))), n), x)
		}
	}
}

func TestFenceGemm(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 22))
	for range 150 {
		g := gemmCase{m: 1 + rng.IntN(40), n: 1 + rng.IntN(110), k: 1 + rng.IntN(40), ta: rng.IntN(2) == 0, tb: rng.IntN(2) == 0,
			pad: rng.IntN(3), mode: GemmMode(rng.IntN(3)), seed: rng.Uint64()}
		if rng.IntN(4) == 0 {
			g.m, g.k = 1+rng.IntN(7), 300
		}
		g.fill()
		g.a, g.b = fenced(t, g.a), fenced(t, g.b)
		for _, k := range Impls() {
			c := fenced(t, g.c)
			k.Gemm(g.m, g.n, g.k, g.a, g.rsa, g.csa, g.b, g.rsb, g.csb, c, g.ldc, g.mode, new(Scratch))
			if i := firstDiff(c, g.w); i >= 0 {
				t.Fatalf("%s: %v: C[%d] = %x, want %x", k.Name, &g, i, bits(c[i]), bits(g.w[i]))
			}
		}
	}
}

func TestFencePush(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 23))
	for _, lanes := range []int{1, 8, 40} {
		for n := 1; n < 70; n++ {
			dst, w := fenced(t, randomFloats(rng, n*lanes)), fenced(t, randomFloats(rng, 3*n))
			x := fenced(t, randomFloats(rng, 3*lanes))
			for _, k := range Impls() {
				k.Push(dst, lanes, w, n, x)
			}
		}
	}
}

func TestFenceConv(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 23))
	for range 150 {
		rows, cols, k := 1+rng.IntN(ConvRows), 1+rng.IntN(ConvCols), 1+rng.IntN(9)
		c := newConvCase(rng, rows, cols, 1+rng.IntN(4), k)
		a, b := fenced(t, c.a), fenced(t, c.b)
		for _, impl := range Impls() {
			impl.ConvTile(&c.tile, cols, k, a, b, fenced(t, c.want), c.ldc, &Scratch{})
		}
		rows, cols = 1+rng.IntN(14), 1+rng.IntN(80)
		a, b = fenced(t, convFloats(rng, rows)), fenced(t, convFloats(rng, cols))
		pairs := NewConvPairs(make([]int32, 2*(1+rng.IntN(9))))
		for _, impl := range Impls() {
			impl.ConvWeights(&pairs, 0, len(pairs.at)/2, rows, cols, a, b, fenced(t, make([]float32, rows*cols)), cols, true)
		}
	}
}

func TestFenceInPlace(t *testing.T) {
	rng := rand.New(rand.NewPCG(24, 24))
	copied := func(x []float32) ([]float32, func() bool) { return fenced(t, x), func() bool { return true } }
	for rows := range 40 {
		newColumnsCase(rng, rows, max(rows-rng.IntN(20), 0)).run(t, copied)
		newColumnsProduct(rng, 1+rng.IntN(40), 1+rng.IntN(40)).run(t, copied)
		for _, k := range Impls() {
			k.Spread(fenced(t, make([]float32, 5*rows)), fenced(t, make([]float32, 5)), rows)
		}
		newDepthCase(rng, 1+rows%ConvRows, 1+rng.IntN(150), rng.IntN(10)).run(t, copied)
	}
}

func TestChoose(t *testing.T) {
	for _, k := range Impls() {
		if choose(k.Name) != k {
			t.Errorf("SURPRISAL_KERN=%s does not choose it", k.Name)
		}
	}
	defer func() {
		if r := fmt.Sprint(recover()); r == "<nil>" {
			t.Error("an unknown name is taken")
		}
	}()
	choose("abacus")
}

func TestFenceTape(t *testing.T) {
	rng := rand.New(rand.NewPCG(24, 24))
	for n := 4; n < 120; n++ {
		for _, fence := range []func(*testing.T, []float32) []float32{fenced, fencedBefore} {
			c := newTapeCase(rng, 30, n)
			for i := range c.code {
				if in := &c.code[i]; in.Do <= TapePushes && rng.IntN(2) == 0 {
					in.B = 0
				}
			}
			for i := range c.weights {
				c.weights[i] = fence(t, c.weights[i])
			}
			state := fence(t, c.state)
			tape := NewTape(c.code, n, []int{3 * n, 0, 40 * n})
			tape.Bind(state, c.weights)
			for _, k := range Impls() {
				k.RunTape(tape, 0, len(c.code))
			}
		}
	}
}
