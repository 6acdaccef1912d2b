package diagnose

import (
	"fmt"
	"math"
	"strings"

	"github.com/surprisal-go/surprisal"
)

// count writes a number with commas at thousands.
func count(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// events is a number of events.
func events(n int) string {
	if n == 1 {
		return "1 event"
	}
	return count(n) + " events"
}

// measured writes nats and their error with the digits of a likelihood, as in
// "0.18 ± 0.10": two decimals, up to four where the error is small. An error of
// none is 0, and what rounds to 0 has no sign.
func measured(nats, stdErr float64) string {
	if stdErr == 0 {
		return unsigned(fmt.Sprintf("%.2f", nats)) + " ± 0"
	}
	s := strings.TrimSuffix(surprisal.Likelihood{Nats: nats, StdErr: stdErr}.String(), " nats")
	value, by, _ := strings.Cut(s, " ")
	return unsigned(value) + " " + by
}

// unsigned takes the sign from a zero.
func unsigned(s string) string {
	if strings.Trim(s, "-0.") == "" {
		return strings.TrimPrefix(s, "-")
	}
	return s
}

// rounded is a mean number of events.
func rounded(v float64) string { return count(int(math.Round(v))) }
