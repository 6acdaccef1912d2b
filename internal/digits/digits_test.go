package digits

import (
	"math"
	"testing"
)

func TestFixed(t *testing.T) {
	for _, c := range []struct {
		v        float64
		decimals int
		want     string
	}{
		{1.005, 1, "1.0"}, {-0.004, 2, "0.00"}, {-0.006, 2, "-0.01"}, {999999999, 0, "999999999"}, {1e9, 2, "1e+09"},
		{-1.23456e12, 2, "-1.235e+12"}, {math.NaN(), 2, "?"}, {math.Inf(1), 2, "∞"}, {math.Inf(-1), 2, "-∞"},
	} {
		if got := Fixed(c.v, c.decimals); got != c.want {
			t.Errorf("Fixed(%g, %d) = %q, want %q", c.v, c.decimals, got, c.want)
		}
	}
}

func TestCounted(t *testing.T) {
	for n, want := range map[int]string{0: "0 events", 1: "1 event", 999: "999 events", 1000: "1,000 events", -12345: "-12,345 events", 1234567: "1,234,567 events"} {
		if got := Counted(n, "event"); got != want {
			t.Errorf("Counted(%d) = %q, want %q", n, got, want)
		}
	}
}
