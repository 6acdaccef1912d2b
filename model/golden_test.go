package model_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/model"
	"github.com/surprisal-go/surprisal/tensor/safetensors"
	"github.com/surprisal-go/surprisal/train"
)

// golden holds, for every family on every kind of space, the hash of its
// weights after a short training and of what it says of events. They are the
// same on every instruction set, number of threads and batch size; CI runs
// this test under GOAMD64=v1 and v3, without assembly, and on arm64. A change
// of numerics that is meant changes them, and kern.Version.
var golden = map[string]string{
	"gaussian/bits":   "f9e6af1e7f177411",
	"gaussian/reals":  "12416edce3f229a5",
	"gaussian/table":  "3e43eab2fde4345f",
	"made/bits":       "a3c209c85fc999ba",
	"made/reals":      "8ae7b299e7be8ed3",
	"made/table":      "ee979b8fb6438a3b",
	"marginals/bits":  "889d6596d83a07c1",
	"marginals/reals": "6dc31b6c37e594cf",
	"marginals/table": "0543599ddbc18c1a",
	"mixture/bits":    "1db74eca005a65a7",
	"mixture/reals":   "41a15137b4c1b9a4",
	"mixture/table":   "15450781f1b8852f",
	"nsf/bits":        "73fe96ff59b690df",
	"nsf/reals":       "2b853f86dd82b2c5",
	"nsf/table":       "be57a459d2f60e7b",
	"realnvp/bits":    "340dadbff892be8d",
	"realnvp/reals":   "64f715b32a4c0edb",
	"realnvp/table":   "f9294729dc97e08f",
	"vae/bits":        "af0da6f02145ff80",
	"vae/reals":       "26bc51c48806fc30",
	"vae/table":       "2fb2f28eb3496fd2",
}

// TestGoldenBits trains every family for some steps and scores events in
// batches of 1, 7, 64 and 100 on 1, 2 and 4 threads and every set of kernels.
func TestGoldenBits(t *testing.T) {
	for _, space := range spaces() {
		events := draw(space.space, 200, 1)
		for _, fam := range model.Families() {
			name := fam.Name + "/" + space.name
			if fam.Fits(space.space) != nil {
				continue
			}
			t.Run(name, func(t *testing.T) {
				m := fit(t, fam, space.space, events, cpu.New(cpu.Options{Threads: 1}))
				want := verdict(t, m, events, 200)
				if got := hash(t, m, want); got != golden[name] {
					t.Errorf("%q: %q,", name, got)
				}
				for _, exec := range executors() {
					again := fit(t, fam, space.space, events, exec.exec)
					for _, size := range []int{1, 7, 64, 100} {
						got := verdict(t, again, events, size)
						if i := differ(got, want); i >= 0 {
							t.Fatalf("%s, batches of %d: value %d is %v, want %v", exec.name, size, i, got[i], want[i])
						}
					}
					if got, want := hash(t, again, want), hash(t, m, want); got != want {
						t.Errorf("%s: other weights after training", exec.name)
					}
				}
			})
		}
	}
}

type namedSpace struct {
	name  string
	space *surprisal.Space
}

func spaces() []namedSpace {
	return []namedSpace{
		{"bits", &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Kind: surprisal.Binary, Shape: []int{9}}}}},
		{"reals", &surprisal.Space{Fields: []surprisal.Field{{Name: "x", Shape: []int{3}}}}},
		{"table", &surprisal.Space{Fields: []surprisal.Field{
			{Name: "class", Kind: surprisal.Categorical, Levels: 3}, {Name: "price", Kind: surprisal.Grid, Low: -40, Step: 0.25},
			{Name: "n", Kind: surprisal.Count}, {Name: "weight"},
		}}},
	}
}

type namedExec struct {
	name string
	exec graph.Executor
}

func executors() []namedExec {
	var out []namedExec
	for _, k := range kern.Impls() {
		threads := []int{1, 2, 4}
		if testing.Short() {
			threads = []int{2}
		}
		for _, n := range threads {
			out = append(out, namedExec{fmt.Sprintf("%s, %d threads", k.Name, n), cpu.New(cpu.Options{Threads: n, Impl: k})})
		}
	}
	return out
}

// draw makes events whose dims depend on each other, by integers alone.
func draw(space *surprisal.Space, n int, seed surprisal.Key) *surprisal.Batch {
	r := seed.Rand()
	b := &surprisal.Batch{Space: space}
	for _, f := range space.Fields {
		b.Columns = append(b.Columns, make(surprisal.Values[float64], n*f.Size()))
	}
	for i := range n {
		side := r.IntN(2)
		for c, f := range space.Fields {
			v := b.Columns[c].(surprisal.Values[float64])
			for j := range f.Size() {
				u := 0
				for range 8 {
					u += r.IntN(5) - 2
				}
				z := u + 6*side - 3
				x := float64(z) / 4
				switch f.Kind {
				case surprisal.Binary:
					x = float64(min(1, max(0, z)))
				case surprisal.Categorical:
					x = float64(((z % 3) + 3) % 3)
				case surprisal.Count:
					x = float64(max(z, -z))
				}
				v[i*f.Size()+j] = x
			}
		}
	}
	return b
}

func fit(t *testing.T, fam model.Family, space *surprisal.Space, events *surprisal.Batch, exec graph.Executor) model.Model {
	t.Helper()
	m, err := fam.New(space, smallConfig(fam, space, events.Len()), exec)
	if err != nil {
		t.Fatal(err)
	}
	half := events.Len() / 2
	switch m := m.(type) {
	case train.Trainable:
		_, err = train.Fit(context.Background(), m, events.Slice(0, half), events.Slice(half, 2*half), exec, train.Options{Seed: 7, Steps: 5}, nil)
	case model.Fitter:
		err = m.Fit(context.Background(), events.Slice(0, half), events.Slice(half, 2*half), 7, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// smallConfig makes nets small, where the family has them: the portable kernels
// are slow.
func smallConfig(fam model.Family, space *surprisal.Space, n int) any {
	cfg := fam.Defaults(space, n)
	for key, v := range map[string]string{"hidden": "8,8", "batch": "40", "latent": "2", "couplings": "3"} {
		_ = model.Set(cfg, key, v)
	}
	return cfg
}

// verdict is what the model says of the events, given size at a time.
func verdict(t *testing.T, m model.Model, events *surprisal.Batch, size int) []float64 {
	t.Helper()
	const k = 3
	var out []float64
	for lo := 0; lo < events.Len(); lo += size {
		b := events.Slice(lo, min(lo+size, events.Len()))
		var part []float64
		var err error
		switch m := m.(type) {
		case surprisal.Density:
			part = make([]float64, b.Len())
			err = m.LogProb(part, b)
		case surprisal.Bounded:
			part = make([]float64, b.Len()*k)
			err = m.LogWeights(part, b, k, 3)
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, part...)
	}
	return out
}

func hash(t *testing.T, m model.Model, values []float64) string {
	t.Helper()
	h := sha256.New()
	if err := safetensors.Write(h, m.State(), nil); err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		if err := binary.Write(h, binary.LittleEndian, math.Float64bits(v)); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

func differ(a, b []float64) int {
	for i := range b {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
			return i
		}
	}
	return -1
}
