package data

import (
	"fmt"
	"math"

	"github.com/surprisal-go/surprisal"
)

// Open returns the set that ref names: one of the project's own (see [List]),
// a file, a folder, or a pattern of files such as "nltcs.{split}.data.gz" or
// "part-*.csv".
func Open(ref string, opts Options) (*Set, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	if m, ok := findMade(ref); ok {
		return openMade(m, opts)
	}
	r, err := readRef(ref, opts)
	if err != nil {
		return nil, err
	}
	all, err := r.batch(opts)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", ref, err)
	}
	set := &Set{Name: NameOf(ref), Space: all.Space, Sources: r.sources}
	if err := r.split(set, all, opts); err != nil {
		return nil, fmt.Errorf("splitting %s: %w", ref, err)
	}
	set.Notes = r.notes
	return set, nil
}

// Read returns all events of ref in the order of the files, as events of the
// given space: what a trained model needs to score new rows. Categories and
// values that the space does not have are errors. Of a set that the project
// makes, the events are those of the test split.
func Read(ref string, space *surprisal.Space, opts Options) (*surprisal.Batch, error) {
	opts.Space = space
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	if m, ok := findMade(ref); ok {
		set, err := openMade(m, opts)
		if err != nil {
			return nil, err
		}
		return set.Test, nil
	}
	r, err := readRef(ref, opts)
	if err != nil {
		return nil, err
	}
	all, err := r.batch(opts)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", ref, err)
	}
	all.Ordered = r.inOrder || r.time != nil && ascending(math.Inf(-1), r.time)
	return all, nil
}

func openMade(m made, opts Options) (*Set, error) {
	if what := opts.tableOnly(); what != "" {
		return nil, fmt.Errorf("%s is made by the project and has its columns fixed: %s cannot be given", m.Name, what)
	}
	set, err := m.make()
	if err != nil {
		return nil, fmt.Errorf("making %s: %w", m.Name, err)
	}
	set.Name = m.Name
	if opts.Space != nil && !opts.Space.Equal(set.Space) {
		return nil, fmt.Errorf("the events of %s are %s, want %s", m.Name, describe(set.Space), describe(opts.Space))
	}
	return set, nil
}

// readRef reads all files that ref names.
func readRef(ref string, opts Options) (*raw, error) {
	files, err := resolve(ref)
	if err != nil {
		return nil, err
	}
	for i := range files {
		if err := files[i].load(); err != nil {
			return nil, err
		}
	}
	r, err := decode(files, opts)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		r.sources = append(r.sources, Source{Path: f.path, SHA256: f.sum})
	}
	if r.rows == 0 {
		return nil, fmt.Errorf("reading %s: it holds no events", ref)
	}
	return r, nil
}

// describe names a space in a few words.
func describe(s *surprisal.Space) string {
	if len(s.Fields) == 1 {
		return fmt.Sprintf("%q", s.Fields[0].String())
	}
	return fmt.Sprintf("%d columns (%q, …)", len(s.Fields), s.Fields[0].String())
}
