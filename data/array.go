package data

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// array is a decoded array: values in row-major order as bytes or floats.
type array struct {
	shape  []int
	u8     []uint8
	f64    []float64
	single bool
}

func (a *array) len() int { return max(len(a.u8), len(a.f64)) }

// readArrays reads one array a file; an array of one axis labels the rows of
// its neighbour of the same split.
func (r *raw) readArrays(files []file, decode func([]byte) (*array, error)) error {
	data, labels := map[string]*array{}, map[string]*array{}
	paths, labelPaths := map[string]string{}, map[string]string{}
	for _, f := range files {
		a, err := decode(f.bytes)
		if err != nil {
			return fmt.Errorf("reading %s: %w", f.path, err)
		}
		into, path := data, paths
		if isLabels(f.path, a) {
			into, path = labels, labelPaths
		}
		if into[f.split] != nil {
			return fmt.Errorf("%s and %s hold the same split: name one", path[f.split], f.path)
		}
		into[f.split], path[f.split] = a, f.path
	}
	return r.appendArrays(data, labels, paths)
}

// isLabels tells labels from values: one axis, and a name that says so.
func isLabels(path string, a *array) bool {
	return len(a.shape) == 1 && slices.ContainsFunc(tokens(filepath.Base(path)), func(t string) bool {
		return t == "labels" || t == "targets" || t == "y"
	})
}

// appendArrays joins the arrays of each split with their labels.
func (r *raw) appendArrays(data, labels map[string]*array, paths map[string]string) error {
	if len(data) == 0 {
		return fmt.Errorf("there are labels but nothing that they label")
	}
	first := ""
	for _, split := range append([]string{""}, splitNames[:]...) {
		a := data[split]
		if a == nil {
			if labels[split] != nil {
				return fmt.Errorf("there are labels for the split %q but no events", split)
			}
			continue
		}
		b := a.block()
		if l := labels[split]; l != nil {
			if l.shape[0] != b.rows {
				return fmt.Errorf("%s holds %d events but there are %d labels", paths[split], b.rows, l.shape[0])
			}
			b.label = l.texts()
		}
		if first == "" {
			first = paths[split]
		}
		if err := r.append(b, split, paths[split], first); err != nil {
			return err
		}
	}
	return nil
}

// texts formats the values as labels.
func (a *array) texts() []string {
	out := make([]string, a.len())
	for i := range out {
		if a.u8 != nil {
			out[i] = byteNames[a.u8[i]]
		} else {
			out[i] = formatNumber(a.f64[i])
		}
	}
	return out
}

// byteNames are the numbers 0 … 255 as text, made once for all labels.
var byteNames = func() (names [256]string) {
	for i := range names {
		names[i] = formatNumber(float64(i))
	}
	return names
}()

// block turns an array into columns: N × D into D columns, unless it is bytes
// for D ≥ pixelColumns, and anything else into one column of a shape. N × H × W
// are images of one channel.
func (a *array) block() *block {
	rows := a.shape[0]
	wide := len(a.shape) == 2 && a.shape[1] >= pixelColumns
	if len(a.shape) <= 2 && (a.f64 != nil || !wide) {
		return a.matrix()
	}
	c := &column{name: "x", shape: a.shape[1:], u8: a.u8, f64: a.f64, single: a.single}
	switch len(a.shape) {
	case 3:
		c.name, c.axes, c.shape = "image", "HWC", []int{a.shape[1], a.shape[2], 1}
	case 4:
		c.name, c.axes = "image", "HWC"
	}
	return &block{rows: rows, cols: []*column{c}}
}

func (a *array) matrix() *block {
	rows, d := a.shape[0], 1
	if len(a.shape) == 2 {
		d = a.shape[1]
	}
	if a.u8 != nil {
		a.f64, a.u8 = widened(a.u8), nil
	}
	b := &block{rows: rows, unnamed: true}
	for j := range d {
		c := &column{name: unnamedColumn(j), f64: make([]float64, rows), single: a.single}
		for i := range rows {
			c.f64[i] = a.f64[i*d+j]
		}
		b.cols = append(b.cols, c)
	}
	return b
}

func unnamedColumn(j int) string { return fmt.Sprintf("x%d", j) }

// product multiplies the axes, refusing negative ones and overflow past limit.
func product(shape []int, limit int) (int, error) {
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > limit/d {
			return 0, fmt.Errorf("an array of shape %s cannot fit in the file", strings.Trim(fmt.Sprint(shape), "[]"))
		}
		n *= d
	}
	return n, nil
}
