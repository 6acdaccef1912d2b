package alter_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/surprisal-go/surprisal/internal/alter"
)

func TestJSON(t *testing.T) {
	got := map[string]string{}
	for path, raw := range alter.JSON([]byte(`{"a": [1, -2.5], "b": {"c": null, "d": true}, "e": "x"}`)) {
		got[path] = string(raw)
	}
	want := map[string]string{
		"a":       `{"a":[1,-2.5,"one more"],"b":{"c":null,"d":true},"e":"x"}`,
		"a[0]":    `{"a":[11,-2.5],"b":{"c":null,"d":true},"e":"x"}`,
		"a[1]":    `{"a":[1,2.5],"b":{"c":null,"d":true},"e":"x"}`,
		"b.added": `{"a":[1,-2.5],"b":{"added":1,"c":null,"d":true},"e":"x"}`,
		"b.c":     `{"a":[1,-2.5],"b":{"c":0.5,"d":true},"e":"x"}`,
		"b.d":     `{"a":[1,-2.5],"b":{"c":null,"d":false},"e":"x"}`,
		"e":       `{"a":[1,-2.5],"b":{"c":null,"d":true},"e":"xx"}`,
		"added":   `{"a":[1,-2.5],"added":1,"b":{"c":null,"d":true},"e":"x"}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("alterations (-want +got):\n%s", diff)
	}
	for range alter.JSON([]byte(`{"a": [1, 2]}`)) {
		break // goes no further
	}
}
