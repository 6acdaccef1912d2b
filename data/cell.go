package data

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// isMissing tells the ways in which tables write that a value is missing.
func isMissing(s string) bool {
	switch len(s) {
	case 0:
		return true
	case 1:
		return s == "?"
	case 2:
		return s == "NA"
	case 3:
		return strings.EqualFold(s, "nan") || s == "N/A" || s == "n/a"
	case 4:
		return strings.EqualFold(s, "null")
	}
	return false
}

// parseNumber reads a decimal number: digits, sign, point, exponent. Words
// that Go would take too (inf, hexadecimal floats) are text.
func parseNumber(s string) (float64, bool) {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, false
	}
	return v + 0, true // −0 is 0
}

// isDecimalComma reports whether s is a number but for its comma.
func isDecimalComma(s string) bool {
	if strings.Count(s, ",") != 1 {
		return false
	}
	_, ok := parseNumber(strings.Replace(s, ",", ".", 1))
	return ok
}

// formatNumber is the shortest decimal that reads back as v.
func formatNumber(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// float32Decimal returns the float64 nearest to the shortest decimal that
// reads back as v: 0.1 for float32(0.1).
func float32Decimal(v float32) float64 {
	d, err := strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', -1, 32), 64)
	if err != nil {
		return float64(v) // Inf and NaN
	}
	return d
}

// decimals is the number of digits after the point in the shortest form of v.
func decimals(v float64) int {
	s := strconv.FormatFloat(v, 'e', -1, 64) // d.ddde±xx
	mantissa, exp, _ := strings.Cut(s, "e")
	e, _ := strconv.Atoi(exp) // FormatFloat writes an integer
	_, frac, _ := strings.Cut(mantissa, ".")
	return max(0, len(frac)-e)
}

// sortTexts sorts by number if all are numbers, else by bytes.
func sortTexts(s []string) {
	if slices.ContainsFunc(s, func(t string) bool { _, ok := parseNumber(t); return !ok }) {
		slices.Sort(s)
		return
	}
	slices.SortFunc(s, func(a, b string) int {
		x, _ := parseNumber(a)
		y, _ := parseNumber(b)
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(a, b))
	})
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
