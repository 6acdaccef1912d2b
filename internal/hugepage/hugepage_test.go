package hugepage

import "testing"

// TestMake holds that advice changes nothing: zeros, of the length asked for,
// that can be written to the end.
func TestMake(t *testing.T) {
	for _, n := range []int{0, 1, least / 8, least/8 + 1, 3 * pageSize / 8} {
		x := Make[float64](n)
		if len(x) != n {
			t.Fatalf("%d elements, want %d", len(x), n)
		}
		for i, v := range x {
			if v != 0 {
				t.Fatalf("element %d of %d is %g", i, n, v)
			}
			x[i] = 1
		}
	}
}
