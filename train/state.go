package train

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/tensor"
)

// State is everything that the next step of a training depends on, between two
// steps. [State.Encode] and [Decode] turn it into a store and JSON and back.
type State struct {
	// Seed, Batch and Events (their number in the training set) fix the order
	// of events and every draw; resuming with others is an error.
	Seed   surprisal.Key `json:"seed"`
	Batch  int           `json:"batch"`
	Events int           `json:"events"`

	// Step is the number of steps made; epoch and place in it follow.
	Step int `json:"step"`
	// Seconds of training over all sessions.
	Seconds float64 `json:"seconds"`
	// ValidatedAt is the step of the last validation, Stale the number of
	// validations since the best.
	ValidatedAt int `json:"validated_at"`
	Stale       int `json:"stale"`
	// BestAt is the metric of the best validation; nil before the first.
	BestAt *Metric `json:"best_at,omitempty"`
	// Last is the metric of the last validation.
	Last *Metric `json:"last,omitempty"`
	// Epoch and Recent add up losses: of this epoch, and since the last metric.
	Epoch  Sum `json:"epoch_loss"`
	Recent Sum `json:"recent_loss"`

	// Store holds parameters, fixed state, moments and averages.
	Store *tensor.Store `json:"-"`
	// Best holds the values of the model's State at the best validation; nil
	// before the first.
	Best *tensor.Store `json:"-"`
}

// Sum adds up the losses of events.
type Sum struct {
	Nats   float64 `json:"nats"`
	Events int     `json:"events"`
}

func (s *Sum) add(mean float64, events int) {
	s.Nats += float64(mean * float64(events))
	s.Events += events
}

func (s Sum) mean() float64 { return s.Nats / float64(max(s.Events, 1)) }

const (
	stateNow  = "now/"
	stateBest = "best/"
)

// Encode returns the state's tensors, which are shared and not copied, and the
// rest as JSON.
func (s *State) Encode() (*tensor.Store, []byte, error) {
	store := &tensor.Store{}
	store.Merge(stateNow, s.Store)
	if s.Best != nil {
		store.Merge(stateBest, s.Best)
	}
	meta, err := json.Marshal(s)
	return store, meta, err
}

// Decode is the inverse of [State.Encode].
func Decode(store *tensor.Store, meta []byte) (*State, error) {
	s := &State{}
	if err := json.Unmarshal(meta, s); err != nil {
		return nil, fmt.Errorf("reading the state of a training: %w", err)
	}
	s.Store = store.Sub(stateNow)
	if s.Store.Len() == 0 || s.Batch < 1 || s.Events < s.Batch || s.Step < 0 {
		return nil, fmt.Errorf("reading the state of a training: it has %d tensors, batch %d of %d events, step %d", s.Store.Len(), s.Batch, s.Events, s.Step)
	}
	if best := store.Sub(stateBest); best.Len() > 0 {
		s.Best = best
	}
	return s, nil
}

// overwrite copies the values of src into the tensors of dst by name. Both
// must have the same names, types and shapes; what says where src comes from.
func overwrite(dst, src *tensor.Store, what string) error {
	for name, d := range dst.All() {
		s, ok := src.Get(name)
		if !ok {
			return fmt.Errorf("%s has no tensor %q: it was made by another model or configuration", what, name)
		}
		if !slices.Equal(d.Shape, s.Shape) || !d.CopyFrom(s) {
			return fmt.Errorf("%s holds %q as %T%v, want %T%v: it was made by another model or configuration", what, name, s.Data, s.Shape, d.Data, d.Shape)
		}
	}
	return nil
}
