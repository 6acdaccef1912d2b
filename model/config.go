package model

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Setting is one key of a family's Config.
type Setting struct {
	Key   string `json:"key"`
	Type  string `json:"type"`
	Value string `json:"value"`
	Help  string `json:"help"`
}

// Settings lists the keys of a config (a pointer to a struct whose fields have
// json and help tags) with their present values.
func Settings(cfg any) []Setting {
	v := reflect.ValueOf(cfg).Elem()
	var out []Setting
	for i := range v.NumField() {
		f := v.Type().Field(i)
		out = append(out, Setting{Key: key(f), Type: typeName(f.Type), Value: format(v.Field(i)), Help: f.Tag.Get("help")})
	}
	return out
}

// Set parses value into the field of that key. Lists are separated by commas.
func Set(cfg any, name, value string) error {
	v := reflect.ValueOf(cfg).Elem()
	var keys []string
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if key(f) != name {
			keys = append(keys, key(f))
			continue
		}
		if err := parse(v.Field(i), value); err != nil {
			return fmt.Errorf("setting %s=%s: want %s: %w", name, value, typeName(f.Type), err)
		}
		return nil
	}
	return fmt.Errorf("unknown setting %q: the family has %s", name, strings.Join(keys, ", "))
}

// Encode writes a config as JSON.
func Encode(cfg any) (json.RawMessage, error) { return json.Marshal(cfg) }

// Decode reads JSON into a config; unknown keys are refused, absent ones keep
// their value.
func Decode(cfg any, raw json.RawMessage) error {
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(cfg); err != nil {
		return fmt.Errorf("reading config: %w", err)
	}
	return nil
}

func key(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

func typeName(t reflect.Type) string {
	if t.Kind() == reflect.Slice {
		return "list of " + typeName(t.Elem())
	}
	switch t.Kind() {
	case reflect.Float64, reflect.Float32:
		return "number"
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return "integer"
	case reflect.Bool:
		return "true or false"
	}
	return "text"
}

func format(v reflect.Value) string {
	if v.Kind() != reflect.Slice {
		return fmt.Sprint(v.Interface())
	}
	parts := make([]string, v.Len())
	for i := range parts {
		parts[i] = format(v.Index(i))
	}
	return strings.Join(parts, ",")
}

func parse(v reflect.Value, text string) error {
	switch v.Kind() {
	case reflect.Slice:
		var parts []string
		if text != "" {
			parts = strings.Split(text, ",")
		}
		list := reflect.MakeSlice(v.Type(), len(parts), len(parts))
		for i, p := range parts {
			if err := parse(list.Index(i), strings.TrimSpace(p)); err != nil {
				return err
			}
		}
		v.Set(list)
		return nil
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		v.SetInt(n)
		return cause(err)
	case reflect.Uint64:
		n, err := strconv.ParseUint(text, 10, 64)
		v.SetUint(n)
		return cause(err)
	case reflect.Float64, reflect.Float32:
		x, err := strconv.ParseFloat(text, 64)
		v.SetFloat(x)
		return cause(err)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		v.SetBool(b)
		return cause(err)
	case reflect.String:
		v.SetString(text)
		return nil
	}
	return fmt.Errorf("a field of type %s cannot be set from text", v.Type())
}

// cause drops strconv's own quoting of the input.
func cause(err error) error {
	if e, ok := err.(*strconv.NumError); ok {
		return e.Err
	}
	return err
}
