package cpu

import "github.com/surprisal-go/surprisal/internal/kern"

// Convolutions that keep channels apart, with one input and one output a group:
// what a pixel adds to another is a product of all channels by the weights of a
// tap, element by element, so there is no matrix to multiply. The lists of
// offsets are those of other convolutions.

// depthwise says whether groups are single channels.
func (o *window) depthwise() bool {
	return o.image.groups > 1 && o.image.channels == 1 && o.y.channels == 1
}

// packDepth copies the weights of some taps, closed ones as +0.
func (t *conv) packDepth(_ *worker, lo, hi int) {
	n := t.to.groups
	for s := lo; s < hi; s++ {
		tap := t.taps[s]
		dst, mask := t.mem[t.packed][s*n:][:n], t.conv.Mask(tap)
		copy(dst, t.mem[t.w][tap*n:])
		for j := 0; j < n && mask != nil; j++ {
			if !mask.Open(0, j) {
				dst[j] = 0
			}
		}
	}
}

// runDepth computes tiles lo … hi−1, counted through all images.
func (t *conv) runDepth(_ *worker, lo, hi int) {
	k, w := t.exec.kern, t.mem[t.packed]
	for ; lo < hi; lo++ {
		image, c := lo/len(t.tiles), &t.tiles[lo%len(t.tiles)]
		x := t.mem[t.x][image*t.from.size():][:t.from.size()]
		out := t.mem[t.out][image*t.to.size():][:t.to.size()]
		k.ConvDepth(&c.ConvTile, t.to.groups, x, w, out[c.first:], c.ld)
	}
}

const (
	// depthChannels is the number of channels whose chains are summed together:
	// as many as the kernel has registers for.
	depthChannels = 64
	// depthPixels of both sides fit in the first cache.
	depthPixels = 32
)

// cutDepth makes units of a tap and some channels: all taps of these follow each
// other, since they read the same pixels.
func (t *convWeight) cutDepth() {
	for lo := 0; lo < t.image.groups; lo += depthChannels {
		for tap := range t.taps {
			if t.conv.Open(tap) {
				t.units = append(t.units, convUnit{tap, 0, lo, min(lo+depthChannels, t.image.groups)})
			}
		}
	}
}

// addDepth adds the chains of a unit to the result, or stores the first.
func (t *convWeight) addDepth(u convUnit, acc []float32, first bool) {
	out := t.mem[t.out][u.tap*t.image.groups:][u.lo:u.hi]
	if first {
		copy(out, acc)
		return
	}
	t.exec.kern.Binary(kern.Add, out, out, acc)
}

// closeDepth clears the closed weights of a unit.
func (t *convWeight) closeDepth(u convUnit) {
	mask := t.conv.Mask(u.tap)
	for c := u.lo; c < u.hi && mask != nil; c++ {
		if !mask.Open(0, c) {
			t.mem[t.out][u.tap*t.image.groups+c] = 0
		}
	}
}
