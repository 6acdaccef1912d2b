package data

import (
	"fmt"
)

// decode reads the files into one raw set. They are of one format, but for
// idx and npy files of labels beside others of images.
func decode(files []file, opts Options) (*raw, error) {
	form := detect(&files[0])
	for i := range files {
		if f := detect(&files[i]); f != form {
			return nil, fmt.Errorf("%s and %s are of different formats: name one set's files", files[0].path, files[i].path)
		}
	}
	if form == formatTable {
		return readTables(files, opts)
	}
	if what := opts.tableOnly(); what != "" && form != formatNpy && form != formatNpz {
		return nil, fmt.Errorf("%s is no table: %s cannot be given", files[0].path, what)
	}
	r := &raw{}
	var err error
	switch form {
	case formatIdx:
		err = r.readArrays(files, decodeIdx)
	case formatNpy:
		err = r.readArrays(files, decodeNpy)
	case formatNpz:
		err = r.readArchives(files)
	case formatPNG:
		err = r.readImages(files)
	case formatCIFAR:
		err = r.readCIFAR(files)
	case formatText:
		err = r.readText(files, opts.Length)
	}
	if err != nil {
		return nil, err
	}
	return r, r.applyTypes(opts)
}

// applyTypes hands the options about columns to a matrix of unnamed columns
// and takes its label column out.
func (r *raw) applyTypes(opts Options) error {
	if opts.tableOnly() == "" {
		return nil
	}
	if !r.unnamed {
		return fmt.Errorf("the arrays are no table: %s cannot be given", opts.tableOnly())
	}
	if opts.Group != "" || opts.TimeColumn != "" {
		return fmt.Errorf("splits by group or time need a table with names: write the array as CSV")
	}
	types, err := opts.columnTypes()
	if err != nil {
		return err
	}
	if opts.Label != "" {
		if _, ok := types[opts.Label]; ok {
			return fmt.Errorf("column %q is the label and has a type: choose one", opts.Label)
		}
	}
	known := map[string]bool{}
	var keep []*column
	for _, c := range r.cols {
		known[c.name] = true
		c.typ = types[c.name]
		switch {
		case c.name == opts.Label:
			r.label = &texts{}
			for _, v := range c.f64 {
				r.label.add(formatNumber(v))
			}
		case !c.typ.skip:
			keep = append(keep, c)
		}
	}
	r.cols = keep
	return checkNames(known, r.columnNames(), types, opts)
}

func (r *raw) columnNames() []string {
	names := make([]string, len(r.cols))
	for i, c := range r.cols {
		names[i] = c.name
	}
	return names
}
