package ar

import (
	"fmt"

	"github.com/surprisal-go/surprisal"
)

// answer is how the columns of a head are modelled.
type answer uint8

const (
	bits      answer = iota // Bernoulli
	codes                   // softmax over K levels
	cells                   // mass of a cell under a mixture of logistics and spikes
	densities               // density of a mixture of logistics
)

// column is one scalar of an event, in the order of generation.
type column struct {
	field   surprisal.Field
	at      int // its place in Space.Columns
	feature int // its first feature
	width   int // number of features
	head    int // the head that answers it
	slot    int // its place in the head
	// The grid of a discrete field.
	low, step float64
}

// head is a block of columns answered alike.
type head struct {
	name    string
	answer  answer
	levels  int   // K of codes
	params  int   // outputs a column
	columns []int // by ascending position in the order
	at      []int // of each of them the place in Space.Columns
}

// layout says where the columns of a space lie in a network. The column at
// position i of the order has degree i+1.
type layout struct {
	columns  []column
	heads    []head
	features []int // degree of every feature, ascending
}

func newLayout(space *surprisal.Space, cfg *Config) *layout {
	fields := space.Columns()
	order := make([]int, len(fields))
	for i := range order {
		order[i] = i
	}
	if cfg.Order != 0 {
		order = surprisal.Key(cfg.Order).Named("order").Rand().Perm(len(fields))
	}
	l := &layout{}
	byName := map[string]int{}
	for i, at := range order {
		h, width := headOf(fields[at], cfg)
		k, ok := byName[h.name]
		if !ok {
			k = len(l.heads)
			byName[h.name] = k
			l.heads = append(l.heads, h)
		}
		c := column{field: fields[at], at: at, feature: len(l.features), width: width, head: k, slot: len(l.heads[k].columns)}
		if c.field.Discrete() {
			c.low, c.step, _ = c.field.Grid()
		}
		l.heads[k].columns, l.heads[k].at = append(l.heads[k].columns, i), append(l.heads[k].at, at)
		l.columns = append(l.columns, c)
		for range width {
			l.features = append(l.features, i+1)
		}
	}
	return l
}

// headOf returns the empty head that answers a field, and its number of
// features.
func headOf(f surprisal.Field, cfg *Config) (h head, features int) {
	if !f.Discrete() {
		return head{name: "density", answer: densities, params: 3 * cfg.Components}, 1
	}
	_, _, levels := f.Grid()
	switch {
	case levels == 2:
		return head{name: "bernoulli", answer: bits, params: 1}, 1
	case f.Kind == surprisal.Categorical || levels > 0 && levels <= cfg.Softmax:
		return head{name: fmt.Sprintf("softmax%d", levels), answer: codes, levels: levels, params: levels}, levels
	}
	return head{name: "cells", answer: cells, params: 3*cfg.Components + 1}, 1
}

// degrees lists the degree of each output of a head.
func (h *head) degrees() []int {
	out := make([]int, 0, len(h.columns)*h.params)
	for _, c := range h.columns {
		for range h.params {
			out = append(out, c+1)
		}
	}
	return out
}

// hiddenDegrees spreads the degrees 1 … D−1 evenly over n units, ascending.
func (l *layout) hiddenDegrees(n int) []int {
	out := make([]int, n)
	for k := range out {
		out[k] = 1 + k*max(len(l.columns)-1, 1)/n
	}
	return out
}
