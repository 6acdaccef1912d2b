// Package alter changes JSON in one place at a time. Tests use it to show that
// a change is noticed wherever it is, also in fields that are yet to come.
package alter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// JSON yields every place of a JSON value, as "data.splits[2].name", with the
// whole JSON as it is when that place alone is altered: another number, a longer
// text or list, the other truth, a number for null, and for each object a field
// called "added". It panics where raw is no JSON.
func JSON(raw []byte) iter.Seq2[string, []byte] {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	a := alterer{}
	if err := dec.Decode(&a.root); err != nil {
		panic("alter: " + err.Error())
	}
	return func(yield func(string, []byte) bool) {
		a.yield = yield
		a.walk("", a.root, func(v any) { a.root = v })
	}
}

type alterer struct {
	root  any
	yield func(string, []byte) bool
}

// walk yields the places in v, which set replaces. It reports whether to go on.
func (a *alterer) walk(path string, v any, set func(any)) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if !a.walk(strings.TrimPrefix(path+"."+name, "."), v[name], func(x any) { v[name] = x }) {
				return false
			}
		}
		more := maps.Clone(v)
		more["added"] = 1
		return a.put(strings.TrimPrefix(path+".added", "."), v, more, set)
	case []any:
		for i := range v {
			if !a.walk(fmt.Sprintf("%s[%d]", path, i), v[i], func(x any) { v[i] = x }) {
				return false
			}
		}
		return a.put(path, v, append(slices.Clone(v), "one more"), set)
	}
	return a.put(path, v, another(v), set)
}

// put yields the JSON with other in the place of v.
func (a *alterer) put(path string, v, other any, set func(any)) bool {
	set(other)
	raw, err := json.Marshal(a.root)
	if err != nil {
		panic("alter: " + err.Error())
	}
	set(v)
	return a.yield(path, raw)
}

// another is a scalar of the kind of v that is not v.
func another(v any) any {
	switch v := v.(type) {
	case json.Number:
		if less, ok := strings.CutPrefix(v.String(), "-"); ok {
			return json.Number(less)
		}
		return json.Number("1" + v.String())
	case string:
		return v + "x"
	case bool:
		return !v
	}
	return 0.5 // for null
}
