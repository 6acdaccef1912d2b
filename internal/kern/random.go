package kern

import (
	"sync"
	"unsafe"
)

// UniformBits fills one row with the raw words of [Philox]: word w of the block
// with counter (j, stream, low half of id, high half of id) is element 4j+w.
// Element i depends on (key, id, stream, i) alone, so a row's numbers do not
// depend on its length nor on the batch it stands in.
func (k *Impl) UniformBits(dst []uint32, key [2]uint32, id uint64, stream uint32) {
	k.philox(dst, rowCounter(0, id, stream), key)
}

// Uniform fills one row with uniform numbers, (w>>9 + ½)·2^-23 for each word w
// of [Impl.UniformBits]: the middles of 2^23 equal cells, so 0 < u < 1 strictly,
// and 1-u is as likely as u.
func (k *Impl) Uniform(dst []float32, key [2]uint32, id uint64, stream uint32) {
	w := words(dst)
	k.philox(w, rowCounter(0, id, stream), key)
	k.uniform(dst, w)
}

// rowCounter is the counter of block j of the row called id and stream.
func rowCounter(j int, id uint64, stream uint32) [4]uint32 {
	return [4]uint32{uint32(j), stream, uint32(id), uint32(id >> 32)}
}

// normalBlock is how many normals are made at a time, a multiple of 4.
const normalBlock = 512

type normalBuf struct {
	words                   [normalBlock]uint32
	radius, angle, cos, sin [normalBlock / 2]float32
}

var normalBufs = sync.Pool{New: func() any { return new(normalBuf) }}

// Normal fills one row with standard normal numbers by the method of Box and
// Muller. Words w0, w1 of [Impl.UniformBits] make elements 2i and 2i+1:
//
//	r = √(-2 ln((w0 + ½)·2^-32))    θ = 2π·(w1>>9 + ½)·2^-23
//	z0 = r cos θ                    z1 = r sin θ
//
// in float32, with this package's Log, Sqrt, Cos and Sin. All 32 bits go into
// the radius, so the tails reach 6.7 standard deviations.
func (k *Impl) Normal(dst []float32, key [2]uint32, id uint64, stream uint32) {
	b := normalBufs.Get().(*normalBuf)
	defer normalBufs.Put(b)
	for j := 0; len(dst) > 0; j += normalBlock / 4 {
		n := min(len(dst), normalBlock)
		k.philox(b.words[:(n+3)&^3], rowCounter(j, id, stream), key)
		k.normals(dst[:n], b)
		dst = dst[n:]
	}
}

// normals makes up to normalBlock normals of the words in b.
func (k *Impl) normals(dst []float32, b *normalBuf) {
	pairs := (len(dst) + 1) / 2
	r, a, c, s := b.radius[:pairs], b.angle[:pairs], b.cos[:pairs], b.sin[:pairs]
	for i := range r {
		r[i] = normalRadius(b.words[2*i])
		a[i] = uniform(b.words[2*i+1])
	}
	k.Unary(Log, r, r)
	k.BinaryScalar(Mul, r, r, -2, false)
	k.Unary(Sqrt, r, r)
	k.BinaryScalar(Mul, a, a, twoPi, false)
	k.Unary(Cos, c, a)
	k.Unary(Sin, s, a)
	k.Binary(Mul, c, c, r)
	k.Binary(Mul, s, s, r)
	for i := range len(dst) / 2 {
		dst[2*i], dst[2*i+1] = c[i], s[i]
	}
	if len(dst)%2 == 1 {
		dst[len(dst)-1] = c[pairs-1]
	}
}

const twoPi = 6.28318548

// uniform returns the number of Uniform for the word w.
func uniform(w uint32) float32 { return (float32(w>>9) + 0.5) * 0x1p-23 }

// normalRadius returns the uniform number in (0, 1] that makes the radius.
func normalRadius(w uint32) float32 { return (float32(w) + 0.5) * 0x1p-32 }

// portablePhilox fills dst with blocks from ctr on.
func portablePhilox(dst []uint32, ctr [4]uint32, key [2]uint32) {
	for ; len(dst) >= 4; ctr[0]++ {
		*(*[4]uint32)(dst) = Philox(ctr, key)
		dst = dst[4:]
	}
	if len(dst) > 0 {
		w := Philox(ctr, key)
		copy(dst, w[:])
	}
}

// portableUniform sets dst[i] to the number of the word w[i]. The two may be
// the same memory.
func portableUniform(dst []float32, w []uint32) {
	for i, v := range w {
		dst[i] = uniform(v)
	}
}

// words views x as raw words.
func words(x []float32) []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}
