package data

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
)

// file is a file of a set.
type file struct {
	path  string
	split string // train, valid, test, or "" if its name does not say
	label string // of the whole file: the sub-folder of an image
	bytes []byte // unpacked
	sum   string // SHA-256 of the packed bytes
}

// load reads and unpacks the file.
func (f *file) load() error {
	packed, err := os.ReadFile(f.path)
	if err != nil {
		return fmt.Errorf("reading data: %w", err)
	}
	sum := sha256.Sum256(packed)
	f.sum = hex.EncodeToString(sum[:])
	f.bytes, err = unpack(packed)
	if err != nil {
		return fmt.Errorf("reading %s: %w", f.path, err)
	}
	if len(f.bytes) == 0 {
		return fmt.Errorf("reading %s: the file is empty", f.path)
	}
	return nil
}

// unpack undoes gzip and names the packers that are not served.
func unpack(b []byte) ([]byte, error) {
	for _, p := range []struct{ magic, name, hint string }{
		{"\xfd7zXZ\x00", "xz", "unpack it first: xz -dk FILE"},
		{"\x28\xb5\x2f\xfd", "zstd", "unpack it first: zstd -dk FILE"},
		{"BZh", "bzip2", "unpack it first: bunzip2 -k FILE"},
		{"PAR1", "Parquet", "write it as CSV or npz"},
		{"\x89HDF\r\n", "HDF5", "write it as npz"},
	} {
		if bytes.HasPrefix(b, []byte(p.magic)) {
			return nil, fmt.Errorf("the file is %s, which is not read here; %s", p.name, p.hint)
		}
	}
	if !bytes.HasPrefix(b, []byte("\x1f\x8b")) {
		return b, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("broken gzip header: %w", err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("broken gzip data after %d bytes (%w): the file is truncated or corrupt, fetch it again", len(out), err)
	}
	return out, nil
}

// format is a file format.
type format int

const (
	formatTable format = iota
	formatIdx
	formatNpy
	formatNpz
	formatPNG
	formatCIFAR
	formatText
)

// detect tells the format from content first and name second.
func detect(f *file) format {
	switch b := f.bytes; {
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return formatPNG
	case bytes.HasPrefix(b, []byte("\x93NUMPY")):
		return formatNpy
	case bytes.HasPrefix(b, []byte("PK\x03\x04")), bytes.HasPrefix(b, []byte("PK\x05\x06")):
		return formatNpz
	case looksLikeIdx(b):
		return formatIdx
	}
	name := strings.TrimSuffix(strings.ToLower(f.path), ".gz")
	for ext, form := range map[string]format{
		".csv": formatTable, ".tsv": formatTable, ".data": formatTable, ".dat": formatTable, ".tab": formatTable,
		".npy": formatNpy, ".npz": formatNpz, ".png": formatPNG, ".idx": formatIdx, "-ubyte": formatIdx,
	} {
		if strings.HasSuffix(name, ext) {
			return form
		}
	}
	switch {
	case strings.HasSuffix(name, ".bin") && looksLikeCIFAR(f.bytes):
		return formatCIFAR
	case looksNumeric(f.bytes):
		return formatTable
	}
	return formatText
}
