package data

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxEntry bounds an array of an archive: 8 GiB unpacked.
const maxEntry = 8 << 30

// readArchives reads npz files. The arrays of a file are told apart by name:
// X, data or images hold events, y, labels or targets their labels, and a
// split in the name (x_train, y_test) places them.
func (r *raw) readArchives(files []file) error {
	data, labels, paths := map[string]*array{}, map[string]*array{}, map[string]string{}
	for _, f := range files {
		arrays, err := unzip(f.bytes)
		if err != nil {
			return fmt.Errorf("reading %s: %w", f.path, err)
		}
		for _, name := range sortedKeys(arrays) {
			split, role := arrayRole(name, len(arrays))
			if split == "" {
				split = f.split
			}
			into := data
			switch role {
			case "":
				r.note("array %s of %s is left out: its name says neither events (X) nor labels (y)", name, f.path)
				continue
			case "label":
				into = labels
			}
			if into[split] != nil {
				return fmt.Errorf("reading %s: array %s is the second that holds the %s of one split", f.path, name, role)
			}
			a, err := decodeNpy(arrays[name])
			if err != nil {
				return fmt.Errorf("reading %s, array %s: %w", f.path, name, err)
			}
			if role == "label" {
				a.shape = slices.DeleteFunc(slices.Clone(a.shape), func(d int) bool { return d == 1 && len(a.shape) > 1 })
				if len(a.shape) != 1 {
					return fmt.Errorf("reading %s: labels %s have shape %v: want one number for each event", f.path, name, a.shape)
				}
			}
			into[split] = a
			if role == "data" {
				paths[split] = f.path
			}
		}
	}
	return r.appendArrays(data, labels, paths)
}

// arrayRole reads an array's role and split from its name.
func arrayRole(name string, arrays int) (split, role string) {
	if arrays == 1 {
		role = "data"
	}
	for _, t := range tokens(name) {
		if s, ok := aliases[t]; ok {
			split = s
			continue
		}
		switch t {
		case "x", "data", "images", "arr", "features", "samples":
			role = "data"
		case "y", "labels", "label", "targets", "target":
			role = "label"
		}
	}
	if role == "" && split != "" && len(tokens(name)) == 1 {
		role = "data" // arrays called train, valid, test
	}
	return split, role
}

// unzip returns the npy files of an archive by name.
func unzip(b []byte) (map[string][]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, fmt.Errorf("broken npz archive (%w): the file is truncated or corrupt, save it again", err)
	}
	out := map[string][]byte{}
	for _, e := range z.File {
		name := strings.TrimSuffix(e.Name, ".npy") // not every writer adds it
		f, err := e.Open()
		if err != nil {
			return nil, fmt.Errorf("array %s: %w", name, err)
		}
		v, err := io.ReadAll(io.LimitReader(f, maxEntry+1))
		_ = f.Close() // read to the end, or failed already
		if err != nil {
			return nil, fmt.Errorf("array %s (%w): the archive is truncated or corrupt, save it again", name, err)
		}
		if len(v) > maxEntry {
			return nil, fmt.Errorf("array %s unpacks to more than %d bytes", name, maxEntry)
		}
		if bytes.HasPrefix(v, []byte("\x93NUMPY")) || name != e.Name {
			out[name] = v
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("the archive holds no npy arrays")
	}
	return out, nil
}
