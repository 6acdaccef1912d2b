// Package digits writes numbers as people read them.
package digits

import (
	"fmt"
	"math"
	"strings"
)

// mostDecimal is where numbers begin to be written with an exponent.
const mostDecimal = 1e9

// Fixed writes v with so many decimals, without a minus sign before zero; what
// is huge with four digits and an exponent, infinities as ∞ and NaN, which is
// not known, as a question mark.
func Fixed(v float64, decimals int) string {
	switch {
	case math.IsNaN(v):
		return "?"
	case math.IsInf(v, 1):
		return "∞"
	case math.IsInf(v, -1):
		return "-∞"
	case math.Abs(v) >= mostDecimal:
		return fmt.Sprintf("%.4g", v)
	}
	s := fmt.Sprintf("%.*f", decimals, v)
	if strings.Trim(s, "-0.") == "" {
		return strings.TrimPrefix(s, "-")
	}
	return s
}

// Count writes a whole number with commas, as in 10,000.
func Count(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Counted is a number of things, as in "1 event" and "10,000 events".
func Counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return Count(n) + " " + what
}
