package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowSet holds the addresses of the rows of a tile of A: a pointer for every
// six, and what is added to it for the third and the fifth after it.
type rowSet struct {
	bases          []reg.Register
	stride, s3, s5 reg.Register
}

func addressRows(base, stride reg.Register, rows int) *rowSet {
	r := &rowSet{bases: []reg.Register{base}, stride: stride}
	for i := 6; i < rows; i += 6 {
		r.bases = append(r.bases, GP64())
	}
	if rows > 3 {
		r.s3 = GP64()
		LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, r.s3)
	}
	if rows > 5 {
		r.s5 = GP64()
		LEAQ(Mem{Base: stride, Index: stride, Scale: 4}, r.s5)
	}
	return r
}

// start sets the other pointers after the first.
func (r *rowSet) start() {
	for i, b := range r.bases[1:] {
		LEAQ(Mem{Base: r.bases[i], Index: r.s3, Scale: 2}, b)
	}
}

// advance moves to the next column.
func (r *rowSet) advance(csa reg.Register) {
	for _, b := range r.bases {
		ADDQ(csa, b)
	}
}

func (r *rowSet) at(i int) Mem {
	base := r.bases[i/6]
	switch i % 6 {
	case 3:
		return Mem{Base: base, Index: r.s3, Scale: 1}
	case 5:
		return Mem{Base: base, Index: r.s5, Scale: 1}
	case 0:
		return Mem{Base: base}
	}
	return Mem{Base: base, Index: r.stride, Scale: uint8(i % 6)}
}
