package kern

import (
	"math"
)

// Flush sets dst[i] to +0 where |x[i]| < least and to x[i] elsewhere, bit for
// bit.
func (k *Impl) Flush(dst, x []float32, least float32) { k.flush(dst, x[:len(dst)], least) }

// Gate sets dst[i] to g[i] where x[i] > 0 and to +0 elsewhere: the gradient of
// [Relu].
func (k *Impl) Gate(dst, x, g []float32) { k.gate(dst, x[:len(dst)], g[:len(dst)]) }

// Lerp sets dst[i] = x[i] + t·(y[i] − x[i]), every operation rounded.
func (k *Impl) Lerp(dst, x, y []float32, t float32) {
	k.lerp(dst, x[:len(dst)], y[:len(dst)], t)
}

// SoftplusSigmoid sets p[i] to [Softplus] and s[i] to [Sigmoid] of x[i], with
// one exponential for both: of a logit, what normalises a Bernoulli and its
// mean. x, p and s must not overlap.
func (k *Impl) SoftplusSigmoid(p, s, x []float32) {
	n := len(p)
	k.softplusSigmoid(p, s[:n], x[:n])
}

// AdamStep holds the numbers of [Impl.Adam].
type AdamStep struct {
	Keep1, Add1        float32 // of the first moment
	Keep2, Add2        float32 // of the second
	Correct1, Correct2 float32 // of their bias
	Epsilon, Rate      float32
	Decay              float32 // used if Decayed
	Decayed            bool
	Least              float32 // magnitude below which a moment becomes +0
}

// Adam makes one step (Kingma and Ba 2015) from the gradient g on the parameter
// p and its moments m and v, in place and in this order, every operation
// rounded:
//
//	m ← flush(Keep1·m + Add1·g)
//	v ← flush(Keep2·v + Add2·(g·g))
//	p ← p − Rate·( Correct1·m / (√(Correct2·v) + Epsilon) + Decay·p )
//
// where flush is that of [Impl.Flush], and the last term is there if Decayed.
func (k *Impl) Adam(p, m, v, g []float32, s AdamStep) {
	n := len(g)
	k.adam(p[:n], m[:n], v[:n], g, s)
}

// rests reports whether a place where g, m and v are +0, and p too if there is
// decay, stays as it is: the step is then +0 and its root not zero.
func (s *AdamStep) rests() bool {
	sum := float32(0) // NaN or infinite if a number is
	for _, x := range []float32{s.Keep1, s.Add1, s.Keep2, s.Add2, s.Correct1, s.Correct2, s.Epsilon, s.Rate, s.Decay} {
		if math.Signbit(float64(x)) {
			return false
		}
		sum += float32(x * 0)
	}
	return sum == 0 && s.Epsilon > 0
}

func portableFlush(dst, x []float32, least float32) {
	for i, v := range x {
		dst[i] = flush(v, least)
	}
}

func flush(x, least float32) float32 {
	if abs(x) < least {
		return 0
	}
	return x
}

func portableGate(dst, x, g []float32) {
	for i, v := range x {
		if v > 0 {
			dst[i] = g[i]
		} else {
			dst[i] = 0
		}
	}
}

func portableLerp(dst, x, y []float32, t float32) {
	for i, v := range x {
		dst[i] = v + float32(t*float32(y[i]-v))
	}
}

func portableSoftplusSigmoid(p, s, x []float32) {
	for i, v := range x {
		p[i], s[i] = softplus(v), sigmoid(v)
	}
}

func portableAdam(p, m, v, g []float32, s AdamStep) {
	for i, d := range g {
		m[i] = flush(float32(m[i]*s.Keep1)+float32(d*s.Add1), s.Least)
		v[i] = flush(float32(v[i]*s.Keep2)+float32(float32(d*d)*s.Add2), s.Least)
		root := sqrt(float32(v[i]*s.Correct2)) + s.Epsilon
		step := float32(m[i]*s.Correct1) / root
		if s.Decayed {
			step += float32(p[i] * s.Decay)
		}
		p[i] -= float32(s.Rate * step)
	}
}
