package main

import (
	"fmt"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/report"
)

// someOf are at most that many of the events, in their order. The first of a set
// that is sorted, by class or by time, would not be like the others, so each is
// drawn from its own share of the order.
func someOf(b *surprisal.Batch, most int, key surprisal.Key) *surprisal.Batch {
	n := b.Len()
	if n <= most {
		return b
	}
	rows, r := make([]int, most), key.Named("some").Rand()
	for i := range rows {
		from, to := i*n/most, (i+1)*n/most
		rows[i] = from + r.IntN(to-from)
	}
	return b.Take(rows)
}

// ofAll says how many of the events are meant, as in "2,000 of the 10,000 test
// events, from all over the set".
func (r *reporting) ofAll(n int) string {
	if all := r.b.Len(); n < all {
		return fmt.Sprintf("%s of the %s %s events, from all over the set", report.Count(n), report.Count(all), r.part)
	}
	return fmt.Sprintf("the %s %s events", report.Count(n), r.part)
}
