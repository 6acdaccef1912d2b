package data

import (
	"bytes"
	"strings"
)

// sniffRows is how many rows are looked at to guess delimiter and header.
const sniffRows = 50

// firstLines returns the first whole lines that are not blank.
func firstLines(b []byte) []string {
	var lines []string
	whole := true
	if len(b) > 1<<20 {
		b, whole = b[:1<<20], false
	}
	for len(b) > 0 && len(lines) < sniffRows {
		line, rest, found := bytes.Cut(b, []byte("\n"))
		if !found && !whole {
			break
		}
		if s := strings.TrimRight(string(line), "\r"); strings.TrimSpace(s) != "" {
			lines = append(lines, s)
		}
		b = rest
	}
	return lines
}

// sniffDelimiter takes the first of tab, semicolon, comma, bar and runs of
// spaces that cuts every line into the same number of fields, two or more.
// The order settles lines that several would cut: "1,5; 2,5" is two fields.
// Where none does, the one that cuts the first line, so that the ragged line
// is what the error names.
func sniffDelimiter(b []byte) rune {
	lines := firstLines(b)
	fallback := ','
	for _, d := range []rune{' ', '|', ',', ';', '\t'} {
		if len(lines) > 0 && countFields(lines[0], d) > 1 {
			fallback = d
		}
	}
	for _, d := range []rune{'\t', ';', ',', '|', ' '} {
		n, same := 0, true
		for i, l := range lines {
			c := countFields(l, d)
			if i > 0 && c != n {
				same = false
				break
			}
			n = c
		}
		if same && n > 1 {
			return d
		}
	}
	return fallback
}

// countFields counts the fields of a line, delimiters inside quotes aside.
func countFields(line string, d rune) int {
	if d == ' ' {
		return len(strings.Fields(line))
	}
	n, quoted := 1, false
	for _, c := range line {
		switch {
		case c == '"':
			quoted = !quoted
		case c == d && !quoted:
			n++
		}
	}
	return n
}

// looksNumeric reports whether b is a table of numbers, two columns or more,
// below a header or not.
func looksNumeric(b []byte) bool {
	lines := firstLines(b)
	if len(lines) < 2 {
		return false
	}
	d := sniffDelimiter(b)
	width := countFields(lines[0], d)
	for i, l := range lines {
		cells := strings.Split(l, string(d))
		if d == ' ' {
			cells = strings.Fields(l)
		}
		if len(cells) < 2 || len(cells) != width {
			return false
		}
		for _, c := range cells {
			if _, ok := parseNumber(strings.TrimSpace(c)); !ok && i > 0 {
				return false
			}
		}
	}
	return true
}

// isHeader reports whether the first row names columns: it holds no number, and
// either some column below it is numbers, or it holds no word twice and none
// comes again in its column.
func isHeader(rows [][]string) bool {
	if len(rows) < 2 {
		return false
	}
	seen, again := map[string]bool{}, false
	for _, c := range rows[0] {
		if _, ok := parseNumber(c); ok {
			return false
		}
		again = again || c != "" && seen[c]
		seen[c] = true
	}
	for j, name := range rows[0] {
		numbers := 0
		for _, row := range rows[1:] {
			if j >= len(row) {
				return true // ragged: the reading proper will say so
			}
			if _, ok := parseNumber(row[j]); ok {
				numbers++
			}
			again = again || row[j] == name
		}
		if 2*numbers >= len(rows)-1 {
			return true
		}
	}
	return !again
}
