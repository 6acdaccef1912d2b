package cpu

import "slices"

// Work is cut in pieces that become smaller: each takes half of a thread's share
// of what is left. So there are few of them, the first are long, and the threads
// end at about the same time, even if one is slower than the others.

// shares cuts n items among threads, in pieces of least to most items that begin
// at multiples of align: piece i is dst[i] to dst[i+1]−1.
func shares(dst []int, n, threads, least, most, align int) []int {
	dst = append(dst[:0], 0)
	for at := 0; at < n; {
		piece := min(max(share(n-at, threads), least), most)
		if at += ceil(piece, align) * align; n-at < least && n-at+piece <= most {
			at = n
		}
		at = min(at, n)
		dst = append(dst, at)
	}
	return dst
}

// cuts cuts items as shares does, but so that pieces have about equal shares of
// the work: that of the first p items is work[p].
func cuts(dst, work []int, threads, least, most int) []int {
	last := len(work) - 1
	dst = append(dst[:0], 0)
	for at := 0; at < last; {
		goal := work[at] + share(work[last]-work[at], threads)
		p, _ := slices.BinarySearch(work, goal)
		if p > 0 && work[p]-goal > goal-work[p-1] {
			p--
		}
		p = min(max(p, at+least), at+most)
		if last-p < least && last-at <= most {
			p = last
		}
		at = min(p, last)
		dst = append(dst, at)
	}
	return dst
}

// share is the part of so much work that the next piece takes.
func share(left, threads int) int {
	if threads == 1 {
		return left
	}
	return ceil(left, 2*threads)
}
