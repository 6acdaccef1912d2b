package surprisal_test

import (
	"testing"

	"github.com/surprisal-go/surprisal"
)

// TestKeyGolden: every trained weight depends on these values.
func TestKeyGolden(t *testing.T) {
	k := surprisal.Key(1).Fold(2, 3).Named("noise")
	if got, want := uint64(k), uint64(0xee9c0ee20ca4b289); got != want {
		t.Errorf("key %#x, want %#x", got, want)
	}
	if got, want := k.Rand().Uint64(), uint64(0x5668314849aaae50); got != want {
		t.Errorf("first draw %#x, want %#x", got, want)
	}
}

func TestKeysDiffer(t *testing.T) {
	seen := map[surprisal.Key]string{}
	add := func(name string, k surprisal.Key) {
		if other, ok := seen[k]; ok {
			t.Errorf("%s and %s share a key", name, other)
		}
		seen[k] = name
	}
	for seed := range surprisal.Key(30) {
		add("seed", seed.Fold(0))
		for i := range uint64(30) {
			add("fold", seed.Fold(i+1))
			add("fold twice", seed.Fold(i, 0))
		}
		add("named", seed.Named("a"))
		add("named", seed.Named("b"))
	}
}
