package ar_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/engine/ref"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/model/ar"
)

// fed returns what training feeds for the events of b.
func fed(t *testing.T, b *surprisal.Batch, order int) (graph.Feeds, error) {
	t.Helper()
	cfg := small(b.Space)
	cfg.Order = uint64(order)
	m, err := ar.New(b.Space, cfg, ref.New())
	if err != nil {
		t.Fatal(err)
	}
	o, err := m.Objective()
	if err != nil {
		t.Fatal(err)
	}
	feeds := graph.Feeds{}
	for range 2 { // into used buffers too
		if err := o.Phases[0].Feed(feeds, b, 3); err != nil {
			return nil, err
		}
	}
	return feeds, nil
}

// TestBytesOfBits feeds fields of bits stored as bytes and as floats, alone and
// among others, in two orders, and enough of them that several goroutines
// encode: the inputs are the same, and so is the first fault.
func TestBytesOfBits(t *testing.T) {
	image := surprisal.Field{Name: "image", Kind: surprisal.Binary, Shape: []int{3, 3}}
	flag := surprisal.Field{Name: "flag", Kind: surprisal.Binary}
	code := surprisal.Field{Name: "code", Kind: surprisal.Categorical, Levels: 3}
	real := surprisal.Field{Name: "real"}
	for _, c := range []struct {
		fields []surprisal.Field
		n      int
	}{
		{[]surprisal.Field{image}, 5},
		{[]surprisal.Field{flag, image}, 5},
		{[]surprisal.Field{image, code, flag, real}, 5},
		{[]surprisal.Field{image, code, flag}, 60_000},
	} {
		for order := range 2 {
			r := rand.New(rand.NewPCG(1, 2))
			space := &surprisal.Space{Fields: c.fields}
			bytes, floats := &surprisal.Batch{Space: space}, &surprisal.Batch{Space: space}
			for _, f := range c.fields {
				narrow, wide := make(surprisal.Values[uint8], c.n*f.Size()), make(surprisal.Values[float64], c.n*f.Size())
				for i := range narrow {
					narrow[i] = uint8(r.IntN(max(2, f.Levels)))
					wide[i] = float64(narrow[i])
				}
				bytes.Columns, floats.Columns = append(bytes.Columns, narrow), append(floats.Columns, wide)
			}
			got, err := fed(t, bytes, order)
			if err != nil {
				t.Fatal(err)
			}
			want, err := fed(t, floats, order)
			if err != nil {
				t.Fatal(err)
			}
			for name := range want {
				if !reflect.DeepEqual(got[name], want[name]) {
					t.Errorf("%v, %d events, order %d: bytes feed another %s than floats", c.fields, c.n, order, name)
				}
			}
			for f := range c.fields { // two faults in event 3, one in the last
				size := c.fields[f].Size()
				for _, at := range []int{3*size + size/2, c.n*size - 1} {
					if c.fields[f].Discrete() {
						bytes.Columns[f].(surprisal.Values[uint8])[at] = 7
						floats.Columns[f].(surprisal.Values[float64])[at] = 7
					}
				}
			}
			_, err = fed(t, bytes, order)
			_, plain := fed(t, floats, order)
			if err == nil || plain == nil || err.Error() != plain.Error() || !strings.HasPrefix(err.Error(), "event of id 3: value 7") {
				t.Errorf("%v, %d events, order %d: bytes fail with %v, floats with %v", c.fields, c.n, order, err, plain)
			}
		}
	}
}

// BenchmarkFeed encodes images of 784 bits, stored as bytes.
func BenchmarkFeed(b *testing.B) {
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprintf("batch=%d", n), func(b *testing.B) {
			s := space(surprisal.Field{Name: "image", Kind: surprisal.Binary, Shape: []int{28, 28}})
			m, err := ar.New(s, small(s), ref.New())
			if err != nil {
				b.Fatal(err)
			}
			o, err := m.Objective()
			if err != nil {
				b.Fatal(err)
			}
			batch := &surprisal.Batch{Space: s, Columns: []surprisal.Column{make(surprisal.Values[uint8], n*784)}}
			feeds := graph.Feeds{}
			b.ReportAllocs()
			for b.Loop() {
				if err := o.Phases[0].Feed(feeds, batch, 1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
