package cpu

import "slices"

// A convolution runs in steps as a product whose chains go over taps and
// channels: each element of the result is computed when all that it sees is
// known, from images that the state keeps. Taps outside the image are skipped,
// which the whole pass does or multiplies them as +0.

// stepConv is the geometry of a convolution on the images of one event.
type stepConv struct {
	*window
	images int
}

func newStepConv(v *val) stepConv {
	x := v.in[0].shape
	return stepConv{newWindow(v.attr.Conv, x, v.in[1].shape, v.shape), extentOf(x[:len(x)-3]).n}
}

// pixels is the number of pixels of the results of an event.
func (t stepConv) pixels() int { return t.images * t.y.rows * t.y.cols }

// sees calls use for every open tap of a pixel of the result, in order, with
// the pixel that it reads, if that is inside the image.
func (t stepConv) sees(pixel int, use func(tap, from int)) {
	image, row, col := pixel/(t.y.rows*t.y.cols), pixel/t.y.cols%t.y.rows, pixel%t.y.cols
	for tap := range t.kh * t.kw {
		i, j := t.reach(0, row, tap/t.kw), t.reach(1, col, tap%t.kw)
		if t.conv.Open(tap) && i >= 0 && j >= 0 {
			use(tap, (image*t.image.rows+i)*t.image.cols+j)
		}
	}
}

func (b *stepBuilder) convLevels(v *val) []int32 {
	t, in := newStepConv(v), b.level[strip(v.in[0])]
	out := make([]int32, v.size().n)
	channels, outs := t.image.channels, t.y.channels
	for pixel := range t.pixels() {
		t.sees(pixel, func(tap, from int) {
			mask := t.conv.Mask(tap)
			for g := range t.y.groups {
				known := in[from*t.image.pixel()+g*channels:][:channels]
				y := out[pixel*t.y.pixel()+g*outs:][:outs]
				if mask == nil && len(known) > 0 {
					most := slices.Max(known)
					for n := range y {
						y[n] = max(y[n], most)
					}
					continue
				}
				for c, l := range known {
					for n := range y {
						if mask.Open(c, g*outs+n) {
							y[n] = max(y[n], l)
						}
					}
				}
			}
		})
	}
	return out
}

func (b *stepBuilder) conv(v *val) {
	t, level := newStepConv(v), b.level[v]
	p := &stepProduct{ldw: t.y.pixel()}
	byLevel := make([][]push, b.top+1)
	for pixel := range t.pixels() {
		for g := range t.y.groups {
			lo := int32(pixel*t.y.pixel() + g*t.y.channels)
			end := lo + int32(t.y.channels)
			for lo < end {
				hi := lo + 1
				for hi < end && level[hi] == level[lo] {
					hi++
				}
				list := &byLevel[level[lo]]
				t.sees(pixel, func(tap, from int) { *list = t.pushes(*list, pixel, g, tap, from, span{lo, hi}) })
				lo = hi
			}
		}
	}
	b.addProduct(v, p, byLevel)
}

// pushes adds the pushes of one tap into elements chains of the result.
func (t stepConv) pushes(list []push, pixel, group, tap, from int, chains span) []push {
	mask, first := t.conv.Mask(tap), int32(pixel*t.y.pixel())
	for c := range t.image.channels {
		x := int32(from*t.image.pixel() + group*t.image.channels + c)
		w := int32((tap*t.image.channels + c) * t.y.pixel())
		for lo := chains.lo; lo < chains.hi; {
			hi := chains.hi
			if mask != nil {
				if !mask.Open(c, int(lo-first)) {
					lo++
					continue
				}
				for hi = lo + 1; hi < chains.hi && mask.Open(c, int(hi-first)); hi++ {
				}
			}
			list = appendPush(list, push{x, 1, lo, hi - lo, w + lo - first}, t.y.pixel())
			lo = hi
		}
	}
	return list
}
