package kern

import "sync"

// UniformBits fills one row with the raw words of [Philox]: word w of the block
// with counter (j, stream, low half of id, high half of id) is element 4j+w.
// Element i depends on (key, id, stream, i) alone, so a row's numbers do not
// depend on its length nor on the batch it stands in.
func (k *Impl) UniformBits(dst []uint32, key [2]uint32, id uint64, stream uint32) {
	j := 0
	for ; len(dst) >= 4; j++ {
		*(*[4]uint32)(dst) = philoxRow(j, key, id, stream)
		dst = dst[4:]
	}
	if len(dst) > 0 {
		w := philoxRow(j, key, id, stream)
		copy(dst, w[:])
	}
}

// Uniform fills one row with uniform numbers, (w>>9 + ½)·2^-23 for each word w
// of [Impl.UniformBits]: the middles of 2^23 equal cells, so 0 < u < 1 strictly,
// and 1-u is as likely as u.
func (k *Impl) Uniform(dst []float32, key [2]uint32, id uint64, stream uint32) {
	j := 0
	for ; len(dst) >= 4; j++ {
		w := philoxRow(j, key, id, stream)
		d := (*[4]float32)(dst)
		d[0], d[1], d[2], d[3] = uniform(w[0]), uniform(w[1]), uniform(w[2]), uniform(w[3])
		dst = dst[4:]
	}
	if len(dst) > 0 {
		w := philoxRow(j, key, id, stream)
		for i := range dst {
			dst[i] = uniform(w[i])
		}
	}
}

func uniform(w uint32) float32 { return (float32(w>>9) + 0.5) * 0x1p-23 }

// normalBlock is how many normals are made at a time, a multiple of 4.
const normalBlock = 512

type normalBuf struct {
	radius, angle, cos [normalBlock / 2]float32
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
		k.normals(dst[:n], b, j, key, id, stream)
		dst = dst[n:]
	}
}

// normals fills dst, at most normalBlock elements, from block j on.
func (k *Impl) normals(dst []float32, b *normalBuf, j int, key [2]uint32, id uint64, stream uint32) {
	for i := 0; 2*i < len(dst); i += 2 {
		w := philoxRow(j+i/2, key, id, stream)
		b.radius[i], b.radius[i+1] = normalRadius(w[0]), normalRadius(w[2])
		b.angle[i], b.angle[i+1] = uniform(w[1])*twoPi, uniform(w[3])*twoPi
	}
	pairs := (len(dst) + 1) / 2
	r, a, c := b.radius[:pairs], b.angle[:pairs], b.cos[:pairs]
	k.Unary(Log, r, r)
	k.BinaryScalar(Mul, r, r, -2, false)
	k.Unary(Sqrt, r, r)
	k.Unary(Cos, c, a)
	k.Unary(Sin, a, a)
	for i := range dst {
		if i%2 == 0 {
			dst[i] = r[i/2] * c[i/2]
		} else {
			dst[i] = r[i/2] * a[i/2]
		}
	}
}

const twoPi = 6.28318548

// normalRadius returns the uniform number in (0, 1] that makes the radius.
func normalRadius(w uint32) float32 { return (float32(w) + 0.5) * 0x1p-32 }
