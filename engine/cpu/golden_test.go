package cpu

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"testing"

	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/tensor"
)

// TestGoldenMADE trains a MADE for five steps and compares the hash of every
// weight and moment. The same hash must come out on every machine. A new one
// means new numerics, and a new kern.Version.
func TestGoldenMADE(t *testing.T) {
	const want = "d1bee0b22f94f099"
	for _, k := range kern.Impls() {
		g := graph.New()
		loss, updates := madeStep(g, 30, 24, true)
		p := compile(t, Options{Threads: 2, Impl: k}, []*graph.Node{loss}, updates...)
		store := madeParams(g)
		for i := range 5 {
			if _, err := p.Run(context.Background(), madeFeeds(10+i, 30), store); err != nil {
				t.Fatal(err)
			}
		}
		h := sha256.New()
		for name, v := range store.All() {
			fmt.Fprint(h, name)
			for _, x := range v.F32() {
				_ = binary.Write(h, binary.LittleEndian, math.Float32bits(x)) // a hash never fails
			}
		}
		if got := hex.EncodeToString(h.Sum(nil)[:8]); got != want {
			t.Errorf("kernels %s: hash %s, want %s (kern.Version %s)", k.Name, got, want, kern.Version)
		}
	}
}

// TestBitsOfMasks holds that weights skipped along a mask and weights
// multiplied as zeros give the same bits, also where a chain underflows to −0.
func TestBitsOfMasks(t *testing.T) {
	const batch, k, n = 5, 130, 200
	m := &graph.Mask{In: make([]int, k), Out: make([]int, n)}
	for i := range m.In {
		m.In[i] = i
	}
	for j := range m.Out {
		m.Out[j] = j * k / n
	}
	g := graph.New()
	x, y := g.Input("x", graph.F32, graph.Batch, k), g.Input("y", graph.F32, graph.Batch, n)
	w := g.Param("w", k, n)
	closed := w.Mul(m.Node(g))
	down, across := graph.MaskedMatMul(x, w, m), graph.Grad(graph.MaskedMatMul(x, w, m).Mul(y).Sum(), x)[0]
	p := compile(t, Options{Threads: 2}, []*graph.Node{down, across, graph.MatMul(x, closed), graph.MatMulT(y, closed)})
	store := params(g)
	xs, ys := tensor.New[float32](batch, k), tensor.New[float32](batch, n)
	for i := range xs.F32() {
		xs.F32()[i] = float32(math.Sin(float64(i)))
	}
	for i := range ys.F32() {
		ys.F32()[i] = float32(math.Cos(float64(i)))
	}
	// Event 0 has products that are too small for a float32, and negative.
	clear(xs.F32()[:k])
	clear(ys.F32()[:n])
	for i := range 3 {
		xs.F32()[i], ys.F32()[n-1-i] = -0x1p-149, -0x1p-149
	}
	for i, v := range store.Must("w").F32() {
		store.Must("w").F32()[i] = float32(math.Abs(float64(v))) * 0.4
	}
	out, err := p.Run(context.Background(), graph.Feeds{"x": xs, "y": ys}, store)
	if err != nil {
		t.Fatal(err)
	}
	sameBits(t, "x·w", out[0], out[2])
	sameBits(t, "y·wᵀ", out[1], out[3])
	for _, o := range out {
		for i, v := range o.F32() {
			if v == 0 && math.Signbit(float64(v)) {
				t.Fatalf("element %d of a product is −0", i)
			}
		}
	}
}
