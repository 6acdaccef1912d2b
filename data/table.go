package data

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// table is a file of rows of cells.
type table struct {
	file   *file
	delim  rune // ' ' means runs of white space
	header []string
	width  int
	seen   int // rows that were looked at to find them
	// body is read once in place of the file's bytes, which then are only its
	// head.
	body io.Reader
}

// reader begins the table.
func (t *table) reader() io.Reader {
	if t.body != nil {
		return t.body
	}
	return bytes.NewReader(t.file.bytes)
}

const byteOrderMark = "\xef\xbb\xbf"

// openTable finds delimiter and header.
func openTable(f *file) (*table, error) {
	f.bytes = bytes.TrimPrefix(f.bytes, []byte(byteOrderMark))
	if bytes.HasPrefix(f.bytes, []byte("\xff\xfe")) || bytes.HasPrefix(f.bytes, []byte("\xfe\xff")) {
		return nil, fmt.Errorf("reading %s: the text is UTF-16, want UTF-8: convert it first", f.path)
	}
	t := &table{file: f, delim: sniffDelimiter(f.bytes)}
	var head [][]string
	enough := errors.New("enough")
	err := t.scan(func(_ int, cells []string) error {
		row := make([]string, len(cells))
		for i, c := range cells {
			row[i] = strings.Clone(c)
		}
		head = append(head, row)
		if len(head) > sniffRows {
			return enough
		}
		return nil
	})
	if err != nil && !errors.Is(err, enough) {
		return nil, err
	}
	if len(head) == 0 {
		return nil, fmt.Errorf("reading %s: the table has no rows", f.path)
	}
	t.width, t.seen = len(head[0]), len(head)
	if isHeader(head) {
		t.header = head[0]
		if err := checkHeader(t.header); err != nil {
			return nil, fmt.Errorf("reading the header of %s: %w", f.path, err)
		}
	}
	return t, nil
}

func checkHeader(names []string) error {
	seen := map[string]bool{}
	for i, n := range names {
		if n == "" {
			names[i] = unnamedColumn(i) // as pandas writes its index
			n = names[i]
		}
		if seen[n] {
			return fmt.Errorf("two columns are called %q: rename one", n)
		}
		seen[n] = true
	}
	return nil
}

// names returns the header, or x0, x1, … where there is none.
func (t *table) names() []string {
	if t.header != nil {
		return t.header
	}
	names := make([]string, t.width)
	for j := range names {
		names[j] = unnamedColumn(j)
	}
	return names
}

// each calls f with the line number and the trimmed cells of every row below
// the header. The cells are only good until f returns.
func (t *table) each(f func(line int, cells []string) error) error {
	skip := t.header != nil
	return t.scan(func(line int, cells []string) error {
		if skip {
			skip = false
			return nil
		}
		return f(line, cells)
	})
}

func (t *table) scan(f func(line int, cells []string) error) error {
	if t.delim == ' ' {
		return t.scanSpaces(f)
	}
	r := csv.NewReader(t.reader())
	r.Comma = t.delim
	r.ReuseRecord = true
	r.TrimLeadingSpace = t.delim != '\t'
	for {
		cells, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, csv.ErrFieldCount):
			line, _ := r.FieldPos(0)
			return t.ragged(line, len(cells), r.FieldsPerRecord)
		case err != nil:
			return fmt.Errorf("reading %s: %w", t.file.path, err)
		}
		line, _ := r.FieldPos(0)
		for i, c := range cells {
			cells[i] = strings.TrimSpace(c)
		}
		if err := f(line, cells); err != nil {
			return err
		}
	}
}

func (t *table) ragged(line, got, want int) error {
	return fmt.Errorf("reading %s: line %d has %d fields and the first has %d (delimiter %q): want the same in every row", t.file.path, line, got, want, t.delim)
}

func (t *table) scanSpaces(f func(line int, cells []string) error) error {
	s := bufio.NewScanner(t.reader())
	s.Buffer(make([]byte, 0, 1<<16), 1<<28)
	width := 0
	for line := 1; s.Scan(); line++ {
		cells := strings.Fields(s.Text())
		if len(cells) == 0 {
			continue
		}
		if width == 0 {
			width = len(cells)
		}
		if len(cells) != width {
			return t.ragged(line, len(cells), width)
		}
		if err := f(line, cells); err != nil {
			return err
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", t.file.path, err)
	}
	return nil
}
