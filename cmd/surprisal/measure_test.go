package main

import (
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/run"
)

// TestTrainingEventsFromAllOver: rows that are sorted by class are scored in all
// their length, and verify and pages find the same ones by their number.
func TestTrainingEventsFromAllOver(t *testing.T) {
	const n, half = 100, 50
	sorted := &surprisal.Batch{
		Space:   &surprisal.Space{Fields: []surprisal.Field{{Name: "class", Kind: surprisal.Binary}}},
		Columns: []surprisal.Column{make(surprisal.Values[float64], 2*n)},
	}
	x := sorted.Columns[0].(surprisal.Values[float64])
	for i := n; i < 2*n; i++ {
		x[i] = 1
	}
	e := effort{parts: []string{"train"}, train: half}
	b, ok := e.part(&data.Set{Train: sorted}, "train")
	if !ok || b.Len() != half {
		t.Fatalf("%v, %d events: want %d", ok, b.Len(), half)
	}
	ones := 0.0
	for _, v := range b.Columns[0].(surprisal.Values[float64]) {
		ones += v
	}
	if ones != half/2 {
		t.Errorf("%g of %d events are of the second class, want half of them", ones, half)
	}
	again := scoredOf(sorted, run.Result{Likelihood: surprisal.Likelihood{N: half, Split: "train"}})
	if again.Checksum() != b.Checksum() {
		t.Error("other events are found than were scored")
	}
}
