package main

import (
	"archive/zip"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/surprisal-go/surprisal/eval"
)

// scriptCommands are what the scripts have beside testscript's own.
var scriptCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"fails":    fails,
	"isjson":   isJSON,
	"truncate": truncateFile,
	"flip":     flipByte,
	"nats":     changeNats,
	"table":    makeTable,
	"idx":      makeIdx,
	"wards":    makeWards,
	"student":  student,
	"regimes":  makeRegimes,
	"npz":      makeNpz,
	"pngs":     makePNGs,
	"commas":   commas,
	"alter":    alterText,
	"shuffle":  shuffle,
	"sexes":    makeSexes,
}

// fails CODE COMMAND... wants that exit code, nothing on stdout, one line that
// begins with "surprisal: " on stderr (a second for usage errors, none before
// it but conversation), and no stack trace.
func fails(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		ts.Fatalf("the command succeeded: %v", err)
	}
	if got := strconv.Itoa(exit.ExitCode()); got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("stdout has %q", out)
	}
	told := ts.ReadFile("stderr")
	lines := strings.Split(strings.TrimSuffix(told, "\n"), "\n")
	if args[0] == "2" {
		if last := lines[len(lines)-1]; !strings.HasPrefix(last, "Run 'surprisal") {
			ts.Fatalf("the last line is %q", last)
		}
		lines = lines[:len(lines)-1]
	}
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "surprisal: ") || strings.Count("\n"+told, "\nsurprisal: ") != 1 {
		ts.Fatalf("the error is not one line that begins with surprisal:")
	}
	if strings.Contains(told, "goroutine ") || strings.Contains(told, "panic") {
		ts.Fatalf("a stack trace")
	}
}

// isjson FILE wants one JSON value and nothing else; FILE may be stdout.
func isJSON(ts *testscript.TestScript, _ bool, args []string) {
	if text := ts.ReadFile(args[0]); !json.Valid([]byte(text)) {
		ts.Fatalf("%s is no JSON", args[0])
	}
}

// truncate FILE BYTES cuts the file to its first bytes.
func truncateFile(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.Truncate(ts.MkAbs(args[0]), number(ts, args[1])))
}

// flip FILE OFFSET turns the bits of one byte, counted from the end if the
// offset is negative.
func flipByte(ts *testscript.TestScript, _ bool, args []string) {
	path, at := ts.MkAbs(args[0]), number(ts, args[1])
	b, err := os.ReadFile(path)
	ts.Check(err)
	if at < 0 {
		at += int64(len(b))
	}
	b[at] ^= 0xff
	ts.Check(os.WriteFile(path, b, 0o666))
}

// table FILE ROWS writes people: two texts, a count, a grid of step 0.5 and a
// real column.
func makeTable(ts *testscript.TestScript, _ bool, args []string) {
	var b strings.Builder
	b.WriteString("sex,city,visits,height,weight\n")
	for i := range number(ts, args[1]) {
		h := i * 2654435761 % 1_000_003
		height := 150 + h%80
		fmt.Fprintf(&b, "%s,%s,%d,%.1f,%.6f\n", []string{"f", "m"}[h/7%2], []string{"Bonn", "Oslo", "Rome"}[h/11%3], h/13%9,
			float64(height)/2+80, float64(height)/3+float64(h)*1.2345678e-5)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o666))
}

// sexes FILE ROWS writes the first column of a table.
func makeSexes(ts *testscript.TestScript, _ bool, args []string) {
	b := []byte("sex\n")
	for i := range number(ts, args[1]) {
		b = append(b, "fm"[i*2654435761%1_000_003/7%2], '\n')
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o666))
}

// wards FILE ROWS WARDS writes rows that are alike within a ward and, in the
// order of time, near each other.
func makeWards(ts *testscript.TestScript, _ bool, args []string) {
	r := rand.New(rand.NewPCG(uint64(number(ts, args[1])), 1))
	rows, wards := number(ts, args[1]), number(ts, args[2])
	var b strings.Builder
	b.WriteString("ward,day,x,y\n")
	slow, of := 0.0, make([]float64, wards)
	for i := range of {
		of[i] = r.NormFloat64()
	}
	for i := range rows {
		slow = 0.9*slow + 0.4*r.NormFloat64()
		ward := i % wards
		fmt.Fprintf(&b, "w%d,%d,%.7f,%.7f\n", ward, i, 2*of[ward]+0.3*r.NormFloat64(), 2*slow+0.3*r.NormFloat64())
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o666))
}

// regimes FILE PARTS writes a text whose parts are by turns of few and of many
// letters.
func makeRegimes(ts *testscript.TestScript, _ bool, args []string) {
	r := rand.New(rand.NewPCG(1, 1))
	var b strings.Builder
	for part := range number(ts, args[1]) {
		letters := []string{"abcdefgh", "0123456789abcdefghijklmnopqrstuvwxyz"}[part%2]
		for range 700 {
			b.WriteByte(letters[r.IntN(len(letters))])
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o666))
}

// student FILE DF wants the interval of the first comparison to be that of
// Student's t with so many degrees of freedom, and wider than a normal one.
func student(ts *testscript.TestScript, _ bool, args []string) {
	var all struct {
		Comparisons []struct {
			Nats, StdErr, Low, High float64
			Method                  eval.Method
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &all))
	c := all.Comparisons[0]
	want := distuv.StudentsT{Sigma: 1, Nu: float64(number(ts, args[1]))}.Quantile(0.975)
	for _, half := range []float64{c.High - c.Nats, c.Nats - c.Low} {
		if got := half / c.StdErr; c.Method != eval.StudentT || math.Abs(got-want) > 1e-6 {
			ts.Fatalf("the interval reaches %v standard errors by %q, want %v by t", got, c.Method, want)
		}
	}
}

// idx FILE IMAGES writes grey images of 4×4 pixels.
func makeIdx(ts *testscript.TestScript, _ bool, args []string) {
	n := number(ts, args[1])
	b := []byte{0, 0, 8, 3}
	for _, size := range []int64{n, 4, 4} {
		b = binary.BigEndian.AppendUint32(b, uint32(size))
	}
	for i := range n * 16 {
		b = append(b, byte(i*i*31>>3))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o666))
}

// npz FILE VALUE... writes an array X of float64 in two columns.
func makeNpz(ts *testscript.TestScript, _ bool, args []string) {
	head := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%d, 2), }", len(args[1:])/2)
	array := append([]byte("\x93NUMPY\x01\x00"), byte(len(head)+1), 0)
	array = append(array, head+"\n"...)
	for _, a := range args[1:] {
		v, err := strconv.ParseFloat(a, 64)
		ts.Check(err)
		array = binary.LittleEndian.AppendUint64(array, math.Float64bits(v))
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	z := zip.NewWriter(f)
	w, err := z.Create("X.npy")
	ts.Check(err)
	_, err = w.Write(array)
	ts.Check(err)
	ts.Check(z.Close())
	ts.Check(f.Close())
}

// pngs DIR IMAGES [IDX] writes a folder of grey images: those of a gzipped idx
// file, or made up ones of 4×4 pixels.
func makePNGs(ts *testscript.TestScript, _ bool, args []string) {
	dir, n, side := ts.MkAbs(args[0]), int(number(ts, args[1])), 4
	ts.Check(os.MkdirAll(dir, 0o777))
	pixels := make([]byte, n*side*side)
	for i := range pixels {
		pixels[i] = byte(i/16*37 + i%16*(i%16)*5)
	}
	if len(args) > 2 {
		z, err := gzip.NewReader(strings.NewReader(ts.ReadFile(args[2])))
		ts.Check(err)
		head := make([]byte, 16)
		_, err = io.ReadFull(z, head)
		ts.Check(err)
		side = int(binary.BigEndian.Uint32(head[12:]))
		pixels = make([]byte, n*side*side)
		_, err = io.ReadFull(z, pixels)
		ts.Check(err)
	}
	for i := range n {
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%03d.png", i)))
		ts.Check(err)
		ts.Check(png.Encode(f, &image.Gray{Pix: pixels[i*side*side:], Stride: side, Rect: image.Rect(0, 0, side, side)}))
		ts.Check(f.Close())
	}
}

// commas FROM TO makes CSV of a table whose columns stand blanks apart.
func commas(ts *testscript.TestScript, _ bool, args []string) {
	var b strings.Builder
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		b.WriteString(strings.Join(strings.Fields(line), ",") + "\n")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o666))
}

// alter FILE FROM TO replaces the one place of a text in a file.
func alterText(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	if n := strings.Count(text, args[1]); n != 1 {
		ts.Fatalf("%s has %q %d times, want once", args[0], args[1], n)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, args[1], args[2], 1)), 0o666))
}

// shuffle FROM TO puts the rows of a CSV file into another order.
func shuffle(ts *testscript.TestScript, _ bool, args []string) {
	lines := strings.SplitAfter(strings.TrimSuffix(ts.ReadFile(args[0]), "\n")+"\n", "\n")
	rows := lines[1 : len(lines)-1]
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.Join(lines, "")), 0o666))
}

func number(ts *testscript.TestScript, s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	ts.Check(err)
	return n
}
