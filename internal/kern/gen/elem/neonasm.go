package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"os"
	"slices"
	"strings"

	. "github.com/mmcloughlin/avo/operand"
)

// Avo knows no arm64. What follows is the little of it that straight-line
// bodies need: values that are set once, given registers by a scan along the
// body, and instructions written as words, since Go's assembler lacks most.

// value is a variable of a body: id is the value it has at present.
type value struct{ id int }

func (v *value) Asm() string { return fmt.Sprint("value ", v.id) }

// constantWord is a constant of copies of a word.
type constantWord uint32

func (c constantWord) Asm() string { return fmt.Sprintf("%#x", uint32(c)) }

// instruction sets the value out from the values in. If start is not zero, the
// instruction reads out too and finds that value there.
type instruction struct {
	text       func(out int, in []int) string // registers to assembly
	out, start int
	in         []int
}

var (
	body      []instruction
	nextID    int
	constants []uint32
	asm, decl bytes.Buffer
)

func newID() int {
	nextID++
	return nextID
}

// The value that is in its register before the body begins.
const scalarID, scalarReg = -1, 31

// emit appends an instruction that gives out a new value.
func emit(name string, word uint32, out *value, in ...int) {
	id := newID()
	body = append(body, instruction{out: id, in: in, text: func(out int, in []int) string {
		w, s := word|uint32(out), fmt.Sprintf("%s V%d.4S", name, out)
		for i, r := range in {
			w |= uint32(r) << (5 + 11*i)
			s += fmt.Sprintf(", V%d.4S", r)
		}
		return fmt.Sprintf("WORD $%#08x // %s", w, s)
	}})
	out.id = id
}

// use returns the value of an operand. A constant is loaded, unless it was
// within the last few instructions.
func use(o Op) int {
	c, ok := o.(constantWord)
	if !ok {
		return o.(*value).id
	}
	const window = 8
	if l, ok := loaded[c]; ok && len(body)-l.at < window {
		return l.id
	}
	id := fresh(c)
	loaded[c] = loading{id, len(body)}
	return id
}

// loaded says where in the body a constant was last loaded.
var loaded = map[constantWord]loading{}

type loading struct{ id, at int }

// fresh is use for a value that the next instruction overwrites.
func fresh(o Op) int {
	c, ok := o.(constantWord)
	if !ok {
		return o.(*value).id
	}
	i := slices.Index(constants, uint32(c))
	if i < 0 {
		i = len(constants)
		constants = append(constants, uint32(c))
	}
	id := newID()
	body = append(body, instruction{out: id, text: func(out int, _ []int) string {
		return fmt.Sprintf("FMOVQ %d(R%d), F%d", 16*i, rTable, out)
	}})
	return id
}

// finish gives registers to the values of the body and writes it. A register is
// free again after the last instruction that reads it.
func finish() {
	last := map[int]int{}
	for at, ins := range body {
		for _, id := range append(ins.in, ins.start) {
			last[id] = at
		}
	}
	reg := map[int]int{scalarID: scalarReg}
	taken := [32]bool{scalarReg: true}
	take := func() int {
		r := slices.Index(taken[:], false)
		if r < 0 {
			panic("a body needs more than 31 registers: unroll it less")
		}
		taken[r] = true
		return r
	}
	for at, ins := range body {
		in := make([]int, len(ins.in))
		release := func(id int) {
			if id != 0 && id != scalarID && last[id] == at {
				taken[reg[id]] = false
			}
		}
		for i, id := range ins.in {
			in[i] = reg[id]
		}
		out := -1
		switch {
		case ins.start != 0 && last[ins.start] == at && ins.start != scalarID && !slices.Contains(ins.in, ins.start):
			out = reg[ins.start]
		case ins.start != 0:
			out = take()
			line("VORR V%d.B16, V%d.B16, V%d.B16", reg[ins.start], reg[ins.start], out)
			release(ins.start)
		}
		for _, id := range ins.in {
			release(id)
		}
		if out < 0 && ins.out != 0 {
			out = take()
		}
		if ins.out != 0 {
			reg[ins.out], taken[out] = out, true
			if _, read := last[ins.out]; !read {
				taken[out] = false
			}
		}
		line("%s", ins.text(out, in))
	}
	body = nil
	clear(loaded)
}

func line(format string, args ...any) {
	for s := range strings.SplitSeq(fmt.Sprintf(format, args...), "\n") {
		fmt.Fprintf(&asm, "\t%s\n", s)
	}
}

func label(name string) { fmt.Fprintf(&asm, "\n%s:\n", name) }

// Registers of a kernel. Its inputs are from rInputs on.
const (
	rDst    = 0
	rLen    = 1
	rInputs = 2
	rTable  = 8 // the constants
	rAt     = 9
)

// neonKernel writes a kernel whose last step moves single floats.
func neonKernel(name, params string, unroll int, f func(in []vec, s Op) vec, inputs []string) {
	size := 24 * (1 + len(inputs))
	scalar := strings.HasSuffix(params, "s float32")
	total := size
	if scalar {
		total += 4
	}
	fmt.Fprintf(&decl, "\n// %s sets every element of dst; see the operation.\n//\n//go:noescape\nfunc %s(%s)\n", name, name, params)
	fmt.Fprintf(&asm, "\n// func %s(%s)\nTEXT ·%s(SB), NOSPLIT, $0-%d\n", name, params, name, total)
	line("MOVD dst_base+0(FP), R%d", rDst)
	line("MOVD dst_len+8(FP), R%d", rLen)
	for i, in := range inputs {
		line("MOVD %s_base+%d(FP), R%d", in, 24*(i+1), rInputs+i)
	}
	line("MOVD $elemConstants<>(SB), R%d", rTable)
	s := &value{scalarID}
	if scalar {
		line("FMOVS s+%d(FP), F%d", size, scalarReg)
		line("VDUP V%d.S[0], V%d.S4", scalarReg, scalarReg)
	}
	for _, n := range []int{unroll, 1} {
		here, next := fmt.Sprint("loop", n), fmt.Sprint("below", n)
		label(here)
		line("CMP $%d, R%d", 4*n, rLen)
		line("BLT %s", next)
		neonBody(n, f, s, inputs, func(ptr, i int) string { return fmt.Sprintf("FMOVQ %d(R%d), F%%d", 16*i, ptr) },
			func(i int) string { return fmt.Sprintf("FMOVQ F%%d, %d(R%d)", 16*i, rDst) })
		for p := range len(inputs) + 1 {
			ptr := rDst
			if p > 0 {
				ptr = rInputs + p - 1
			}
			line("ADD $%d, R%d", 16*n, ptr)
		}
		line("SUB $%d, R%d", 4*n, rLen)
		line("B %s", here)
		label(next)
	}
	line("CBZ R%d, end", rLen)
	neonBody(1, f, s, inputs, loadFew, func(int) string { return storeFew() })
	label("end")
	line("RET")
}

// neonBody writes the loads, f and the stores of n registers.
func neonBody(n int, f func(in []vec, s Op) vec, s Op, inputs []string, load func(ptr, i int) string, store func(i int) string) {
	var in []vec
	for p := range inputs {
		v := newVec(n)
		for i := range v {
			id := newID()
			text := load(rInputs+p, i)
			body = append(body, instruction{out: id, text: func(out int, _ []int) string { return strings.ReplaceAll(text, "%d", fmt.Sprint(out)) }})
			v[i].(*value).id = id
		}
		in = append(in, v)
	}
	for i, r := range f(in, s)[:n] {
		text := store(i)
		body = append(body, instruction{in: []int{use(r)}, text: func(_ int, in []int) string { return strings.ReplaceAll(text, "%d", fmt.Sprint(in[0])) }})
	}
	finish()
}

// loadFew is the text that loads one to three floats, +0 beside them, and
// storeFew that which stores them.
func loadFew(ptr, _ int) string {
	return few(ptr, "FMOVS (R%[1]d), F%%d", "VLD1 (R%[1]d), V%%d.S[%[2]d]")
}

func storeFew() string {
	return few(rDst, "FMOVS F%%d, (R%[1]d)", "VST1 V%%d.S[%[2]d], (R%[1]d)")
}

var labels int

func few(ptr int, first, other string) string {
	labels++
	s := fmt.Sprintf(first, ptr)
	for i := 1; i <= 2; i++ {
		s += fmt.Sprintf("\nCMP $%d, R%d\nBLT few%d\nADD $%d, R%d, R%d\n", i+1, rLen, labels, 4*i, ptr, rAt)
		s += fmt.Sprintf(other, rAt, i)
	}
	return s + fmt.Sprintf("\nfew%d:", labels)
}

// writeNEON writes the files named by the flags.
func writeNEON() {
	const header = "// Code generated by command: go run ./elem -lanes 4. DO NOT EDIT.\n\n//go:build !noasm\n\n"
	for i, w := range constants {
		for j := range 4 {
			fmt.Fprintf(&asm, "\nDATA elemConstants<>+%d(SB)/4, $%#08x", 16*i+4*j, w)
		}
	}
	fmt.Fprintf(&asm, "\nGLOBL elemConstants<>(SB), RODATA|NOPTR, $%d\n", 16*len(constants))
	src, err := format.Source([]byte(header + "package kern\n" + decl.String()))
	if err != nil {
		panic(err)
	}
	write := func(name string, text []byte) {
		if err := os.WriteFile(name, text, 0o644); err != nil {
			panic(err)
		}
	}
	write(flag.Lookup("neon-out").Value.String(), append([]byte(header+"#include \"textflag.h\"\n"), asm.Bytes()...))
	write(flag.Lookup("neon-stubs").Value.String(), src)
}
