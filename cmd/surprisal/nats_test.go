package main

import (
	"math"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/surprisal-go/surprisal/data"
)

// nats FROM TO turn|float32 writes the numbers of an npy file with their signs
// turned, or as the float32 nearest to 0 of the two beside them.
func changeNats(ts *testscript.TestScript, _ bool, args []string) {
	v, err := data.ReadVector(ts.MkAbs(args[0]))
	ts.Check(err)
	for i, x := range v {
		switch args[2] {
		case "turn":
			v[i] = -x
		case "float32":
			y := float32(x)
			if math.Abs(float64(y)) > math.Abs(x) {
				y = math.Nextafter32(y, 0)
			}
			v[i] = float64(y)
		default:
			ts.Fatalf("nats: %q", args[2])
		}
	}
	w, err := data.CreateVector(ts.MkAbs(args[1]))
	ts.Check(err)
	ts.Check(w.Write(v))
	ts.Check(w.Close())
}
