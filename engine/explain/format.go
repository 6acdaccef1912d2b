package explain

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// si formats a number in at most six characters, as in 950, 78.4M, 1.24G.
func si(x float64) string {
	for _, u := range []string{"", "k", "M", "G", "T"} {
		switch {
		case x < 9.995 && u != "":
			return fmt.Sprintf("%.2f%s", x, u)
		case x < 99.95 && u != "":
			return fmt.Sprintf("%.1f%s", x, u)
		case x < 999.5:
			return fmt.Sprintf("%.0f%s", x, u)
		}
		x /= 1000
	}
	return fmt.Sprintf("%.0fP", x)
}

// duration formats a time in at most seven characters, as in 4.12ms, 62.4s.
func duration(d time.Duration) string {
	for _, u := range []struct {
		name string
		unit time.Duration
	}{{"µs", time.Microsecond}, {"ms", time.Millisecond}} {
		if x := float64(d) / float64(u.unit); x < 999.5 {
			return three(x) + u.name
		}
	}
	return three(d.Seconds()) + "s"
}

// three formats a number with about three digits.
func three(x float64) string {
	switch {
	case x < 9.995:
		return fmt.Sprintf("%.2f", x)
	case x < 99.95:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.0f", x)
}

func percent(part, whole float64) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f%%", 100*part/whole)
}

// cut shortens s to w characters.
func cut(s string, w int) string {
	if utf8.RuneCountInString(s) <= w {
		return s
	}
	return string([]rune(s)[:max(0, w-1)]) + "…"
}

// shortOps names the operations of a step in a few words.
func shortOps(ops []string) string {
	const most = 4
	if len(ops) <= most {
		return strings.Join(ops, " ")
	}
	return fmt.Sprintf("%s +%d", strings.Join(ops[:most-1], " "), len(ops)-most+1)
}

// wrap breaks words into lines of at most w characters; lines after the first
// begin with indent.
func wrap(words []string, w int, indent string) string {
	var b strings.Builder
	at := 0
	for i, word := range words {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+n > w:
			b.WriteString("\n" + indent)
			at = 0
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String()
}
