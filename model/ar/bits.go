package ar

import (
	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/model/feed"
)

// bitField is a field of bits. Stored as bytes its values are features as they
// are, and need no detour over grids.
type bitField struct {
	field, head, size int
	runs              []bitRun
	bytes             []uint8 // the column of the batch in progress
}

// bitRun is a row of n columns that follow each other in the field, among the
// features and in the head.
type bitRun struct{ from, feature, slot, n int }

// bitFields lists the fields of bits, and the columns of all others by place
// in the layout.
func bitFields(space *surprisal.Space, l *layout) (fields []bitField, rest []int) {
	var of, first []int // by place in Space.Columns: field, and its first place
	byField := make([]int, len(space.Fields))
	for f := range space.Fields {
		byField[f] = -1
		at := len(of)
		for range space.Fields[f].Size() {
			of, first = append(of, f), append(first, at)
		}
	}
	for i := range l.columns {
		c := &l.columns[i]
		if l.heads[c.head].answer != bits || c.low != 0 || c.step != 1 {
			rest = append(rest, i)
			continue
		}
		f := of[c.at]
		if byField[f] < 0 {
			byField[f] = len(fields)
			fields = append(fields, bitField{field: f, head: c.head, size: space.Fields[f].Size()})
		}
		fields[byField[f]].add(bitRun{c.at - first[c.at], c.feature, c.slot, 1})
	}
	return fields, rest
}

// add makes the last run longer if the next one continues it.
func (b *bitField) add(next bitRun) {
	if k := len(b.runs) - 1; k >= 0 {
		r := &b.runs[k]
		if next.from == r.from+r.n && next.feature == r.feature+r.n && next.slot == r.slot+r.n {
			r.n++
			return
		}
	}
	b.runs = append(b.runs, next)
}

// row writes the bits of event r of the batch into its features and its values
// of the head, which are none where they are the features, and reports whether all are 0 or 1.
func (b *bitField) row(r int, features, values []float32) bool {
	src, all := b.bytes[r*b.size:(r+1)*b.size], uint8(0)
	for _, run := range b.runs {
		dst := features[run.feature : run.feature+run.n]
		all |= feed.Bytes(dst, src[run.from:run.from+run.n])
		if values != nil {
			copy(values[run.slot:], dst)
		}
	}
	return all <= 1
}
