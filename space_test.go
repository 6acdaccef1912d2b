package surprisal_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/surprisal-go/surprisal"
)

func table() *surprisal.Space {
	return &surprisal.Space{Fields: []surprisal.Field{
		{Name: "sex", Kind: surprisal.Categorical, Levels: 2, Labels: []string{"f", "m"}},
		{Name: "age", Kind: surprisal.Grid, Low: 17, Step: 0.5},
		{Name: "weight", Kind: surprisal.Real},
		{Name: "image", Kind: surprisal.Binary, Levels: 2, Shape: []int{2, 2, 1}, Axes: "HWC"},
	}}
}

func TestSpaceRoundTripsThroughJSON(t *testing.T) {
	want := table()
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got := &surprisal.Space{}
	if err := json.Unmarshal(b, got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" || !got.Equal(want) {
		t.Errorf("space changed (−want +got):\n%s", d)
	}
}

func TestMeasureIsSaidPerColumnWhereColumnsDiffer(t *testing.T) {
	s := table()
	for want, fields := range map[surprisal.Measure][]surprisal.Field{
		"mass":                            {s.Fields[0], s.Fields[1]},
		"density":                         {s.Fields[2]},
		"mass(sex,age) × density(weight)": s.Fields[:3],
	} {
		if got := (&surprisal.Space{Fields: fields}).Measure(); got != want {
			t.Errorf("measure %q, want %q", got, want)
		}
	}
}

func TestColumnsAreNamedByIndex(t *testing.T) {
	var names []string
	for _, c := range table().Columns() {
		names = append(names, c.Name)
	}
	if got, want := strings.Join(names, " "), "sex age weight image[0,0,0] image[0,1,0] image[1,0,0] image[1,1,0]"; got != want {
		t.Errorf("columns %s, want %s", got, want)
	}
}

func TestIndexFindsTheCell(t *testing.T) {
	f := surprisal.Field{Name: "x", Kind: surprisal.Grid, Low: 0.1, Step: 0.1, Levels: 4}
	for v, want := range map[float64]int{0.1: 0, 0.1 + 0.2: 2, 0.4: 3} {
		if i, ok := f.Index(v); !ok || i != want {
			t.Errorf("index of %v is %d, %v; want %d", v, i, ok, want)
		}
	}
	for _, v := range []float64{0, 0.15, 0.5, -0.1} {
		if i, ok := f.Index(v); ok {
			t.Errorf("%v lies on the grid at %d; want it refused", v, i)
		}
	}
}

func TestSpaceValidate(t *testing.T) {
	bad := map[string]surprisal.Field{
		"no name":          {Kind: surprisal.Real},
		"every axis":       {Name: "x", Shape: []int{2, 0}},
		"at least 1":       {Name: "x", Kind: surprisal.Categorical},
		"want 2":           {Name: "x", Kind: surprisal.Binary, Levels: 3},
		"positive step":    {Name: "x", Kind: surprisal.Grid},
		"has 1 labels":     {Name: "x", Kind: surprisal.Categorical, Levels: 3, Labels: []string{"a"}},
		"names 1 axes (T)": {Name: "x", Shape: []int{2, 2}, Axes: "T"},
	}
	for want, f := range bad {
		err := (&surprisal.Space{Fields: []surprisal.Field{f}}).Validate()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("field %+v: error %v, want one with %q", f, err, want)
		}
	}
	twice := &surprisal.Space{Fields: []surprisal.Field{{Name: "x"}, {Name: "x"}}}
	if err := twice.Validate(); err == nil {
		t.Error("two fields of one name are accepted")
	}
	if err := table().Validate(); err != nil {
		t.Error(err)
	}
}

// TestScalar: what scalars are is told by the one field that they stand in.
func TestScalar(t *testing.T) {
	field := func(f surprisal.Field) *surprisal.Space { return &surprisal.Space{Fields: []surprisal.Field{f}} }
	text := surprisal.Field{Name: "text", Kind: surprisal.Categorical, Levels: 20, Shape: []int{64}, Axes: "T"}
	pixel := surprisal.Field{Name: "image", Kind: surprisal.Grid, Step: 1, Levels: 256, Shape: []int{8, 8, 3}, Axes: "HWC"}
	half := pixel
	half.Step = 0.5
	scalar := pixel
	scalar.Shape, scalar.Axes = nil, ""
	for _, c := range []struct {
		space *surprisal.Space
		want  surprisal.Scalar
	}{
		{field(text), surprisal.TextByte}, {field(pixel), surprisal.PixelByte}, {field(half), ""}, {field(scalar), ""}, {table(), ""},
		{field(surprisal.Field{Name: "x", Kind: surprisal.Real, Shape: []int{2}}), ""},
	} {
		if got := c.space.Scalar(); got != c.want {
			t.Errorf("%s: %q, want %q", c.space.Fields[0], got, c.want)
		}
	}
}
