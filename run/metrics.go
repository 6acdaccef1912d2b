package run

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/surprisal-go/surprisal/internal/atomicfile"
)

// AppendMetric adds a line to metrics.jsonl: v as a JSON object with a member
// "step", the number of the training step that it is about. A failed write
// leaves no part of the line. Needs the lock.
func (f *Folder) AppendMetric(v any) error {
	f.mustLock("AppendMetric")
	line, err := json.Marshal(v)
	if err == nil {
		_, err = stepOf(line)
	}
	if err != nil {
		return fmt.Errorf("run %s: metric: %w", f.Dir, err)
	}
	if f.metrics == nil {
		if f.metrics, err = openAppender(f.path(metricsName)); err != nil {
			return fmt.Errorf("run %s: %w", f.Dir, err)
		}
	}
	if err := f.metrics.append(append(line, '\n')); err != nil {
		return fmt.Errorf("run %s: %w", f.Dir, err)
	}
	return nil
}

// Metrics returns the lines of metrics.jsonl in order, each decoded into a T:
// none if there is no such file. A last line without an end is what a kill
// leaves and is passed over.
func Metrics[T any](f *Folder) ([]T, error) {
	var out []T
	err := f.eachMetric(func(line []byte) error {
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			return err
		}
		out = append(out, v)
		return nil
	})
	return out, err
}

// TruncateMetrics removes the lines about later steps than the given one, and
// a torn last line: what was measured after the checkpoint that training
// resumes from. Needs the lock.
func (f *Folder) TruncateMetrics(step int64) error {
	f.mustLock("TruncateMetrics")
	var keep bytes.Buffer
	err := f.eachMetric(func(line []byte) error {
		s, err := stepOf(line)
		if err == nil && s <= step {
			keep.Write(line)
			keep.WriteByte('\n')
		}
		return err
	})
	if err != nil {
		return err
	}
	if f.metrics != nil {
		if err := f.metrics.Close(); err != nil {
			return fmt.Errorf("run %s: %w", f.Dir, err)
		}
		f.metrics = nil
	}
	return atomicfile.Write(f.path(metricsName), func(w io.Writer) error {
		_, err := keep.WriteTo(w)
		return err
	})
}

func (f *Folder) eachMetric(visit func(line []byte) error) error {
	raw, err := os.ReadFile(f.path(metricsName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("run %s: %w", f.Dir, err)
	}
	for n := 1; ; n++ {
		line, rest, ended := bytes.Cut(raw, []byte("\n"))
		if !ended {
			return nil
		}
		if err := visit(line); err != nil {
			return fmt.Errorf("run %s: %s line %d: %w", f.Dir, metricsName, n, err)
		}
		raw = rest
	}
}

// stepOf returns the step that a line is about.
func stepOf(line []byte) (int64, error) {
	var v struct {
		Step *int64 `json:"step"`
	}
	if err := json.Unmarshal(line, &v); err != nil {
		return 0, err
	}
	if v.Step == nil {
		return 0, errors.New(`it has no "step"`)
	}
	return *v.Step, nil
}

// appender adds whole lines to a file.
type appender struct {
	*os.File
	size int64 // of the whole lines
}

// openAppender cuts off a torn last line.
func openAppender(path string) (*appender, error) {
	raw, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	a := &appender{File: file, size: int64(bytes.LastIndexByte(raw, '\n') + 1)}
	if err := a.Truncate(a.size); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *appender) append(line []byte) error {
	n, err := a.WriteAt(line, a.size)
	if err != nil {
		return errors.Join(err, a.Truncate(a.size))
	}
	a.size += int64(n)
	return nil
}
