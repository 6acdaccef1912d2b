package run

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// CheckResult returns an error if the kept result of that name is not, field by
// field, the one that was computed again: it names the first field that differs
// and both values. It compares the JSON, so that a field which is null (as an
// error of one event), one that is new, and one that this program does not know
// count like any other. Only the seconds may differ.
func (f *Folder) CheckResult(name string, again Result) error {
	raw, err := f.readResult(name)
	if err != nil {
		return err
	}
	kept, err := decodeTree(raw)
	if err != nil {
		return fmt.Errorf("run %s: %s: %w", f.Dir, resultPath(name), err)
	}
	if raw, err = json.Marshal(again); err != nil {
		return err
	}
	want, err := decodeTree(raw)
	if err != nil {
		return err
	}
	for _, tree := range []any{kept, want} {
		if fields, ok := tree.(map[string]any); ok {
			delete(fields, "seconds")
		}
	}
	return differ("", kept, want)
}

// decodeTree decodes JSON into maps, slices, strings, bools and numbers as they
// are written.
func decodeTree(raw []byte) (tree any, err error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	return tree, dec.Decode(&tree)
}

// differ returns an error for the first place at which two trees are not the
// same.
func differ(path string, kept, again any) error {
	switch k := kept.(type) {
	case map[string]any:
		a, ok := again.(map[string]any)
		if !ok {
			break
		}
		all := maps.Clone(k)
		maps.Copy(all, a)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if err := differ(strings.TrimPrefix(path+"."+name, "."), at(k, name), at(a, name)); err != nil {
				return err
			}
		}
		return nil
	case []any:
		a, ok := again.([]any)
		if !ok || len(a) != len(k) {
			break
		}
		for i := range k {
			if err := differ(fmt.Sprintf("%s[%d]", path, i), k[i], a[i]); err != nil {
				return err
			}
		}
		return nil
	case json.Number:
		if a, ok := again.(json.Number); ok && sameNumber(k, a) {
			return nil
		}
	default: // string, bool, null, absent
		if kept == again {
			return nil
		}
	}
	return fmt.Errorf("its %s is %s, computed again it is %s", path, shown(kept), shown(again))
}

// absent stands for a field that is not there, which null is not.
type absent struct{}

func at(m map[string]any, name string) any {
	if v, ok := m[name]; ok {
		return v
	}
	return absent{}
}

// sameNumber reports whether two numbers are the same: integers digit by digit,
// others as float64, which can be written in several ways.
func sameNumber(a, b json.Number) bool {
	if a == b {
		return true
	}
	if !strings.ContainsAny(a.String()+b.String(), ".eE") {
		return false
	}
	x, err := strconv.ParseFloat(a.String(), 64)
	y, also := strconv.ParseFloat(b.String(), 64)
	return err == nil && also == nil && x == y
}

func shown(v any) string {
	if v == (absent{}) {
		return "absent"
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(raw)
}
