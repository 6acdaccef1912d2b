package tensor_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/surprisal-go/surprisal/tensor"
)

func store() *tensor.Store {
	s := &tensor.Store{}
	s.Set("b/w", tensor.Of([]float32{1, 2, 3, 4, 5, 6}, 2, 3))
	s.Set("a", tensor.Of([]float64{7}))
	s.Set("b/n", tensor.Of([]int32{8, 9}, 2))
	return s
}

func TestStoreKeepsOrder(t *testing.T) {
	s := store()
	s.Set("a", tensor.Of([]float64{1})) // replaced in place
	if d := cmp.Diff([]string{"b/w", "a", "b/n"}, s.Names()); d != "" {
		t.Error(d)
	}
	if s.Len() != 3 || s.Elements() != 9 || s.Must("a").F64()[0] != 1 {
		t.Errorf("%d tensors, %d scalars, a = %v", s.Len(), s.Elements(), s.Must("a"))
	}
	s.Delete("a")
	if _, ok := s.Get("a"); ok || slices.Contains(s.Names(), "a") {
		t.Error("a deleted tensor is still there")
	}
}

// TestSubAndMergeShareMemory: they are views, so that optimisers and models
// see each other's writes; Clone is apart.
func TestSubAndMergeShareMemory(t *testing.T) {
	s := store()
	sub, merged, clone := s.Sub("b/"), &tensor.Store{}, s.Clone()
	merged.Merge("now/", s)
	s.Must("b/w").F32()[0] = 42
	if d := cmp.Diff([]string{"w", "n"}, sub.Names()); d != "" {
		t.Error(d)
	}
	if sub.Must("w").F32()[0] != 42 || merged.Must("now/b/w").F32()[0] != 42 {
		t.Error("Sub or Merge copied the tensors")
	}
	if clone.Must("b/w").F32()[0] != 1 {
		t.Error("Clone shares memory")
	}
}

func TestCopyFromChecksTypeAndSize(t *testing.T) {
	dst := tensor.New[float32](2, 2)
	if !dst.CopyFrom(tensor.Of([]float32{1, 2, 3, 4}, 4)) || dst.F32()[3] != 4 {
		t.Errorf("copying gave %v", dst)
	}
	for _, src := range []tensor.Tensor{tensor.New[float64](4), tensor.New[float32](3)} {
		if dst.CopyFrom(src) || dst.F32()[0] != 1 {
			t.Errorf("copying from %T%v was accepted or changed the values", src.Data, src.Shape)
		}
	}
}

func TestFloat64sWidensEveryType(t *testing.T) {
	want := []float64{1, 2}
	for _, v := range []tensor.Tensor{
		tensor.Of([]float32{1, 2}, 2), tensor.Of([]float64{1, 2}, 2), tensor.Of([]int32{1, 2}, 2),
		tensor.Of([]uint32{1, 2}, 2), tensor.Of([]uint8{1, 2}, 2), tensor.Of([]uint64{1, 2}, 2),
	} {
		if d := cmp.Diff(want, v.Float64s()); d != "" {
			t.Errorf("%T: %s", v.Data, d)
		}
		if c := v.Clone(); cmp.Diff(v.Data, c.Data) != "" {
			t.Errorf("clone of %T is %v", v.Data, c.Data)
		}
	}
}

func TestWrongLengthPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("3 values for shape (2, 2) are accepted")
		}
	}()
	tensor.Of([]float32{1, 2, 3}, 2, 2)
}
