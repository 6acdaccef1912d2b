package main

import (
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/surprisal-go/surprisal/data"
)

// nats FROM TO turn|float32 writes the numbers of an npy file with their signs
// turned or rounded to float32.
func changeNats(ts *testscript.TestScript, _ bool, args []string) {
	v, err := data.ReadVector(ts.MkAbs(args[0]))
	ts.Check(err)
	for i, x := range v {
		switch args[2] {
		case "turn":
			v[i] = -x
		case "float32":
			v[i] = float64(float32(x))
		default:
			ts.Fatalf("nats: %q", args[2])
		}
	}
	w, err := data.CreateVector(ts.MkAbs(args[1]))
	ts.Check(err)
	ts.Check(w.Write(v))
	ts.Check(w.Close())
}
