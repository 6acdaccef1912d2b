package diagnose_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/surprisal-go/surprisal/diagnose"
)

// TestJSON: what is not known, or infinite, is null.
func TestJSON(t *testing.T) {
	for want, v := range map[string]any{
		`{"of":"test − train","nats":1.5,"stderr":null}`:                                                    diagnose.Gap{Of: "test − train", Nats: 1.5, StdErr: math.NaN()},
		`{"of":"test − train","nats":1.5,"stderr":0.25}`:                                                    diagnose.Gap{Of: "test − train", Nats: 1.5, StdErr: 0.25},
		`{"name":"h","units":3,"dead":0,"saturated":0.5,"gradient":null}`:                                   diagnose.Layer{Name: "h", Units: 3, Saturated: 0.5, Gradient: math.Inf(1)},
		`{"name":"x = 1","by":"column","events":0,"nats":0,"saving":0,"stderr":0,"allowed":0,"lost":false}`: diagnose.Slice{Name: "x = 1", By: diagnose.ByColumn},
	} {
		got, err := json.Marshal(v)
		if err != nil || string(got) != want {
			t.Errorf("%+v is %s, %v, want %s", v, got, err, want)
		}
	}
}
