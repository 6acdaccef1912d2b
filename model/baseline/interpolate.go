package baseline

import "math"

// part is one component of a table: a mass for every bin that sums to one, and
// what of it is owed to a single event in that bin, as a fraction of the event.
type part struct {
	mass, self []float64 // T
}

// smoothed returns the frequencies of the bins and their smoothings by kernels
// ρ^|i−j|/Zⱼ with ρ = b/(b+1), b = 1, 2, 4, … below the number of bins. Zⱼ makes
// the kernel of an event in bin j sum to one over the table.
func smoothed(counts []float64, total float64) []part {
	t := len(counts)
	freq := part{make([]float64, t), make([]float64, t)}
	for i, n := range counts {
		freq.mass[i], freq.self[i] = n/total, 1
	}
	parts := []part{freq}
	for b := 1; b < t; b *= 2 {
		rho := float64(b) / float64(b+1)
		z := kernelSums(t, rho)
		p := part{make([]float64, t), make([]float64, t)}
		up, down := 0.0, 0.0
		for i := range t {
			up = decay(up, rho) + freq.mass[i]/z[i]
			p.mass[i] += up
			p.self[i] = 1 / z[i]
		}
		for i := t - 1; i >= 0; i-- {
			p.mass[i] += down
			down = decay(down+freq.mass[i]/z[i], rho)
		}
		parts = append(parts, p)
	}
	return parts
}

// kernelSums returns Zⱼ = Σᵢ ρ^|i−j| over the table (T).
func kernelSums(t int, rho float64) []float64 {
	z := make([]float64, t)
	left, right := 0.0, 0.0 // Σ of ρ^|i−j| over i < j and over i > j
	for j := range t {
		z[j] += 1 + left
		left = decay(left+1, rho)
		z[t-1-j] += right
		right = decay(right+1, rho)
	}
	return z
}

// decay is rho·x, cut off long before subnormals, which are slow.
func decay(x, rho float64) float64 {
	if x < 1e-200 {
		return 0
	}
	return float64(rho * x)
}

// interpolate returns the weights of parts and tail that maximise the
// leave-one-out log p of the events. Every event counts as one of weight each.
func (m *mass) interpolate(parts []part, counts []float64, total, each float64) []float64 {
	n := len(parts) + 1
	var seen []float64 // counts of the bins with events
	var left []float64 // per such bin, the mass of every component left without the event
	for b, c := range counts {
		if c == 0 {
			continue
		}
		seen = append(seen, c)
		start, end := m.bin(b)
		for _, p := range parts {
			without := 0.0
			if total > each {
				without = (float64(total*p.mass[b]) - float64(each*p.self[b])) / (total - each)
			}
			left = append(left, max(0, without)/float64(end-start))
		}
		left = append(left, m.tailMass(start, end))
	}
	mix, next := make([]float64, n), make([]float64, n)
	for c := range mix {
		mix[c] = 1 / float64(n)
	}
	const most, close = 200, 1e-7
	for range most {
		change := 0.0
		for c := range next {
			next[c] = each / 2
		}
		for s, count := range seen {
			row := left[s*n : (s+1)*n]
			sum := 0.0
			for c, p := range row {
				sum += float64(mix[c] * p)
			}
			for c, p := range row {
				next[c] += float64(count * (float64(mix[c]*p) / sum))
			}
		}
		for c := range mix {
			v := next[c] / (total + float64(each*float64(n))/2)
			change = max(change, math.Abs(v-mix[c]))
			mix[c] = v
		}
		if change < close {
			break
		}
	}
	return mix
}
