package main

import (
	"fmt"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/model"
	"github.com/surprisal-go/surprisal/train"
)

// exempt is why a run's family is not put to the test of memory by a few events,
// or empty.
func exempt(t *trained, few *surprisal.Batch) (string, error) {
	man := t.folder.Manifest
	if few.Space.Measure() != surprisal.Mass {
		return "a density has no floor", nil
	}
	fam, err := model.Lookup(man.Family)
	if err != nil {
		return "", err
	}
	if fam.Forgets != "" {
		return fmt.Sprintf("%s is exempt by its form (%s)", fam.Name, fam.Forgets), nil
	}
	if _, steps := t.model.(train.Trainable); !steps {
		return fam.Name + " is not trained by steps", nil
	}
	cfg, err := configOf(fam, man)
	if err != nil {
		return "", err
	}
	if why := smooth(fam.Name, cfg, few); why != "" {
		return fmt.Sprintf("%s is exempt by its form on such columns (%s)", fam.Name, why), nil
	}
	return "", nil
}

// smooth names a column to whose values a family gives no mass each, but one
// that it spreads between them, or is empty. A VAE of columns that are not all
// binary decodes by Gaussians. A MADE answers counts and grids of many levels by
// a mixture of logistics: of the first column, of which nothing is known before,
// every value would need a component, and training finds few of those.
func smooth(family string, cfg any, few *surprisal.Batch) string {
	for j, f := range few.Space.Columns() {
		_, _, levels := f.Grid()
		switch family {
		case "vae":
			if levels != 2 {
				return "a Gaussian decoder spreads between the values of " + f.Name
			}
		case "made":
			if f.Kind == surprisal.Categorical || levels > 0 && levels <= max(2, int(settingOf(cfg, "softmax"))) {
				continue
			}
			if n := distinct(few, j); n > 1 {
				return fmt.Sprintf("a mixture of %d logistics spreads between the %d values of %s", int(settingOf(cfg, "components")), n, f.Name)
			}
		}
	}
	return ""
}

// distinct is the number of values of a column.
func distinct(b *surprisal.Batch, column int) int {
	seen, row := map[float64]bool{}, make([]float64, b.Space.Dims())
	for i := range b.Len() {
		b.Float64s(row, i)
		seen[row[column]] = true
	}
	return len(seen)
}
