package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"

	"github.com/surprisal-go/surprisal/internal/atomicfile"
)

// writeTable writes rows of correlated normal values with seven decimals,
// which is what makes a column real: x₀ = ε₀ and xⱼ = 0.6 xⱼ₋₁ + 0.8 εⱼ.
func writeTable(path string, rows, columns int, seed uint64) error {
	r := rand.New(rand.NewPCG(seed, 0))
	return atomicfile.Write(path, func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 1<<20)
		for j := range columns {
			fmt.Fprintf(out, "%sx%02d", []string{"", ","}[min(j, 1)], j)
		}
		line := []byte("\n")
		for range rows {
			if _, err := out.Write(line); err != nil {
				return err
			}
			line = line[:0]
			x := 0.0
			for j := range columns {
				if e := r.NormFloat64(); j == 0 {
					x = e
				} else {
					x = float64(0.6*x) + float64(0.8*e)
					line = append(line, ',')
				}
				line = strconv.AppendFloat(line, x, 'f', 7, 64)
			}
			line = append(line, '\n')
		}
		if _, err := out.Write(line); err != nil {
			return err
		}
		return out.Flush()
	})
}
