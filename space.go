package surprisal

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Kind says what values a field takes, and with that whether its log p is a
// mass or a density.
type Kind uint8

const (
	// Real fields are scored by a density with respect to Lebesgue measure in
	// raw data units.
	Real Kind = iota
	// Binary fields hold 0 or 1.
	Binary
	// Categorical fields hold a code 0 … Levels−1 without order.
	Categorical
	// Count fields hold the integers 0, 1, 2, …
	Count
	// Grid fields hold Low + i·Step for integer i ≥ 0 (i < Levels if Levels is
	// set): 8-bit pixels, prices, ages, rounded measurements. They are scored
	// as the mass of their cell, because a density could win without bound by
	// spikes on the grid.
	Grid
)

var kindNames = [...]string{"real", "binary", "categorical", "count", "grid"}

// String returns the kind's name: real, binary, categorical, count or grid.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// ParseKind is the inverse of [Kind.String].
func ParseKind(s string) (Kind, error) {
	if i := slices.Index(kindNames[:], s); i >= 0 {
		return Kind(i), nil
	}
	return 0, fmt.Errorf("unknown kind %q: want one of %s", s, strings.Join(kindNames[:], ", "))
}

// MarshalText implements encoding.TextMarshaler.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *Kind) UnmarshalText(b []byte) (err error) { *k, err = ParseKind(string(b)); return err }

// Field is one named part of an event: a scalar, or an array of scalars of one
// kind such as an image.
type Field struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	// Shape of the array; nil is a scalar. An image is H, W, C.
	Shape []int `json:"shape,omitempty"`
	// Axes names the axes of Shape, one letter each: "HWC", "T".
	Axes string `json:"axes,omitempty"`
	// Levels is the alphabet size: 2 for binary fields, the number of
	// categories, or the number of grid points. Zero is unbounded (counts and
	// grids whose upper end is not known).
	Levels int `json:"levels,omitempty"`
	// Low and Step place a grid: value = Low + i·Step. Ignored elsewhere.
	Low  float64 `json:"low,omitempty"`
	Step float64 `json:"step,omitempty"`
	// Labels names the categories of a categorical field, by code. A binary
	// field may have two.
	Labels []string `json:"labels,omitempty"`
}

// Size is the number of scalars in the field.
func (f Field) Size() int {
	n := 1
	for _, d := range f.Shape {
		n *= d
	}
	return n
}

// Discrete reports whether the field is scored by a mass.
func (f Field) Discrete() bool { return f.Kind != Real }

// Grid returns the grid that the values of a discrete field lie on: value i is
// low + i·step, i = 0 … levels−1, levels 0 where unbounded. It panics on real
// fields.
func (f Field) Grid() (low, step float64, levels int) {
	switch f.Kind {
	case Binary:
		return 0, 1, 2
	case Categorical:
		return 0, 1, f.Levels
	case Count:
		return 0, 1, f.Levels
	case Grid:
		return f.Low, f.Step, f.Levels
	}
	panic("surprisal: Grid of a real field")
}

// Index returns the index i of value v on the field's grid, and whether v lies
// on it to within 1e-6 of a step and inside its levels.
func (f Field) Index(v float64) (i int, ok bool) {
	low, step, levels := f.Grid()
	r := math.Round((v - low) / step)
	if !(math.Abs(float64(r*step)+low-v) <= 1e-6*step) || r < 0 || r > math.MaxInt32 || (levels > 0 && r >= float64(levels)) {
		return 0, false
	}
	return int(r), true
}

// String describes the field in one line, as in "age: grid of step 1 from 17, 73 levels".
func (f Field) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", f.Name, f.Kind)
	switch f.Kind {
	case Categorical:
		fmt.Fprintf(&b, " of %d", f.Levels)
	case Grid:
		fmt.Fprintf(&b, " of step %g from %g", f.Step, f.Low)
		if f.Levels > 0 {
			fmt.Fprintf(&b, ", %d levels", f.Levels)
		}
	}
	if f.Shape != nil {
		fmt.Fprintf(&b, ", shape %v", f.Shape)
	}
	return b.String()
}

func (f Field) validate() error {
	switch {
	case f.Name == "":
		return fmt.Errorf("a field has no name")
	case f.Size() <= 0:
		return fmt.Errorf("field %q has shape %v: every axis must be positive", f.Name, f.Shape)
	case f.Axes != "" && len(f.Axes) != len(f.Shape):
		return fmt.Errorf("field %q names %d axes (%s) for shape %v", f.Name, len(f.Axes), f.Axes, f.Shape)
	case f.Kind == Categorical && f.Levels < 1:
		return fmt.Errorf("categorical field %q has %d levels: want at least 1", f.Name, f.Levels)
	case f.Kind == Binary && f.Levels != 0 && f.Levels != 2:
		return fmt.Errorf("binary field %q has %d levels: want 2", f.Name, f.Levels)
	case f.Kind == Grid && !(f.Step > 0 && !math.IsInf(f.Step, 0) && !math.IsInf(f.Low, 0) && !math.IsNaN(f.Low)):
		return fmt.Errorf("grid field %q has low %g and step %g: want a finite low and a positive step", f.Name, f.Low, f.Step)
	case f.Levels < 0:
		return fmt.Errorf("field %q has %d levels", f.Name, f.Levels)
	case f.Labels != nil && (f.Kind != Categorical && f.Kind != Binary || len(f.Labels) != max(f.Levels, 2) && len(f.Labels) != f.Levels):
		return fmt.Errorf("field %q (%s, %d levels) has %d labels", f.Name, f.Kind, f.Levels, len(f.Labels))
	}
	return nil
}

// Space is what an event is: an ordered product of named fields.
type Space struct {
	Fields []Field `json:"fields"`
	// Ragged events have a length of their own along axis 0 of every field;
	// the field's shape gives the greatest. See Batch.Lengths.
	Ragged bool `json:"ragged,omitempty"`
}

// Dims is the number of scalars in an event (the greatest number, if ragged).
func (s *Space) Dims() int {
	n := 0
	for _, f := range s.Fields {
		n += f.Size()
	}
	return n
}

// Discrete reports whether every field is scored by a mass.
func (s *Space) Discrete() bool {
	return !slices.ContainsFunc(s.Fields, func(f Field) bool { return !f.Discrete() })
}

// Continuous reports whether every field is real.
func (s *Space) Continuous() bool { return !slices.ContainsFunc(s.Fields, Field.Discrete) }

// Columns returns one scalar field for each of the Dims scalars of an event in
// row-major order; entries of an array field are named name[i,j].
func (s *Space) Columns() []Field {
	cols := make([]Field, 0, s.Dims())
	for _, f := range s.Fields {
		if f.Shape == nil {
			cols = append(cols, f)
			continue
		}
		idx := make([]int, len(f.Shape))
		for range f.Size() {
			c := f
			c.Shape, c.Axes = nil, ""
			c.Name = f.Name + strings.ReplaceAll(fmt.Sprint(idx), " ", ",")
			cols = append(cols, c)
			for a := len(idx) - 1; a >= 0; a-- {
				if idx[a]++; idx[a] < f.Shape[a] {
					break
				}
				idx[a] = 0
			}
		}
	}
	return cols
}

// Validate reports the first fault of the space.
func (s *Space) Validate() error {
	if len(s.Fields) == 0 {
		return fmt.Errorf("space has no fields")
	}
	seen := map[string]bool{}
	for _, f := range s.Fields {
		if err := f.validate(); err != nil {
			return err
		}
		if seen[f.Name] {
			return fmt.Errorf("two fields are named %q: rename one", f.Name)
		}
		seen[f.Name] = true
	}
	return nil
}

// Equal reports whether two spaces describe the same events. Labels of
// categories count, axis names do not.
func (s *Space) Equal(t *Space) bool {
	return s.Ragged == t.Ragged && slices.EqualFunc(s.Fields, t.Fields, func(a, b Field) bool {
		return a.Name == b.Name && a.Kind == b.Kind && slices.Equal(a.Shape, b.Shape) && a.Levels == b.Levels &&
			a.Low == b.Low && a.Step == b.Step && slices.Equal(a.Labels, b.Labels)
	})
}

// Measure says what a log p refers to. Log-probabilities under different
// measures do not compare.
type Measure string

const (
	// Mass is a probability mass on a finite or countable set.
	Mass Measure = "mass"
	// Lebesgue is a density with respect to Lebesgue measure in raw data units.
	Lebesgue Measure = "density"
)

// Measure returns "mass" if all fields are discrete, "density" if all are
// real, and otherwise both with the fields of each, as in
// "mass(rank,sex) × density(weight)".
func (s *Space) Measure() Measure {
	if s.Discrete() {
		return Mass
	}
	if s.Continuous() {
		return Lebesgue
	}
	var m, d []string
	for _, f := range s.Fields {
		if f.Discrete() {
			m = append(m, f.Name)
		} else {
			d = append(d, f.Name)
		}
	}
	return Measure(fmt.Sprintf("mass(%s) × density(%s)", strings.Join(m, ","), strings.Join(d, ",")))
}

// Scalar is what every scalar of an event is in the raw data, where that is
// something with a size of its own; the zero value says nothing.
type Scalar string

const (
	// PixelByte is an integer of 8 bits, as of a channel of a pixel.
	PixelByte Scalar = "byte"
	// TextByte is a byte of a text or of another stream.
	TextByte Scalar = "text byte"
)

// IsByte reports whether the scalar is a byte of raw data.
func (s Scalar) IsByte() bool { return s == PixelByte || s == TextByte }

// Scalar returns what the scalars of an event are: bytes where its one field is
// an array of the integers 0 … 255, bytes of a text where it is an array of
// symbols over time (axes "T").
func (s *Space) Scalar() Scalar {
	if len(s.Fields) != 1 || s.Fields[0].Shape == nil {
		return ""
	}
	switch f := s.Fields[0]; {
	case f.Kind == Categorical && f.Axes == "T":
		return TextByte
	case f.Kind == Grid && f.Low == 0 && f.Step == 1 && f.Levels == 256:
		return PixelByte
	}
	return ""
}
