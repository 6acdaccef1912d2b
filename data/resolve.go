package data

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// aliases of the splits' names in file names.
var aliases = map[string]string{
	"train": "train", "training": "train", "tr": "train",
	"valid": "valid", "validation": "valid", "val": "valid", "dev": "valid",
	"test": "test", "testing": "test", "tst": "test", "t10k": "test",
}

// maxFiles bounds a folder's walk: a mistaken "/" should not read the disk.
const maxFiles = 2_000_000

// resolve finds the files that ref names, training files first.
func resolve(ref string) ([]file, error) {
	var files []file
	info, err := os.Stat(ref)
	switch {
	case strings.Contains(ref, "{split}"), err != nil && strings.ContainsAny(ref, "*?["):
		files, err = resolvePattern(ref)
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("no set and no file is called %q: the sets made by the project are %s; a path may be a file, a folder or a pattern such as name.{split}.csv", ref, madeNames())
	case err != nil:
		return nil, fmt.Errorf("opening data: %w", err)
	case info.IsDir():
		files, err = resolveFolder(ref)
	default:
		files = []file{{path: ref}}
		if l := labelsBeside(ref); l != "" {
			files = append(files, file{path: l})
		}
	}
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(files, func(a, b file) int {
		return cmp.Or(cmp.Compare(splitOrder(a.split), splitOrder(b.split)), cmp.Compare(a.path, b.path))
	})
	return files, nil
}

func splitOrder(s string) int { return slices.Index(splitNames[:], s) }

// tokens are the runs of letters and digits of a name, in lower case.
func tokens(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// splitOf reads the split from a file's name or else its folders below root.
func splitOf(rel string) string {
	parts := strings.Split(filepath.ToSlash(rel), "/")
	for i := len(parts) - 1; i >= 0; i-- {
		for _, t := range tokens(parts[i]) {
			if s, ok := aliases[t]; ok {
				return s
			}
		}
	}
	return ""
}

func resolvePattern(ref string) ([]file, error) {
	glob := strings.ReplaceAll(ref, "{split}", "*")
	paths, err := filepath.Glob(glob)
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", ref, err)
	}
	var files []file
	before, _, fixed := strings.Cut(ref, "{split}")
	for _, p := range paths {
		if i, err := os.Stat(p); err != nil || i.IsDir() {
			continue
		}
		f := file{path: p, split: splitOf(filepath.Base(p))}
		if fixed && len(tokens(p[min(len(before), len(p)):])) > 0 {
			f.split = aliases[tokens(p[len(before):])[0]]
		}
		if fixed && f.split == "" {
			continue
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("pattern %q matches no file: {split} stands for train, valid or test", ref)
	}
	if fixed && !slices.ContainsFunc(files, func(f file) bool { return f.split == "train" }) {
		return nil, fmt.Errorf("pattern %q matches no training file, only %s", ref, files[0].path)
	}
	return files, nil
}

// resolveFolder takes all PNG images below the folder, or else the data files
// in it, which must belong to one set.
func resolveFolder(root string) ([]file, error) {
	var images, others []file
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if path != root && strings.HasPrefix(name, ".") {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if d.IsDir() || !dataFile(name) {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		f := file{path: path, split: splitOf(rel)}
		if strings.HasSuffix(strings.ToLower(name), ".png") {
			f.split, f.label = imagePlace(rel)
			images = append(images, f)
		} else {
			others = append(others, f)
		}
		if len(images)+len(others) > maxFiles {
			return fmt.Errorf("more than %d files", maxFiles)
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading folder %s: %w", root, err)
	case len(images) > 0:
		return images, nil
	case len(others) == 0:
		return nil, fmt.Errorf("folder %s holds no data: want idx, CSV, npy, npz, PNG or text files", root)
	}
	return others, oneSet(root, others)
}

// dataFile tells data from the papers that lie beside it.
func dataFile(name string) bool {
	n := strings.ToLower(name)
	for _, p := range []string{"readme", "license", "licence", "sha1", "sha256", "md5", "copying"} {
		if strings.HasPrefix(n, p) {
			return false
		}
	}
	switch filepath.Ext(n) {
	case ".md", ".json", ".html", ".pdf", ".py", ".names", ".jpg", ".jpeg", ".sh":
		return false
	}
	return true
}

// imagePlace reads split and label from an image's folders: train/cat/1.png.
func imagePlace(rel string) (split, label string) {
	dirs := strings.Split(filepath.ToSlash(filepath.Dir(rel)), "/")
	if s, ok := aliases[strings.ToLower(dirs[0])]; ok {
		split, dirs = s, dirs[1:]
	}
	if len(dirs) > 0 && dirs[0] != "." {
		label = strings.Join(dirs, "/")
	}
	return split, label
}

// oneSet refuses a folder whose files differ in more than split and role.
func oneSet(root string, files []file) error {
	stems := map[string]string{}
	for _, f := range files {
		stems[stem(filepath.Base(f.path))] = filepath.Base(f.path)
	}
	noSplit := slices.ContainsFunc(files, func(f file) bool { return f.split == "" })
	if len(stems) == 1 && (!noSplit || len(files) == 1) {
		return nil
	}
	var names []string
	for _, n := range stems {
		names = append(names, n)
	}
	slices.Sort(names)
	shown := strings.Join(names[:min(4, len(names))], ", ")
	if len(stems) == 1 {
		return fmt.Errorf("folder %s holds several files whose names do not say train, valid or test: name one, or a pattern such as %s", root, filepath.Join(root, "*"+filepath.Ext(shown)))
	}
	return fmt.Errorf("folder %s holds files of several sets (%s%s): name a file, or a pattern such as name.{split}.csv",
		root, shown, map[bool]string{true: ", …"}[len(names) > 4])
}

// stem is a file's name without what tells its split, role and packing.
func stem(base string) string {
	var keep []string
	for _, t := range tokens(base) {
		if aliases[t] == "" && !slices.Contains([]string{"gz", "images", "labels", "idx1", "idx3", "ubyte", "x", "y", "data"}, t) {
			keep = append(keep, t)
		}
	}
	return strings.Join(keep, "-")
}

// labelsBeside returns the idx file of labels that belongs to one of images.
func labelsBeside(path string) string {
	dir, base := filepath.Split(path)
	l := strings.NewReplacer("images", "labels", "idx3", "idx1").Replace(base)
	if l == base {
		return ""
	}
	if _, err := os.Stat(filepath.Join(dir, l)); err != nil {
		return ""
	}
	return filepath.Join(dir, l)
}

// NameOf is the name of the set that ref names, as [Open] gives it: that of one
// of the project's own, of the file or folder, or of the folder that a bare
// pattern stands in.
func NameOf(ref string) string {
	if n := shortName(ref); n != "" {
		return n
	}
	if path, err := filepath.Abs(ref); err == nil {
		for ; path != filepath.Dir(path); path = filepath.Dir(path) {
			if n := shortName(path); n != "" {
				return n
			}
		}
	}
	return "data"
}

func shortName(path string) string {
	base := filepath.Base(filepath.Clean(path))
	for _, s := range []string{".gz", ".{split}", "-{split}", "_{split}"} {
		base = strings.Replace(base, s, "", 1)
	}
	if ext := filepath.Ext(base); ext != "" && ext != base {
		base = strings.TrimSuffix(base, ext)
	}
	return strings.Trim(strings.NewReplacer("{split}", "", "*", "").Replace(base), ".-_/\\")
}
