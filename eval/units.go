package eval

import (
	"math"
	"slices"
)

// Units are what the errors of means over these events take as independent of
// each other: the number of every event's group (N), or of its block of
// neighbours where events are ordered; nil where each event is one of its own.
// Blocks are as long as the values need whose means are asked for, a number for
// every event each; of several the one that needs most counts. Values that are
// not finite count as the others' mean.
func (s Scores) Units(values ...[]float64) []int32 {
	switch {
	case s.Group != nil:
		return s.Group
	case !s.Ordered:
		return nil
	}
	length := 1
	for _, x := range values {
		finite := sample{ordered: true}
		for _, v := range x {
			if !math.IsInf(v, 0) && !math.IsNaN(v) {
				finite.x = append(finite.x, v)
			}
		}
		if len(finite.x) == 0 {
			continue
		}
		m := average(finite)
		finite.x = slices.Clone(x)
		for i, v := range finite.x {
			if math.IsInf(v, 0) || math.IsNaN(v) {
				finite.x[i] = m
			}
		}
		length = max(length, blockLength(finite, m))
	}
	if length == 1 {
		return nil
	}
	return blockGroups(len(s.Nats), length)
}
