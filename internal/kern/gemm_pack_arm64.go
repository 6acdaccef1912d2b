//go:build !noasm

package kern

import "unsafe"

// These stand for the kernels of the same names on other machines; strides are
// in bytes.

// packRows16 copies k > 0 rows of the columns in mask, and zeros beside them.
func packRows16(k int, src *float32, lds int, dst *float32, ldd int, mask *uint32) {
	packRows(panelCols, k, src, lds, dst, ldd, mask)
}

// packTiles8 copies k > 0 rows of tiles of width bytes: tile t begins at
// dst + t·step, its rows width apart, and 8 floats are written at each.
func packTiles8(k int, src *float32, lds int, dst *float32, width, tiles, step int, mask *uint32) {
	for t := range tiles {
		packRows(packWidth, k, advance(src, t*width/4), lds, advance(dst, t*step/4), width, mask)
	}
}

func packRows(width, k int, src *float32, lds int, dst *float32, ldd int, mask *uint32) {
	cols := min(maskedColumns(mask), width)
	for p := range k {
		row := unsafe.Slice(advance(dst, p*ldd/4), width)
		copy(row, unsafe.Slice(advance(src, p*lds/4), cols))
		clear(row[cols:])
	}
}

// packColumns8 transposes up to 8 rows of 8*k8 > 0 columns:
// dst(p, r) = src(r, p).
func packColumns8(k8 int, src *float32, lds int, dst *float32, ldd int, rows int) {
	for r := range rows {
		row := unsafe.Slice(advance(src, r*lds/4), 8*k8)
		to := unsafe.Slice(dst, (8*k8-1)*ldd/4+rows)
		for p, v := range row {
			to[p*ldd/4+r] = v
		}
	}
}
