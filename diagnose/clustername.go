package diagnose

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// name tells each cluster by the two columns in which it is farthest from the
// mean, and by up to four where another is told by the same.
func (c *Clusters) name() {
	marks, told := make([][]string, len(c.centres)), make([]int, len(c.centres))
	for k := range marks {
		marks[k], told[k] = c.marks(k), 2
	}
	for range 2 {
		alike := map[string][]int{}
		for k := range marks {
			told[k] = min(told[k], len(marks[k]))
			first := slices.Sorted(slices.Values(marks[k][:told[k]]))
			name := strings.Join(first, ", ")
			alike[name] = append(alike[name], k)
		}
		for _, same := range alike {
			for _, k := range same {
				if len(same) > 1 {
					told[k] = min(told[k]+1, len(marks[k]))
				}
			}
		}
	}
	for k := range marks {
		c.Names = append(c.Names, fmt.Sprintf("cluster %d (in training %s)", k+1, strings.Join(marks[k][:told[k]], ", ")))
	}
}

// marks are what tells a cluster from the others, the farthest from the mean
// first.
func (c *Clusters) marks(k int) (out []string) {
	order := make([]int, len(c.columns))
	for j := range order {
		order[j] = j
	}
	far := func(j int) float64 { return math.Abs(c.centres[k][j]) }
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(far(j), far(i)) })
	for _, j := range order {
		mark := c.columns[j].above
		if c.centres[k][j] < 0 {
			mark = c.columns[j].below
		}
		if mark != "" {
			out = append(out, mark)
		}
	}
	return out
}
