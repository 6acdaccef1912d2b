package data

import (
	"math"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// checkerboard is uniform on the 8 dark squares of side 2 of a 4×4 board on
// [−4, 4)²: square (i, j) is dark if i + j is even.

func drawSquare(key surprisal.Key) (x, y float64) {
	r := key.Rand()
	i, half := r.Uint64N(4), r.Uint64N(2)
	j := 2*half + i%2
	return float64(2*(float64(i)+float64(r.Float64()))) - 4, float64(2*(float64(j)+float64(r.Float64()))) - 4
}

// boardLog is log p inside the dark squares: minus the log of their area.
var boardLog = -fmath.Log(8 * 4)

func boardLogProb(x, y float64) float64 {
	i, j := math.Floor((x+4)/2), math.Floor((y+4)/2)
	if i < 0 || i > 3 || j < 0 || j > 3 || math.Mod(i+j, 2) != 0 {
		return math.Inf(-1)
	}
	return boardLog
}

func makeCheckerboard() (*Set, error) {
	values := drawPlane(surprisal.Key(4).Named("checkerboard"), drawSquare)
	set := makeSet(plane, values, nil, nil, drawnSizes)
	set.Entropy = &KnownEntropy{Nats: -boardLog, Truth: planar(boardLogProb)}
	return set, nil
}
