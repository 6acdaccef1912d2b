package data

import (
	"strings"

	"github.com/surprisal-go/surprisal"
)

// Info describes a set that the project makes.
type Info struct {
	Name string `json:"name"`
	Doc  string `json:"doc"` // one line
}

// made is a set that the project makes.
type made struct {
	Info
	make func() (*Set, error)
}

// madeSets are all of them; each is drawn from a key of its own, the same on
// every machine.
var madeSets = []made{
	{Info{"tree64", "64 binary columns from a random tree of known entropy; 10,000 / 2,000 / 10,000 rows"}, makeTree64},
	{Info{"gaussian-mixture", "8 Gaussians on a ring in the plane, density known; 10,000 / 2,000 / 10,000 points"}, makeMixture},
	{Info{"two-moons", "two noisy half circles in the plane, density known; 10,000 / 2,000 / 10,000 points"}, makeMoons},
	{Info{"checkerboard", "uniform on 8 squares of a checkerboard in the plane; 10,000 / 2,000 / 10,000 points"}, makeCheckerboard},
	{Info{"glyphs", "28×28 grey images of digits and letters of the Go fonts, 62 labels; 10,000 / 2,000 / 2,000 images"}, makeGlyphs},
	{Info{"glyphs-binary", "the images of glyphs in black and white"}, makeGlyphsBinary},
}

// List returns the sets that the project makes, in the order to show them.
func List() []Info {
	out := make([]Info, len(madeSets))
	for i, m := range madeSets {
		out[i] = m.Info
	}
	return out
}

func findMade(name string) (made, bool) {
	for _, m := range madeSets {
		if m.Name == name {
			return m, true
		}
	}
	return made{}, false
}

func madeNames() string {
	var names []string
	for _, m := range madeSets {
		names = append(names, m.Name)
	}
	return strings.Join(names, ", ")
}

// sizes of the splits of a set that is made.
type sizes struct{ train, valid, test int }

var drawnSizes = sizes{10_000, 2_000, 10_000}

func (s sizes) total() int { return s.train + s.valid + s.test }

// makeSet cuts the rows of one column into the splits.
func makeSet(f surprisal.Field, values surprisal.Column, labels []int32, names []string, n sizes) *Set {
	all := &surprisal.Batch{Space: &surprisal.Space{Fields: []surprisal.Field{f}}, Columns: []surprisal.Column{values}, Label: labels, LabelNames: names}
	return &Set{
		Space: all.Space,
		Train: all.Slice(0, n.train),
		Valid: all.Slice(n.train, n.train+n.valid),
		Test:  all.Slice(n.train+n.valid, n.total()),
	}
}

// plane is the field of points in the plane.
var plane = surprisal.Field{Name: "x", Kind: surprisal.Real, Shape: []int{2}}

// drawPlane draws points of the plane, each from a key of its own.
func drawPlane(key surprisal.Key, draw func(key surprisal.Key) (x, y float64)) surprisal.Values[float64] {
	n := drawnSizes.total()
	out := make(surprisal.Values[float64], 2*n)
	for i := range n {
		out[2*i], out[2*i+1] = draw(key.Fold(uint64(i)))
	}
	return out
}

// planar is a density on the plane that scores one point at a time.
type planar func(x, y float64) float64

// LogProb implements [surprisal.Density].
func (p planar) LogProb(dst []float64, b *surprisal.Batch) error {
	if err := sameShape("the density", b, surprisal.Real, 2); err != nil {
		return err
	}
	row := make([]float64, 2)
	for i := range dst {
		b.Float64s(row, i)
		dst[i] = p(row[0], row[1])
	}
	return nil
}
