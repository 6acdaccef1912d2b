package surprisal

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/surprisal-go/surprisal/internal/digits"
)

// Knowledge says what a number tells of log p.
type Knowledge uint8

const (
	// Exact: the number is log p.
	Exact Knowledge = iota
	// LowerBound: log p is at least the number, so the true nats are at most
	// those printed (≤).
	LowerBound
	// UpperBound: log p is at most the number, so the true nats are at least
	// those printed (≥).
	UpperBound
	// Estimate: the number may lie on either side.
	Estimate
)

var knowledgeNames = [...]string{"exact", "lower_bound", "upper_bound", "estimate"}

// String returns exact, lower_bound, upper_bound or estimate.
func (k Knowledge) String() string {
	if int(k) < len(knowledgeNames) {
		return knowledgeNames[k]
	}
	return fmt.Sprintf("Knowledge(%d)", uint8(k))
}

// Sign is the sign printed before nats: "", "≤", "≥" or "≈". A lower bound of
// log p is an upper bound of surprisal.
func (k Knowledge) Sign() string { return [...]string{"", "≤", "≥", "≈"}[k] }

// MarshalText implements encoding.TextMarshaler.
func (k Knowledge) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *Knowledge) UnmarshalText(b []byte) error {
	i := slices.Index(knowledgeNames[:], string(b))
	if i < 0 {
		return fmt.Errorf("unknown kind of likelihood %q", b)
	}
	*k = Knowledge(i)
	return nil
}

// DataRef identifies the events that a likelihood is about.
type DataRef struct {
	Name     string `json:"name"`
	Checksum string `json:"checksum"` // of the evaluated events; see Batch.Checksum
}

// Likelihood is how well a model predicts a set of events: the mean surprisal
// −log p in nats and everything needed to read it. Lower is better.
type Likelihood struct {
	// Nats is the mean surprisal of the events with positive probability. If
	// Infinite is not zero the mean over all events is +Inf: see MeanNats.
	Nats float64
	// Infinite counts events of probability zero, or without a finite bound.
	Infinite int
	// StdErr is the standard error of Nats over test events, for these weights.
	StdErr float64
	// N is the number of events, infinite ones included.
	N int
	// Dims is the number of scalars in an event; for ragged events the mean.
	Dims float64
	// Kind says what is known of log p.
	Kind Knowledge
	// Samples is the number of draws behind a bound or estimate, else 0.
	Samples int
	// Measure that log p refers to.
	Measure Measure
	// Scalar is what a scalar of an event is, where that has a name.
	Scalar Scalar
	// Given names what the events are conditioned on; empty if nothing.
	Given string
	// Data identifies the events, Split the part of the set.
	Data     DataRef
	Split    string
	Warnings []string
}

// MeanNats is the mean over all events: +Inf if one has probability zero.
func (l Likelihood) MeanNats() float64 {
	if l.Infinite > 0 {
		return math.Inf(1)
	}
	return l.Nats
}

// Bits converts nats to bits.
func Bits(nats float64) float64 { return nats / math.Ln2 }

// Nats converts bits to nats.
func Nats(bits float64) float64 { return bits * math.Ln2 }

// BitsPerDim is the mean surprisal in bits per scalar.
func (l Likelihood) BitsPerDim() float64 { return Bits(l.MeanNats()) / l.Dims }

// BitsPerByte is the mean surprisal in bits per byte of raw data; not ok where
// the scalars of an event are no bytes.
func (l Likelihood) BitsPerByte() (bits float64, ok bool) {
	if !l.Scalar.IsByte() {
		return math.NaN(), false
	}
	return l.BitsPerDim(), true
}

// Perplexity is exp of the nats per scalar. It means something for the symbols
// of a text only.
func (l Likelihood) Perplexity() float64 { return math.Exp(l.MeanNats() / l.Dims) }

// String formats nats with sign and error, as in "≤ 86.70 ± 0.21 nats": two
// decimals, or up to four where the error would otherwise show no digit. An
// error that is not known is a question mark.
func (l Likelihood) String() string {
	decimals := 2
	for limit := 0.0095; decimals < 4 && l.StdErr < limit; limit /= 10 {
		decimals++
	}
	s := fmt.Sprintf("%s ± %s nats", digits.Fixed(l.Nats, decimals), digits.Fixed(l.StdErr, decimals))
	if l.Infinite > 0 {
		s = fmt.Sprintf("∞ nats (%d of %d events)", l.Infinite, l.N)
	}
	if sign := l.Kind.Sign(); sign != "" {
		s = sign + " " + s
	}
	return s
}

// ErrNotComparable is the kind of error that Comparable returns.
var ErrNotComparable = errors.New("results do not compare")

// Comparable returns nil if the two likelihoods speak of the same events under
// the same measure and condition, else an error of kind [ErrNotComparable]
// that says what differs and what to do.
func (l Likelihood) Comparable(m Likelihood) error {
	fail := func(what, a, b, hint string) error {
		return fmt.Errorf("%w: %s %s and %s; %s", ErrNotComparable, what, a, b, hint)
	}
	switch {
	case l.Measure != m.Measure:
		return fail("their measures are", string(l.Measure), string(m.Measure), "score both on the same column types (--column NAME=TYPE)")
	case l.Data.Checksum == "" || m.Data.Checksum == "":
		return fmt.Errorf("%w: one of them does not say which events it is about; evaluate it again", ErrNotComparable)
	case l.Data.Checksum != m.Data.Checksum:
		return fail("their test events differ:", l.Data.ref(), m.Data.ref(), "evaluate both on the same data and split")
	case l.Given != m.Given:
		return fail("they are conditioned on", quoted(l.Given), quoted(m.Given), "compare models of the same conditional")
	case l.N != m.N:
		return fail("their numbers of events are", fmt.Sprint(l.N), fmt.Sprint(m.N), "evaluate both on all events")
	}
	return nil
}

func (d DataRef) ref() string {
	sum := d.Checksum
	if len(sum) > 15 {
		sum = sum[:15] + "…"
	}
	return fmt.Sprintf("%s (%s)", d.Name, sum)
}

func quoted(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

// likelihoodJSON is the form that scripts rely on.
type likelihoodJSON struct {
	Nats        *float64  `json:"nats"`
	Infinite    int       `json:"infinite,omitempty"`
	StdErr      *float64  `json:"stderr"`
	Bits        *float64  `json:"bits"`
	BitsPerDim  *float64  `json:"bits_per_dim"`
	BitsPerByte *float64  `json:"bits_per_byte,omitempty"`
	Perplexity  *float64  `json:"perplexity,omitempty"`
	N           int       `json:"n"`
	Dims        float64   `json:"dims"`
	Kind        Knowledge `json:"kind"`
	Samples     int       `json:"samples"`
	Measure     Measure   `json:"measure"`
	Scalar      Scalar    `json:"scalar,omitempty"`
	Given       string    `json:"given,omitempty"`
	Data        DataRef   `json:"data"`
	Split       string    `json:"split"`
	Warnings    []string  `json:"warnings"`
	Finite      *float64  `json:"finite_nats,omitempty"`
}

// MarshalJSON writes nats as null, beside the count of infinite events, where
// an event has probability zero; the mean over the others is finite_nats. The
// bits are an event's; those of a byte are there where scalars are bytes, the
// perplexity where they are the symbols of a text.
func (l Likelihood) MarshalJSON() ([]byte, error) {
	j := likelihoodJSON{
		Infinite: l.Infinite, N: l.N, Dims: l.Dims, Kind: l.Kind, Samples: l.Samples, Measure: l.Measure,
		Scalar: l.Scalar, Given: l.Given, Data: l.Data, Split: l.Split, Warnings: l.Warnings,
		StdErr: finite(l.StdErr),
	}
	if j.Warnings == nil {
		j.Warnings = []string{}
	}
	if l.Infinite == 0 {
		j.Nats, j.Bits, j.BitsPerDim = finite(l.Nats), finite(Bits(l.Nats)), finite(l.BitsPerDim())
		if bits, ok := l.BitsPerByte(); ok {
			j.BitsPerByte = finite(bits)
		}
		if l.Scalar == TextByte {
			j.Perplexity = finite(l.Perplexity())
		}
	} else {
		j.Finite = finite(l.Nats)
	}
	return json.Marshal(j)
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (l *Likelihood) UnmarshalJSON(b []byte) error {
	var j likelihoodJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*l = Likelihood{
		Nats: value(j.Nats), Infinite: j.Infinite, StdErr: value(j.StdErr), N: j.N, Dims: j.Dims, Kind: j.Kind, Samples: j.Samples,
		Measure: j.Measure, Scalar: j.Scalar, Given: j.Given, Data: j.Data, Split: j.Split, Warnings: j.Warnings,
	}
	if j.Infinite > 0 {
		l.Nats = value(j.Finite)
	}
	if len(l.Warnings) == 0 {
		l.Warnings = nil
	}
	return nil
}

func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func value(p *float64) float64 {
	if p == nil {
		return math.NaN()
	}
	return *p
}
