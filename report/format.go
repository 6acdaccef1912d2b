package report

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// Short formats a count in at most five characters, as in 950, 34k, 1.2M.
func Short(n int) string {
	unit, x := "", float64(n)
	for _, u := range []string{"k", "M", "G", "T"} {
		if x < 999.5 {
			break
		}
		unit, x = u, x/1000
	}
	if unit == "" {
		return fmt.Sprint(n)
	}
	if x < 9.95 {
		return fmt.Sprintf("%.1f%s", x, unit)
	}
	return fmt.Sprintf("%.0f%s", x, unit)
}

// Duration formats a time in at most six characters, as in 0.4s, 12s, 1m05s,
// 2h03m, 4d07h.
func Duration(d time.Duration) string {
	s := d.Seconds()
	if s < 9.95 {
		return fmt.Sprintf("%.1fs", s)
	}
	n := int(math.Round(s))
	switch {
	case n < 60:
		return fmt.Sprintf("%ds", n)
	case n < 3600:
		return fmt.Sprintf("%dm%02ds", n/60, n%60)
	case n < 86400:
		return fmt.Sprintf("%dh%02dm", n/3600, n%3600/60)
	}
	return fmt.Sprintf("%dd%02dh", n/86400, n%86400/3600)
}

// decimals is the number of decimals at which the smallest positive error
// still shows a digit, between 1 and 4.
func decimals(errs []float64) int {
	least := math.Inf(1)
	for _, e := range errs {
		if e > 0 {
			least = min(least, e)
		}
	}
	switch {
	case least < 0.00095:
		return 4
	case least < 0.0095:
		return 3
	case least < 0.95 || math.IsInf(least, 1):
		return 2
	}
	return 1
}

// twoDigits formats an error by itself, with two digits that count: 0.22, 12,
// 0.00041. Zero and what is below a millionth is 0, NaN is ?.
func twoDigits(v float64) string {
	switch {
	case math.IsNaN(v):
		return "?"
	case v < 1e-6:
		return "0"
	case v >= 1e9:
		return fmt.Sprintf("%.2g", v)
	}
	return fmt.Sprintf("%.*f", significant(v), v)
}

// significant is the number of decimals at which two digits of an error count,
// at most 12.
func significant(err float64) int {
	if !(err > 1e-11) || math.IsInf(err, 1) {
		return 2
	}
	return max(0, 1-int(math.Floor(math.Log10(err))))
}

// width is the number of characters of s on a terminal, for the alphabet that
// this package prints.
func width(s string) int { return utf8.RuneCountInString(s) }

func padLeft(s string, w int) string  { return strings.Repeat(" ", max(0, w-width(s))) + s }
func padRight(s string, w int) string { return s + strings.Repeat(" ", max(0, w-width(s))) }

// cut shortens s to w characters, with an ellipsis.
func cut(s string, w int) string {
	if width(s) <= w {
		return s
	}
	r := []rune(s)
	return string(r[:max(0, w-1)]) + "…"
}

// Wrap breaks text into lines of at most w characters; lines after the first
// begin with indent.
func Wrap(text string, w int, indent string) string {
	var out strings.Builder
	at := 0
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case at+1+width(word) > w:
			out.WriteString("\n" + indent)
			at = width(indent)
		default:
			out.WriteByte(' ')
			at++
		}
		out.WriteString(word)
		at += width(word)
	}
	return out.String()
}
