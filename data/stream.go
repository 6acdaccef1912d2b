package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"strings"

	"github.com/surprisal-go/surprisal"
)

// Batches returns the events of [Read], with the same ids and in the same
// order, in batches of at most the given number of events. Of tables it holds
// no more than one batch at a time, whatever the size of the file, and a batch
// is only good until the next is asked for; other formats are read whole and
// then cut. Labels are left out, because their codes depend on all rows. After
// an error there is nothing more.
func Batches(ref string, space *surprisal.Space, opts Options, most int) iter.Seq2[*surprisal.Batch, error] {
	return func(yield func(*surprisal.Batch, error) bool) {
		opts.Space = space
		s := stream{ref: ref, opts: opts, most: most, yield: yield, time: math.Inf(-1)}
		if err := s.read(); err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}

// stream reads a set once, row by row.
type stream struct {
	ref   string
	opts  Options
	most  int
	yield func(*surprisal.Batch, error) bool

	rows int     // handed out
	time float64 // of the last of them
	raw  *raw    // rows to hand out
}

var (
	// errEnough: the caller wants no more batches.
	errEnough = errors.New("enough batches")
	// errWhole: the set has to be read whole.
	errWhole = errors.New("the format does not stream")
)

func (s *stream) read() error {
	if s.most < 1 {
		return fmt.Errorf("batches of %d events, want at least 1", s.most)
	}
	if err := s.opts.Validate(); err != nil {
		return err
	}
	if _, ok := findMade(s.ref); ok {
		return s.whole()
	}
	files, err := resolve(s.ref)
	if err == nil {
		err = s.tables(files)
	}
	if errors.Is(err, errWhole) {
		return s.whole()
	}
	return err
}

// whole reads the set at once and cuts it.
func (s *stream) whole() error {
	b, err := Read(s.ref, s.opts.Space, s.opts)
	if err != nil {
		return err
	}
	b.Label, b.LabelNames = nil, nil
	for lo := 0; lo < b.Len(); lo += s.most {
		if !s.yield(b.Slice(lo, min(lo+s.most, b.Len())), nil) {
			return errEnough
		}
	}
	return nil
}

// tables reads the files in turn. It returns errWhole only before the first
// batch.
func (s *stream) tables(files []file) error {
	var first *table
	var p *plan
	for i := range files {
		t, closer, err := files[i].openTable()
		if err == nil {
			defer closer.Close()
		}
		switch {
		case err != nil && i > 0 && errors.Is(err, errWhole):
			return fmt.Errorf("%s and %s are of different formats: name one set's files", files[0].path, files[i].path)
		case err != nil:
			return err
		case i == 0:
			if p, err = newPlan(t, s.opts); err == nil {
				err = p.decide() // the space has settled what is text
			}
			if err != nil {
				return fmt.Errorf("reading %s: %w", t.file.path, err)
			}
			first, s.raw = t, p.newRaw(t.header == nil)
		default:
			if err := sameColumns(first, t); err != nil {
				return err
			}
		}
		if err := t.each(func(line int, cells []string) error { return s.row(p, t, line, cells) }); err != nil {
			return err
		}
	}
	if s.raw.rows > 0 {
		return s.hand()
	}
	if s.rows == 0 {
		return fmt.Errorf("reading %s: it holds no events", s.ref)
	}
	return nil
}

// row adds a row and hands out a batch where that fills it.
func (s *stream) row(p *plan, t *table, line int, cells []string) error {
	if j := p.missing(cells); j >= 0 {
		if s.opts.DropMissing {
			return nil
		}
		return p.missingValue(t, line, j, cells[j])
	}
	if err := p.addRow(s.raw, t, line, cells); err != nil || s.raw.rows < s.most {
		return err
	}
	return s.hand()
}

// hand hands out the rows that were added, and forgets them.
func (s *stream) hand() error {
	r := s.raw
	b, err := r.batch(s.opts)
	if err != nil {
		where := ""
		if s.rows > 0 {
			where = fmt.Sprintf(", counting from event %d", s.rows)
		}
		return fmt.Errorf("reading %s%s: %w", s.ref, where, err)
	}
	b.Label, b.LabelNames = nil, nil
	for i := range b.IDs {
		b.IDs[i] += uint64(s.rows)
	}
	if b.Ordered = r.time != nil && ascending(s.time, r.time); r.time != nil {
		s.time = r.time[len(r.time)-1]
	}
	s.rows += r.rows
	if !s.yield(b, nil) {
		return errEnough
	}
	r.reset()
	return nil
}

// reset forgets the rows, and keeps the names of categories and groups.
func (r *raw) reset() {
	r.rows, r.time = 0, r.time[:0]
	for _, c := range r.cols {
		c.f64 = c.f64[:0]
		c.text.reset()
	}
	r.label.reset()
	r.group.reset()
}

func (t *texts) reset() {
	if t != nil {
		t.codes = t.codes[:0]
	}
}

// ascending reports whether the times never go back, from the first on.
func ascending(from float64, times []float64) bool {
	for _, t := range times {
		if t < from {
			return false
		}
		from = t
	}
	return true
}

// headSize is how much of a file is looked at to tell what it is: more than
// sniffing looks at, so that it finds what it would find in the whole file.
const headSize = 4 << 20

// openTable opens a file as a table that is read as it streams by. Where the
// head does not tell that it is one, the error is errWhole.
func (f *file) openTable() (*table, io.Closer, error) {
	body, closer, cut, err := f.openHead()
	if err != nil {
		return nil, nil, err
	}
	if detect(f) != formatTable || strings.HasSuffix(strings.ToLower(f.path), ".bin") {
		return nil, nil, errors.Join(errWhole, closer.Close())
	}
	t, err := openTable(f)
	switch {
	case cut && (err != nil || t.seen <= sniffRows):
		return nil, nil, errors.Join(errWhole, closer.Close())
	case err != nil:
		return nil, nil, errors.Join(err, closer.Close())
	}
	if head, _ := body.Peek(len(byteOrderMark)); bytes.HasPrefix(head, []byte(byteOrderMark)) {
		_, _ = body.Discard(len(byteOrderMark)) // peeked
	}
	t.body = body
	return t, closer, nil
}

// openHead opens and unpacks the file and sets its bytes to its head, cut
// behind the last whole line.
func (f *file) openHead() (body *bufio.Reader, closer io.Closer, cut bool, err error) {
	src, err := os.Open(f.path)
	if err != nil {
		return nil, nil, false, fmt.Errorf("reading data: %w", err)
	}
	fail := func(err error) (*bufio.Reader, io.Closer, bool, error) {
		return nil, nil, false, errors.Join(fmt.Errorf("reading %s: %w", f.path, err), src.Close())
	}
	body = bufio.NewReaderSize(src, headSize)
	magic, _ := body.Peek(8)
	switch {
	case bytes.HasPrefix(magic, []byte("\x1f\x8b")):
		z, err := gzip.NewReader(body)
		if err != nil {
			return fail(fmt.Errorf("broken gzip header: %w", err))
		}
		body = bufio.NewReaderSize(unzipped{z}, headSize)
	default:
		if _, err := unpack(magic); err != nil {
			return fail(err)
		}
	}
	head, err := body.Peek(headSize)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return fail(err)
	case len(head) == 0:
		return fail(errors.New("the file is empty"))
	}
	f.bytes, cut = bytes.Clone(head), err == nil
	if cut {
		f.bytes = f.bytes[:bytes.LastIndexByte(f.bytes, '\n')+1]
	}
	return body, src, cut, nil
}

// unzipped says of broken gzip data what to do.
type unzipped struct{ io.Reader }

func (u unzipped) Read(p []byte) (int, error) {
	n, err := u.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("broken gzip data (%w): the file is truncated or corrupt, fetch it again", err)
	}
	return n, err
}
