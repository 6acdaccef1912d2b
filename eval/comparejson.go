package eval

import (
	"encoding/json"
	"math"

	"github.com/surprisal-go/surprisal"
)

// MarshalJSON writes numbers that are not finite as null. Where one side alone
// has infinite events, the difference nats is null and the mean over the other
// events is finite_nats.
func (c Comparison) MarshalJSON() ([]byte, error) {
	j := struct {
		A          string              `json:"a"`
		B          string              `json:"b"`
		KindA      surprisal.Knowledge `json:"kind_a"`
		KindB      surprisal.Knowledge `json:"kind_b"`
		Nats       *float64            `json:"nats"`
		FiniteNats *float64            `json:"finite_nats,omitempty"`
		StdErr     *float64            `json:"stderr"`
		Low        *float64            `json:"low"`
		High       *float64            `json:"high"`
		Method     Method              `json:"method"`
		P          *float64            `json:"p"`
		Tests      int                 `json:"tests"`
		BitsPerDim *float64            `json:"bits_per_dim"`
		N          int                 `json:"n"`
		Dims       float64             `json:"dims"`
		WonA       *float64            `json:"won_a"`
		WonB       *float64            `json:"won_b"`
		InfiniteA  int                 `json:"infinite_a"`
		InfiniteB  int                 `json:"infinite_b"`
		Both       int                 `json:"infinite_both"`
		Clusters   int                 `json:"clusters"`
		Unit       string              `json:"unit"`
		Seen       Seen                `json:"seen,omitempty"`
		Unverified bool                `json:"unverified,omitempty"`
		Rounding   bool                `json:"rounding,omitempty"`
		Noise      bool                `json:"noise"`
		Verdict    string              `json:"verdict"`
		Warnings   []string            `json:"warnings"`
	}{
		A: c.A, B: c.B, KindA: c.KindA, KindB: c.KindB, StdErr: finite(c.StdErr), Low: finite(c.Low), High: finite(c.High),
		Method: c.Method, P: finite(c.P), Tests: c.Tests, N: c.N, Dims: c.Dims, WonA: finite(c.WonA), WonB: finite(c.WonB),
		InfiniteA: c.InfiniteA, InfiniteB: c.InfiniteB, Both: c.InfiniteBoth,
		Clusters: c.Clusters, Unit: c.Unit, Seen: c.Seen, Unverified: c.Unverified, Rounding: c.Rounding,
		Noise: c.Noise(), Verdict: c.Verdict(), Warnings: c.Warnings,
	}
	if c.InfiniteA+c.InfiniteB > 0 {
		j.FiniteNats = finite(c.Nats)
	} else {
		j.Nats, j.BitsPerDim = finite(c.Nats), finite(surprisal.Bits(c.Nats)/c.Dims)
	}
	if j.Warnings == nil {
		j.Warnings = []string{}
	}
	return json.Marshal(j)
}

func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
