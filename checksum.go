package surprisal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash"
	"math"
)

// Checksum identifies the events: SHA-256 over the space, the values as
// little-endian float64 event by event, lengths, mask, weights and context.
// Ids, labels and groups do not count. Equal events have equal checksums
// whatever their storage type.
func (b *Batch) Checksum() string {
	c := NewChecksum(b.Space)
	c.Add(b)
	return c.Sum()
}

// Checksum of events that come in batches: that of one batch of them all. It
// keeps no values, only lengths, masks and weights, where events have those.
type Checksum struct {
	values                hash.Hash
	lengths, mask, weight bytes.Buffer // hashed below the values
	context               *Checksum    // nil: none
	row                   []float64
	raw                   []byte
}

// NewChecksum begins the checksum of events of a space.
func NewChecksum(space *Space) *Checksum {
	c := &Checksum{values: sha256.New()}
	text, err := json.Marshal(space)
	if err != nil {
		panic("surprisal: encoding a space: " + err.Error()) // only NaN in Low or Step, which Validate refuses
	}
	c.values.Write(text)
	return c
}

// Add adds events of the space, behind those that were added before.
func (c *Checksum) Add(b *Batch) {
	d, n := b.Space.Dims(), b.Len()
	const chunk = 256
	if len(c.row) != chunk*d {
		c.row, c.raw = make([]float64, chunk*d), make([]byte, 0, chunk*d*8)
	}
	for lo := 0; lo < n; lo += chunk {
		vals := c.row[:min(chunk, n-lo)*d]
		b.Float64s(vals, lo)
		raw := c.raw[:0]
		for _, v := range vals {
			raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(v))
		}
		c.values.Write(raw)
	}
	// Neither a buffer nor a hash ever fails.
	_ = binary.Write(&c.lengths, binary.LittleEndian, b.Lengths)
	_ = binary.Write(&c.mask, binary.LittleEndian, b.Mask)
	_ = binary.Write(&c.weight, binary.LittleEndian, b.Weight)
	if b.Context != nil {
		if c.context == nil {
			c.context = NewChecksum(b.Context.Space)
		}
		c.context.Add(b.Context)
	}
}

// Sum ends the checksum; nothing may be added after it.
func (c *Checksum) Sum() string {
	for _, part := range []*bytes.Buffer{&c.lengths, &c.mask, &c.weight} {
		c.values.Write(part.Bytes())
	}
	if c.context != nil {
		c.values.Write([]byte(c.context.Sum()))
	}
	return "sha256:" + hex.EncodeToString(c.values.Sum(nil))
}
