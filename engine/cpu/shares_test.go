package cpu

import (
	"slices"
	"testing"
)

func TestCuts(t *testing.T) {
	for _, c := range []struct {
		work                 []int
		threads, least, most int
		want                 []int
	}{
		{[]int{0, 1, 2, 3, 4}, 2, 1, 9, []int{0, 1, 2, 3, 4}},
		{[]int{0, 1, 2, 3, 4}, 2, 2, 9, []int{0, 2, 4}},
		{[]int{0, 1, 2, 3, 4, 5}, 2, 2, 9, []int{0, 2, 5}}, // no crumb is left over
		{[]int{0, 1, 2, 3, 4, 5}, 2, 2, 2, []int{0, 2, 4, 5}},
		{[]int{0, 10, 11, 12, 13}, 1, 1, 9, []int{0, 4}},
		{[]int{0, 10, 11, 12, 13}, 1, 1, 3, []int{0, 3, 4}},
		{[]int{0, 10, 20, 30, 33, 36, 38, 40}, 2, 1, 9, []int{0, 1, 2, 3, 4, 5, 6, 7}},
		{[]int{0, 1, 2, 12, 14, 16, 20, 24}, 2, 1, 9, []int{0, 2, 3, 5, 6, 7}},
		{[]int{0, 0, 0}, 2, 1, 2, []int{0, 1, 2}},
		{[]int{0}, 2, 1, 2, []int{0}},
	} {
		if got := cuts(nil, c.work, c.threads, c.least, c.most); !slices.Equal(got, c.want) {
			t.Errorf("cuts(%v, %d, %d, %d) = %v, want %v", c.work, c.threads, c.least, c.most, got, c.want)
		}
	}
}

func TestShares(t *testing.T) {
	for _, c := range []struct {
		n, threads, least, most, align int
		want                           []int
	}{
		{0, 2, 1, 9, 1, []int{0}},
		{16, 2, 1, 16, 1, []int{0, 4, 7, 10, 12, 13, 14, 15, 16}},
		{16, 2, 5, 16, 1, []int{0, 5, 10, 16}},
		{100, 1, 5, 100, 1, []int{0, 100}},
		{100, 1, 5, 40, 1, []int{0, 40, 80, 100}},
		{100, 2, 1, 100, 16, []int{0, 32, 64, 80, 96, 100}},
	} {
		if got := shares(nil, c.n, c.threads, c.least, c.most, c.align); !slices.Equal(got, c.want) {
			t.Errorf("shares(%d, %d, %d, %d, %d) = %v, want %v", c.n, c.threads, c.least, c.most, c.align, got, c.want)
		}
	}
}
