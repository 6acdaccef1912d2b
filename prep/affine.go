package prep

import (
	"fmt"
	"math"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
	"github.com/surprisal-go/surprisal/tensor"
)

// Affine is z = (x − Shift) / Scale, with one entry for each dim or a single
// one for all. Scale must be positive. Eight-bit pixels go to [0, 1) by shift 0
// and scale 256, to [−1, 1) by 128 and 128.
type Affine struct {
	Shift, Scale []float64
}

// Standardize returns the map under which dequantised training events have
// mean 0 and variance 1 in every dim.
//
// Discrete values count as uniform on their cell, which adds step/2 to the mean
// and step²/12 to the variance, so their scale is never zero. A real column
// that is constant in training has no scale of its own and gets 1. The scalars
// of a field with two axes or more, such as an image, are of one unit and share
// the scale that makes their mean variance 1: a border pixel that is dark in
// all training images would otherwise be blown up a thousandfold where a test
// image lights it.
func Standardize(train *surprisal.Batch) *Affine {
	mean, scale := Moments(train)
	at := 0
	for _, f := range train.Space.Fields {
		variance := scale[at : at+f.Size()]
		if len(f.Shape) > 1 {
			pool(variance)
		}
		for j, v := range variance {
			if v <= 0 {
				v = 1
			}
			variance[j] = math.Sqrt(v)
		}
		at += f.Size()
	}
	return &Affine{Shift: mean, Scale: scale}
}

// pool replaces every value by the mean.
func pool(v []float64) {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	for i := range v {
		v[i] = sum / float64(len(v))
	}
}

// Moments returns mean and variance of every dim (D each), over events counted
// by weight, with discrete values taken as uniform on their cell. The variance
// of a real column without spread is exactly 0.
func Moments(b *surprisal.Batch) (mean, variance []float64) {
	d := b.Space.Dims()
	mean, variance = make([]float64, d), make([]float64, d)
	first := make([]float64, d)
	if b.Len() > 0 {
		b.Float64s(first, 0)
	}
	total := 0.0
	eachRow(b, func(i int, row []float64) {
		w := weight(b, i)
		total += w
		for j, v := range row {
			mean[j] += float64(w * (v - first[j]))
		}
	})
	if total == 0 {
		return mean, variance
	}
	for j := range mean {
		mean[j] = mean[j]/total + first[j]
	}
	eachRow(b, func(i int, row []float64) {
		w := weight(b, i)
		for j, v := range row {
			variance[j] += float64(w * float64((v-mean[j])*(v-mean[j])))
		}
	})
	for j, s := range steps(b.Space) {
		variance[j] /= total
		mean[j] += s / 2
		variance[j] += float64(s*s) / 12
	}
	return mean, variance
}

func weight(b *surprisal.Batch, i int) float64 {
	if b.Weight == nil {
		return 1
	}
	return b.Weight[i]
}

// eachRow calls do with every event of b in order.
func eachRow(b *surprisal.Batch, do func(i int, row []float64)) {
	const chunk = 256
	d, n := b.Space.Dims(), b.Len()
	rows := make([]float64, min(n, chunk)*d)
	for lo := 0; lo < n; lo += chunk {
		hi := min(n, lo+chunk)
		b.Float64s(rows[:(hi-lo)*d], lo)
		for i := lo; i < hi; i++ {
			do(i, rows[(i-lo)*d:(i-lo+1)*d])
		}
	}
}

// Forward implements [Map]; log |det| = −Σ log Scale.
func (a *Affine) Forward(x, logDet []float64) {
	d := dims("Affine.Forward", x, logDet)
	a.check(d)
	if d == 0 {
		return
	}
	sum := 0.0
	for _, s := range a.Scale {
		sum += fmath.Log(s)
	}
	if len(a.Scale) == 1 {
		sum *= float64(d)
	}
	for i := range logDet {
		row := x[i*d : (i+1)*d]
		if len(a.Scale) == 1 {
			shift, scale := a.Shift[0], a.Scale[0]
			for j, v := range row {
				row[j] = (v - shift) / scale
			}
		} else {
			shift, scale := a.Shift[:d], a.Scale[:d]
			for j, v := range row {
				row[j] = (v - shift[j]) / scale[j]
			}
		}
		logDet[i] -= sum
	}
}

// Inverse implements [Map].
func (a *Affine) Inverse(z []float64) {
	d := len(a.Scale)
	if len(z)%d != 0 {
		panic(fmt.Sprintf("prep: Affine.Inverse of %d scalars, want a multiple of %d", len(z), d))
	}
	for i, v := range z {
		shift, scale := a.at(i % d)
		z[i] = float64(v*scale) + shift
	}
}

// State implements [Map]: tensors shift and scale.
func (a *Affine) State() *tensor.Store {
	s := &tensor.Store{}
	s.Set("shift", tensor.Of(a.Shift, len(a.Shift)))
	s.Set("scale", tensor.Of(a.Scale, len(a.Scale)))
	return s
}

func (a *Affine) at(j int) (shift, scale float64) {
	if len(a.Scale) == 1 {
		return a.Shift[0], a.Scale[0]
	}
	return a.Shift[j], a.Scale[j]
}

func (a *Affine) check(d int) {
	if len(a.Shift) != len(a.Scale) || len(a.Scale) != 1 && len(a.Scale) != d {
		panic(fmt.Sprintf("prep: Affine with %d shifts and %d scales on %d dims", len(a.Shift), len(a.Scale), d))
	}
}
