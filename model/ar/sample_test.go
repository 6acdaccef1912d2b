package ar_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/model/ar"
)

// wholePasses hides that an executor can run in steps.
type wholePasses struct{ graph.Executor }

// TestSamplesAreThoseOfWholePasses draws events of every kind of column from
// networks of every form, in steps and with a whole pass for every column.
func TestSamplesAreThoseOfWholePasses(t *testing.T) {
	bits := binary
	bits.Shape = []int{40}
	for name, s := range map[string]*surprisal.Space{
		"bits": space(bits), "codes": space(colour, stars, binary), "cells": space(wide, count, price), "reals": space(surprisal.Field{Name: "r", Shape: []int{4}}), "mixed": mixed,
	} {
		for i, hidden := range [][]int{{9, 7}, {30}, nil, {2, 3, 50}} {
			cfg := small(s)
			cfg.Hidden, cfg.Direct, cfg.Order = hidden, i%2 == 0, uint64(i)
			exec := cpu.New(cpu.Options{Threads: 2, Impl: kern.Impls()[i%len(kern.Impls())]})
			m := made(t, exec, s, cfg, 15)
			oracle := with(t, wholePasses{exec}, m, cfg)
			for _, n := range []int{1, 67} {
				t.Run(fmt.Sprintf("%s/hidden=%v/n=%d", name, hidden, n), func(t *testing.T) {
					got, err := m.Sample(n, 4, nil)
					if err != nil {
						t.Fatal(err)
					}
					want, err := oracle.Sample(n, 4, nil)
					if err != nil {
						t.Fatal(err)
					}
					if got.Checksum() != want.Checksum() {
						t.Errorf("steps and whole passes draw other events")
					}
				})
			}
			exec.Close()
		}
	}
}

func newMADE(s *surprisal.Space, cfg *ar.Config, exec graph.Executor) (*ar.MADE, error) {
	m, err := ar.New(s, cfg, exec)
	if err != nil {
		return nil, err
	}
	return m, m.Init(5, draw(s, 200, 3))
}

// BenchmarkSample draws images of 784 bits from a MADE of 500 hidden units, and
// events of other kinds of columns.
func BenchmarkSample(b *testing.B) {
	bits, grid, label := binary, price, colour
	bits.Shape, grid.Shape, label.Shape = []int{784}, []int{64}, []int{64}
	exec := cpu.New(cpu.Options{Threads: 1})
	defer exec.Close()
	for _, c := range []struct {
		of     string
		field  surprisal.Field
		hidden int
		exec   graph.Executor
		n      []int
	}{
		{"bits/by=steps", bits, 500, exec, []int{1, 64}},
		{"bits/by=passes", bits, 500, wholePasses{exec}, []int{1}},
		{"cells/by=steps", grid, 200, exec, []int{1, 64}},
		{"codes/by=steps", label, 200, exec, []int{1, 64}},
		{"reals/by=steps", surprisal.Field{Name: "r", Shape: []int{64}}, 200, exec, []int{1, 64}},
	} {
		s := space(c.field)
		cfg := small(s)
		cfg.Hidden, cfg.Direct = []int{c.hidden}, false
		m, err := newMADE(s, cfg, c.exec)
		if err != nil {
			b.Fatal(err)
		}
		for _, n := range c.n {
			b.Run(fmt.Sprintf("of=%s/n=%d", c.of, n), func(b *testing.B) {
				best := time.Hour
				for i := 0; b.Loop(); i++ {
					start := time.Now()
					if _, err := m.Sample(n, surprisal.Key(i), nil); err != nil {
						b.Fatal(err)
					}
					best = min(best, time.Since(start))
				}
				b.ReportMetric(best.Seconds()*1e6/float64(n), "best-µs/event") // on a machine that others use
			})
		}
	}
}
