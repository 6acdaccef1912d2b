package optim

import (
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// Schedule is the factor of the learning rate at a step, which counts from 0.
// Nil is 1 everywhere.
type Schedule func(step int) float64

func (s Schedule) at(rate float64, step int) float64 {
	if s == nil {
		return rate
	}
	return rate * s(step)
}

// Warmup rises linearly from 1/steps to 1 over the first steps, times then,
// which nil makes constant.
func Warmup(steps int, then Schedule) Schedule {
	return func(step int) float64 {
		f := min(1, float64(step+1)/float64(max(steps, 1)))
		return then.at(f, step)
	}
}

// Cosine falls from 1 to final over the given steps along half a cosine
// (Loshchilov and Hutter 2017) and stays there.
func Cosine(steps int, final float64) Schedule {
	const pi = 3.14159265358979323846264338327950288
	return func(step int) float64 {
		if step >= steps {
			return final
		}
		half := 0.5 + float64(0.5*fmath.Cos(pi*float64(step)/float64(steps)))
		return final + float64((1-final)*half)
	}
}

// Exponential halves every halfLife steps, but does not fall below final.
func Exponential(halfLife, final float64) Schedule {
	const ln2 = 0.693147180559945309417232121458176568
	return func(step int) float64 {
		return max(final, fmath.Exp(-ln2*float64(step)/halfLife))
	}
}
