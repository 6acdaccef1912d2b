package diagnose

import "github.com/surprisal-go/surprisal"

// Sample returns n events of b, or all where it has no more, in their order; the
// key fixes them. See [Rows].
func Sample(b *surprisal.Batch, n int, key surprisal.Key) *surprisal.Batch {
	if b.Len() <= n {
		return b
	}
	out := b.Take(Rows(b.Len(), n, key))
	out.Ordered = b.Ordered
	return out
}

// Rows returns n of the rows 0 … of−1, ascending, or all where there are no
// more: one drawn by the key from each of n stretches of equal length. Files
// that are sorted by class or by time are seen in all their length.
func Rows(of, n int, key surprisal.Key) []int {
	n = min(n, of)
	r := key.Named("diagnose.Rows").Rand()
	rows := make([]int, n)
	for i := range rows {
		lo, hi := i*of/n, (i+1)*of/n
		rows[i] = lo + r.IntN(hi-lo)
	}
	return rows
}

// OneText reports whether events are the windows of one long text.
func OneText(b *surprisal.Batch) bool {
	f := b.Space.Fields[0]
	return b.Ordered && len(b.Space.Fields) == 1 && f.Axes == "T"
}
