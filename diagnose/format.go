package diagnose

import (
	"math"
	"strings"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/digits"
)

// measured writes nats and their error with the digits of a likelihood, as in
// "0.18 ± 0.10": two decimals, up to four where the error is small. An error of
// none is 0.
func measured(nats, stdErr float64) string {
	if stdErr == 0 {
		return digits.Fixed(nats, 2) + " ± 0"
	}
	return strings.TrimSuffix(surprisal.Likelihood{Nats: nats, StdErr: stdErr}.String(), " nats")
}

// rounded is a mean number of events.
func rounded(v float64) string { return digits.Count(int(math.Round(v))) }
