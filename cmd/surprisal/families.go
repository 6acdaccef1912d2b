package main

import (
	"slices"

	"github.com/surprisal-go/surprisal/model"
)

// pickFamilies returns the named families, or all.
func pickFamilies(names []string) ([]model.Family, error) {
	if len(names) == 0 {
		return model.Families(), nil
	}
	var out []model.Family
	for i, n := range names {
		f, err := model.Lookup(n)
		if err != nil {
			return nil, usageError{err}
		}
		if slices.Contains(names[:i], n) {
			return nil, usagef("family %s is named twice", n)
		}
		out = append(out, f)
	}
	return out, nil
}
