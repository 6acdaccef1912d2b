package kern

import (
	"math/rand/v2"
	"testing"
)

// Coverage-guided searches for arguments on which a set of kernels differs from
// the portable one or writes outside. Their seeds run with the other tests;
//
//	go test -fuzz FuzzElementwise -fuzztime 10m -parallel 1 ./internal/kern
//
// searches on.

// FuzzElementwise runs an operation, out of place and in place, at any length
// and alignment. The bits in values are among the operands.
func FuzzElementwise(f *testing.F) {
	f.Add(uint8(8), uint16(1), uint8(0), uint64(1), []byte{0, 0, 0x80, 0x3f})
	f.Add(uint8(20), uint16(67), uint8(3), uint64(2), []byte{0, 0, 0xc0, 0xff, 1, 0, 0, 0})
	kernels := elementwiseKernels()
	f.Fuzz(func(t *testing.T, which uint8, n uint16, align uint8, seed uint64, values []byte) {
		e, count := kernels[int(which)%len(kernels)], int(n%1100)
		rng := rand.New(rand.NewPCG(seed, 0))
		in := e.inputs(rng, count)
		for i := 0; i+4 <= len(values) && count > 0 && !e.bool; i += 4 {
			w := uint32(values[i]) | uint32(values[i+1])<<8 | uint32(values[i+2])<<16 | uint32(values[i+3])<<24
			in[rng.IntN(e.in)][rng.IntN(count)] = fromBits(w)
		}
		want := make([]float32, count)
		e.run(Impls()[0], want, in)
		for _, k := range Impls()[1:] {
			for same := -1; same < e.in; same++ { // the input that is dst too
				moved := make([][]float32, e.in)
				for i := range in {
					moved[i], _ = guardedAt(in[i], int(align>>(2*i))%8)
				}
				dst, intact := guardedAt(make([]float32, count), int(align>>6))
				if same >= 0 {
					dst, intact = guardedAt(in[same], int(align)%8)
					moved[same] = dst
				}
				e.run(k, dst, moved)
				if i := firstDiff(dst, want); i >= 0 {
					t.Fatalf("%s: %s of %d, dst is input %d: element %d is %x, want %x", k.Name, e.name, count, same, i, bits(dst[i]), bits(want[i]))
				}
				if !intact() {
					t.Fatalf("%s: %s of %d, dst is input %d: wrote outside", k.Name, e.name, count, same)
				}
			}
		}
	})
}

// guardedAt is guarded, with the slice moved by some elements in memory.
func guardedAt(x []float32, by int) (y []float32, intact func() bool) {
	all, whole := guarded(append(make([]float32, by), x...))
	for i := range by {
		words(all)[i] = guard
	}
	return all[by:], func() bool {
		for _, w := range words(all[:by]) {
			if w != guard {
				return false
			}
		}
		return whole()
	}
}

// FuzzReduce runs sums and maxima over rows, columns and strides.
func FuzzReduce(f *testing.F) {
	f.Add(uint16(3), uint16(129), uint8(1), uint8(0), uint64(1))
	f.Add(uint16(4097), uint16(2), uint8(0), uint8(5), uint64(2))
	f.Fuzz(func(t *testing.T, r, c uint16, pad, align uint8, seed uint64) {
		rows, cols := int(r%9000), int(c%300)
		if rows*cols > 1<<18 {
			rows = 1 << 18 / cols
		}
		stride := cols + int(pad%40)
		x := randomFloats(rand.New(rand.NewPCG(seed, 0)), max(0, (rows-1)*stride+cols))
		if rows == 0 {
			x = nil
		}
		moved, _ := guardedAt(x, int(align%8))
		oracle := Impls()[0]
		for _, k := range Impls()[1:] {
			for name, reduce := range map[string]func(k *Impl, x []float32) float32{
				"Sum": (*Impl).Sum, "MaxReduce": (*Impl).MaxReduce, "MinReduce": (*Impl).MinReduce,
			} {
				if got, want := reduce(k, moved), reduce(oracle, x); firstDiff([]float32{got}, []float32{want}) >= 0 {
					t.Fatalf("%s: %s of %d is %x, want %x", k.Name, name, len(x), bits(got), bits(want))
				}
			}
			for name, reduce := range map[string]func(k *Impl, dst, x []float32, rows, cols, stride int){
				"SumRows": (*Impl).SumRows, "MaxRows": (*Impl).MaxRows,
			} {
				want := make([]float32, cols)
				reduce(oracle, want, x, rows, cols, stride)
				got, intact := guardedAt(make([]float32, cols), int(align>>4))
				reduce(k, got, moved, rows, cols, stride)
				if i := firstDiff(got, want); i >= 0 || !intact() {
					t.Fatalf("%s: %s of %d rows of %d, stride %d: column %d differs, guards intact: %t", k.Name, name, rows, cols, stride, i, intact())
				}
			}
		}
	})
}

// FuzzRandom draws rows of any length.
func FuzzRandom(f *testing.F) {
	f.Add(uint16(33), uint8(1), uint32(0), uint32(0), uint64(0), uint32(0))
	f.Add(uint16(1030), uint8(0), ^uint32(0), uint32(7), ^uint64(0), ^uint32(0))
	f.Fuzz(func(t *testing.T, n uint16, align uint8, key0, key1 uint32, id uint64, stream uint32) {
		count := int(n % 3000)
		key := [2]uint32{key0, key1}
		for name, draw := range map[string]func(k *Impl, dst []float32){
			"UniformBits": func(k *Impl, dst []float32) { k.UniformBits(words(dst), key, id, stream) },
			"Uniform":     func(k *Impl, dst []float32) { k.Uniform(dst, key, id, stream) },
			"Normal":      func(k *Impl, dst []float32) { k.Normal(dst, key, id, stream) },
		} {
			want := make([]float32, count)
			draw(Impls()[0], want)
			for _, k := range Impls()[1:] {
				got, intact := guardedAt(make([]float32, count), int(align%8))
				draw(k, got)
				if i := firstDiff(got, want); i >= 0 || !intact() {
					t.Fatalf("%s: %s of %d: element %d differs, guards intact: %t", k.Name, name, count, i, intact())
				}
			}
		}
	})
}

// tape is a source of randomness that begins with given numbers, so that a
// fuzzer which changes a byte changes one decision.
type tape struct {
	bytes []byte
	then  rand.Source
}

func (s *tape) Uint64() uint64 {
	if len(s.bytes) < 2 {
		return s.then.Uint64()
	}
	x := uint64(s.bytes[0]) | uint64(s.bytes[1])<<8
	s.bytes = s.bytes[2:]
	return x * 0x0001000100010001 // decisions look at high or at low bits
}

func decide(decisions []byte) *rand.Rand {
	return rand.New(&tape{decisions, rand.NewPCG(uint64(len(decisions)), 0)})
}

// FuzzGemmMasked runs products under stairs; the operands, mask and mode follow
// the decisions.
func FuzzGemmMasked(f *testing.F) {
	f.Add(uint8(6), uint16(100), []byte("stairs"))
	f.Add(uint8(200), uint16(520), []byte{0xff, 0xff, 0, 0x80})
	f.Fuzz(func(t *testing.T, m uint8, k uint16, decisions []byte) {
		rows, kk := 1+int(m), 1+int(k%600)
		kk = min(kk, 1+6000/rows) // the definition that it is held to is slow
		g := randomMasked(decide(decisions), rows, kk)
		g.fill()
		for _, k := range Impls() {
			g.check(t, k, new(Scratch))
		}
	})
}

// FuzzConvTile runs tiles of convolutions with offsets that follow the
// decisions.
func FuzzConvTile(f *testing.F) {
	f.Add(uint8(6), uint8(16), uint8(9), uint8(64), []byte("taps"))
	f.Add(uint8(1), uint8(3), uint8(0), uint8(0), []byte{})
	f.Fuzz(func(t *testing.T, rows, cols, segments, k uint8, decisions []byte) {
		c := newConvCase(decide(decisions), 1+int(rows%ConvRows), 1+int(cols%ConvCols), int(segments%12), int(k))
		for _, impl := range Impls() {
			got, intact := guarded(make([]float32, len(c.want)))
			impl.ConvTile(&c.tile, c.cols, c.k, c.a, c.b, got, c.ldc, new(Scratch))
			if i := firstDiff(got, c.want); i >= 0 || !intact() {
				t.Fatalf("%s: %d segments of %d: C[%d] differs, guards intact: %t", impl.Name, len(c.tile.from), c.k, i, intact())
			}
		}
	})
}

// FuzzPush continues chains of any number of lanes.
func FuzzPush(f *testing.F) {
	f.Add(uint8(1), uint8(33), uint8(4), uint8(3), uint64(1))
	f.Add(uint8(0), uint8(70), uint8(1), uint8(0), uint64(2))
	f.Fuzz(func(t *testing.T, eights, n, k, pad uint8, seed uint64) {
		lanes, kk, ldw := max(1, 8*int(eights%10)), int(k%40), int(n)+int(pad)
		rng := rand.New(rand.NewPCG(seed, 0))
		w, x := randomFloats(rng, kk*ldw+int(n)), randomFloats(rng, kk*lanes)
		start := randomFloats(rng, int(n)*lanes)
		want := append([]float32(nil), start...)
		Impls()[0].Push(want, lanes, w, ldw, x)
		for _, impl := range Impls()[1:] {
			got, intact := guarded(start)
			impl.Push(got, lanes, w, ldw, x)
			if i := firstDiff(got, want); i >= 0 || !intact() {
				t.Fatalf("%s: %d chains of %d lanes: %d differs, guards intact: %t", impl.Name, n, lanes, i, intact())
			}
		}
	})
}
