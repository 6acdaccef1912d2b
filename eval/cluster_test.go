package eval

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// What is kept is what sorting would keep, with equals and in any order.
func TestLargest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 5, 100, 1001} {
		for _, keep := range []int{1, 3, 10, 11} {
			l := largest{keep: keep}
			var all []float64
			for range n {
				x := float64(r.IntN(40))
				all = append(all, x)
				l.add(x)
			}
			slices.Sort(all)
			if want := all[max(0, n-keep):]; !slices.Equal(l.values(), want) {
				t.Errorf("the %d largest of %d are %v, want %v", keep, n, l.values(), want)
			}
		}
	}
}
