package tensor

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Store is an ordered set of named tensors: parameters, optimiser moments,
// fixed state. It lives outside graphs, so that several graphs share it; plans
// read parameters from it and write updates into it in place. The zero value
// is empty and ready.
type Store struct {
	names  []string
	byName map[string]Tensor
}

// Set adds a tensor or replaces the one of that name.
func (s *Store) Set(name string, t Tensor) {
	if s.byName == nil {
		s.byName = map[string]Tensor{}
	}
	if _, ok := s.byName[name]; !ok {
		s.names = append(s.names, name)
	}
	s.byName[name] = t
}

// Get returns the tensor of that name.
func (s *Store) Get(name string) (Tensor, bool) {
	t, ok := s.byName[name]
	return t, ok
}

// Must returns the tensor of that name and panics if there is none.
func (s *Store) Must(name string) Tensor {
	t, ok := s.byName[name]
	if !ok {
		panic(fmt.Sprintf("tensor: store has no %q", name))
	}
	return t
}

// Delete removes the tensor of that name, if there is one.
func (s *Store) Delete(name string) {
	if _, ok := s.byName[name]; ok {
		delete(s.byName, name)
		s.names = slices.DeleteFunc(s.names, func(n string) bool { return n == name })
	}
}

// Names returns the names in the order of their first Set.
func (s *Store) Names() []string { return slices.Clone(s.names) }

// Len is the number of tensors.
func (s *Store) Len() int { return len(s.names) }

// All yields names and tensors in order.
func (s *Store) All() iter.Seq2[string, Tensor] {
	return func(yield func(string, Tensor) bool) {
		for _, n := range s.names {
			if !yield(n, s.byName[n]) {
				return
			}
		}
	}
}

// Clone returns a deep copy.
func (s *Store) Clone() *Store {
	out := &Store{}
	for n, t := range s.All() {
		out.Set(n, t.Clone())
	}
	return out
}

// Sub returns the tensors whose names begin with prefix, with the prefix cut
// off. Tensors are shared, not copied.
func (s *Store) Sub(prefix string) *Store {
	out := &Store{}
	for n, t := range s.All() {
		if rest, ok := strings.CutPrefix(n, prefix); ok {
			out.Set(rest, t)
		}
	}
	return out
}

// Merge sets every tensor of t under prefix + its name.
func (s *Store) Merge(prefix string, t *Store) {
	for n, v := range t.All() {
		s.Set(prefix+n, v)
	}
}

// Elements is the number of scalars in all tensors.
func (s *Store) Elements() int {
	n := 0
	for _, t := range s.byName {
		n += t.Size()
	}
	return n
}
