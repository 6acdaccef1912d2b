package cpu

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/surprisal-go/surprisal/internal/kern"
)

// tape is a source of randomness that begins with given numbers, so that a
// fuzzer which changes a byte changes one decision.
type tape struct {
	bytes []byte
	then  rand.Source
}

func (s *tape) Uint64() uint64 {
	if len(s.bytes) < 2 {
		return s.then.Uint64()
	}
	x := uint64(binary.LittleEndian.Uint16(s.bytes))
	s.bytes = s.bytes[2:]
	return x * 0x0001000100010001 // decisions look at high or at low bits
}

// FuzzGraph runs random training graphs without any pass on the portable
// kernels and, on several threads, with all passes on each set of kernels:
//
//	go test -fuzz FuzzGraph -fuzztime 10m -parallel 1 ./engine/cpu
func FuzzGraph(f *testing.F) {
	f.Add([]byte{}, uint8(20), uint8(5), uint8(2), false)
	f.Add([]byte("a masked product, then a softmax of it"), uint8(35), uint8(40), uint8(5), true)
	f.Fuzz(func(t *testing.T, decisions []byte, ops, batch, threads uint8, wild bool) {
		gr := growFrom(&tape{decisions, rand.NewPCG(uint64(len(decisions)), 1)}, 1+int(ops%40), wild)
		outputs, updates := gr.roots()
		batches := []int{int(batch % 131), 3, int(batch % 7), int(batch % 131)}
		want := run(t, Options{Threads: 1, NoFuse: true, Impl: kern.Impls()[0]}, gr.g, outputs, updates, wild, batches...)
		for _, k := range kern.Impls() {
			opts := Options{Threads: 1 + int(threads%8), Impl: k}
			got := run(t, opts, gr.g, outputs, updates, wild, batches...)
			sameResults(t, fmt.Sprintf("%s, %d threads, batches %v", k.Name, opts.Threads, batches), got, want)
		}
	})
}
