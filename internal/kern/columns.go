package kern

import (
	"fmt"
	"math"
)

// Softmax down columns: x holds [StairCols] columns of rows, ld apart, of which
// column c has the first seen + c, or all if there are not so many. So a mask
// that opens one more row to each column costs nothing, and no column waits for
// sums across a register.

// ExpSumColumns does [Impl.ExpSum] of every column in place, and sets the rows
// that the column has not to +0.
func (k *Impl) ExpSumColumns(x []float32, ld, rows, seen int, sum []float32, s *Scratch) {
	checkColumns(x, ld, rows, seen)
	sum = sum[:StairCols]
	if k.expSumColumns != nil && rows <= chunkRows && rows > 0 &&
		k.expSumColumns(rows, min(seen, rows), &x[0], 4*ld, &grow(&s.chains, lanes*StairCols)[0], &sum[0]) {
		return
	}
	setUnseen(x, ld, rows, seen, -inf)
	shift := grow(&s.chains, StairCols)
	k.maxRows(shift, x, rows, StairCols, ld)
	for c, m := range shift {
		if m >= -math.MaxFloat32 && m <= math.MaxFloat32 {
			shift[c] = m + 0
		} else {
			shift[c] = 0
		}
	}
	for r := range rows {
		row := x[r*ld:][:StairCols]
		k.Binary(Sub, row, row, shift)
		k.Unary(Exp, row, row)
	}
	k.SumRows(sum, x, rows, StairCols, ld)
}

// SoftmaxGradColumns sets every element of x to (x − [Impl.Dot](x, y)/sum)·y,
// with the columns of x and y and the element of sum, every operation rounded,
// and the rows that a column has not to +0. Those of y must be +0 there.
func (k *Impl) SoftmaxGradColumns(x, y []float32, ld, rows, seen int, sum []float32, s *Scratch) {
	checkColumns(x, ld, rows, seen)
	checkColumns(y, ld, rows, seen)
	sum = sum[:StairCols]
	if rows == 0 {
		return
	}
	if k.softmaxGradColumns != nil && rows <= chunkRows {
		k.softmaxGradColumns(rows, min(seen, rows), &x[0], &y[0], 4*ld, &grow(&s.chains, lanes*StairCols)[0], &sum[0])
		return
	}
	setUnseen(x, ld, rows, seen, 0) // may be infinite
	portableSoftmaxGradColumns(x, y, ld, rows, sum)
	setUnseen(x, ld, rows, seen, 0) // NaN, if one of the sums is
}

func checkColumns(x []float32, ld, rows, seen int) {
	if (ld|rows|seen)>>31 != 0 || ld < StairCols || rows > 0 && len(x) < (rows-1)*ld+StairCols {
		panic(fmt.Sprintf("kern: columns of %d rows, stride %d, %d seen, len %d", rows, ld, seen, len(x)))
	}
}

// setUnseen sets the rows that columns have not.
func setUnseen(x []float32, ld, rows, seen int, v float32) {
	for r := seen; r < rows; r++ {
		row := x[r*ld:][:min(r-seen+1, StairCols)]
		for c := range row {
			row[c] = v
		}
	}
}

func portableSoftmaxGradColumns(x, y []float32, ld, rows int, sum []float32) {
	for c := range StairCols {
		var total float32
		for lo := 0; lo < rows; lo += chunkRows {
			var l [lanes]float32
			for r := lo; r < min(rows, lo+chunkRows); r++ {
				l[r%lanes] += float32(x[r*ld+c] * y[r*ld+c])
			}
			if part := foldLanes(&l); lo == 0 {
				total = part
			} else {
				total += part
			}
		}
		total /= sum[c]
		for r := range rows {
			x[r*ld+c] = float32(x[r*ld+c]-total) * y[r*ld+c]
		}
	}
}
