package surprisal

import "math/rand/v2"

// Key is the source of all randomness: an argument, never a state. Fold it
// with what distinguishes a draw (an epoch, a step, an event id, a name) and
// the same draw comes out on every machine, in any order and on any number of
// threads.
type Key uint64

// Fold returns a key that depends on k and on every part in order.
func (k Key) Fold(parts ...uint64) Key {
	x := uint64(k)
	for _, p := range parts {
		x = mix(x + 0x9e3779b97f4a7c15 ^ mix(p+0xd1b54a32d192ed03))
	}
	return Key(x)
}

// Named returns a key for the purpose of the given name, so that two uses of
// one seed do not share their draws.
func (k Key) Named(name string) Key {
	h := uint64(0xcbf29ce484222325) // FNV-1a
	for _, c := range []byte(name) {
		h = (h ^ uint64(c)) * 0x100000001b3
	}
	return k.Fold(h)
}

// Rand returns a generator that yields the same stream for the same key. Its
// integers and Float64 are the same on every machine; NormFloat64 and
// ExpFloat64 are not, because they call math.Exp and math.Log.
func (k Key) Rand() *rand.Rand { return rand.New(k.Source()) }

// Source returns what [Key.Rand] draws from, for callers that draw so often that
// they call it by its type.
func (k Key) Source() *rand.PCG {
	return rand.NewPCG(mix(uint64(k)), mix(uint64(k)+0x9e3779b97f4a7c15))
}

// Words returns the key as the two words that Philox takes.
func (k Key) Words() [2]uint32 { return [2]uint32{uint32(k), uint32(k >> 32)} }

// mix is the finaliser of splitmix64 (Steele, Lea and Flood 2014), a bijection
// on 64 bits.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
