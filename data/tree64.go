package data

import (
	"fmt"
	"math"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/internal/fmath"
)

// treeSize is the number of variables of tree64.
const treeSize = 64

// tree is a distribution of binary variables in which each depends on one
// earlier variable: log p(x) = Σ log p(xᵢ | x_parent(i)).
type tree struct {
	parent [treeSize]int // of the root, itself
	// one[v] is P(xᵢ = 1 | x_parent = v) in units of 2⁻¹⁶.
	one [treeSize][2]uint32
	log [treeSize][2][2]float64 // log P(xᵢ = w | x_parent = v)
}

// newTree draws a tree with strong edges: a variable follows its parent, or
// its parent's opposite, with probability 0.88 to 0.98, not the same for the
// parent's two values.
func newTree(key surprisal.Key) *tree {
	t := &tree{}
	r := key.Rand()
	for i := range treeSize {
		var high [2]uint32
		for v := range high {
			high[v] = 57_672 + uint32(r.Uint64N(6_554))
		}
		switch {
		case i == 0:
			t.one[0] = [2]uint32{32_768, 32_768}
		case r.Uint64()&1 == 0:
			t.one[i] = [2]uint32{1<<16 - high[0], high[1]}
		default:
			t.one[i] = [2]uint32{high[0], 1<<16 - high[1]}
		}
		if i > 0 {
			t.parent[i] = int(r.Uint64N(uint64(i)))
		}
		for v := range 2 {
			p := float64(float64(t.one[i][v]) / (1 << 16))
			t.log[i][v] = [2]float64{fmath.Log(1 - p), fmath.Log(p)}
		}
	}
	return t
}

// draw writes one event into x.
func (t *tree) draw(x []uint8, key surprisal.Key) {
	r := key.Rand()
	for i := range x {
		x[i] = 0
		if uint32(r.Uint64()>>48) < t.one[i][x[t.parent[i]]] {
			x[i] = 1
		}
	}
}

// marginals returns P(xᵢ = 1), from the root down.
func (t *tree) marginals() []float64 {
	p := make([]float64, treeSize)
	p[0] = float64(t.one[0][0]) / (1 << 16)
	for i := 1; i < treeSize; i++ {
		up := p[t.parent[i]]
		p[i] = (float64(up*float64(t.one[i][1])) + float64((1-up)*float64(t.one[i][0]))) / (1 << 16)
	}
	return p
}

// entropy is H(x₀) + Σ H(xᵢ | x_parent(i)) in nats.
func (t *tree) entropy() float64 {
	p := t.marginals()
	h := 0.0
	for i := range treeSize {
		up := p[t.parent[i]]
		for v, pv := range [2]float64{1 - up, up} {
			one := float64(float64(t.one[i][v]) / (1 << 16))
			given := float64(one*t.log[i][v][1]) + float64((1-one)*t.log[i][v][0])
			h -= float64(pv * given)
		}
	}
	return h
}

// LogProb implements [surprisal.Density].
func (t *tree) LogProb(dst []float64, x *surprisal.Batch) error {
	if err := sameShape("tree64", x, surprisal.Binary, treeSize); err != nil {
		return err
	}
	row := make([]float64, treeSize)
	for i := range dst {
		x.Float64s(row, i)
		dst[i] = t.logProb(row)
	}
	return nil
}

func (t *tree) logProb(row []float64) float64 {
	sum := 0.0
	for i, v := range row {
		if v != 0 && v != 1 {
			return math.Inf(-1)
		}
		sum += t.log[i][int(row[t.parent[i]])][int(v)]
	}
	return sum
}

// sameShape refuses events that are not d scalars of one kind.
func sameShape(what string, b *surprisal.Batch, k surprisal.Kind, d int) error {
	for _, f := range b.Space.Fields {
		if f.Kind != k || b.Space.Dims() != d {
			return fmt.Errorf("%s scores events of %d %s values, not %s", what, d, k, describe(b.Space))
		}
	}
	return nil
}

func makeTree64() (*Set, error) {
	key := surprisal.Key(64).Named("tree64")
	t := newTree(key.Named("tree"))
	n := drawnSizes
	values := make(surprisal.Values[uint8], n.total()*treeSize)
	for i := range n.total() {
		t.draw(values[i*treeSize:(i+1)*treeSize], key.Fold(uint64(i)))
	}
	set := makeSet(surprisal.Field{Name: "x", Kind: surprisal.Binary, Shape: []int{treeSize}}, values, nil, nil, n)
	set.Entropy = &KnownEntropy{Nats: t.entropy(), Truth: t}
	return set, nil
}
