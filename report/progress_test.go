package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/train"
)

func moment() train.Progress {
	valid := &train.Metric{Epoch: 2, Step: 1000, Valid: &surprisal.Likelihood{Nats: 88.214, StdErr: 0.31, N: 10000, Dims: 784, Kind: surprisal.LowerBound}}
	return train.Progress{
		Epoch: 3, Epochs: 50, Step: 1250, Steps: 25000, StepsPerEpoch: 500, EventsPerSecond: 24871,
		Loss: 86.412, LossBits: surprisal.Bits(86.412) / 784, Last: valid, Best: valid,
		Elapsed: 5 * time.Second, Left: 95 * time.Second, HasLeft: true,
	}
}

func TestProgressInAPipe(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out, "made")
	p.Train(moment())
	p.Train(moment()) // too soon after the first
	p.Clear()
	p.Done(train.Report{Reason: train.EarlyStop, Steps: 12500, Epochs: 25, Seconds: 65, Best: moment().Best})
	want := "made: 5% done, valid ≤ 88.21 ± 0.31 nats, 0.1623 bits/dim, 1m35s left, 25k/s, train 86.41, epoch 3 of 50\n" +
		"made: 12,500 steps, 25 epochs in 1m05s, ended by early stop; best valid ≤ 88.21 ± 0.31 nats, after epoch 2\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestProgressBeforeTheFirstValidation(t *testing.T) {
	m := moment()
	m.Last, m.Best, m.HasLeft, m.Epochs = nil, nil, false, 0
	if got, want := strings.Join(parts(m), ", "), "train 86.41 nats, 0.1590 bits/dim, 5.0s, 25k/s, epoch 3"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestProgressOnATerminal(t *testing.T) {
	for columns, want := range map[int]string{
		20:  "\r\x1b[Kmade: 5% done",
		80:  "\r\x1b[Kmade: 5% done, valid ≤ 88.21 ± 0.31 nats, 0.1623 bits/dim, 1m35s left, 25k/s",
		120: "\r\x1b[Kmade: 5% done, valid ≤ 88.21 ± 0.31 nats, 0.1623 bits/dim, 1m35s left, 25k/s, train 86.41, epoch 3 of 50",
	} {
		var out bytes.Buffer
		p := &Progress{w: &out, name: "made", columns: func() int { return columns }}
		p.Train(moment())
		p.Train(moment()) // too soon after the first
		if out.String() != want {
			t.Errorf("%d columns: got %q, want %q", columns, out.String(), want)
		}
		if w := width(strings.TrimPrefix(out.String(), clearLine)); w >= columns {
			t.Errorf("line of %d characters on %d columns", w, columns)
		}
		out.Reset()
		p.Done(train.Report{Reason: train.Epochs, Steps: 1})
		if want := "\r\x1b[Kmade: 1 steps, 0 epochs in 0.0s, ended by epochs\n"; out.String() != want {
			t.Errorf("got %q, want %q", out.String(), want)
		}
	}
}

func TestFormats(t *testing.T) {
	for got, want := range map[string]string{
		Short(999): "999", Short(1000): "1.0k", Short(9949): "9.9k", Short(9951): "10k", Short(999_499): "999k", Short(999_501): "1.0M", Short(2_500_000_000): "2.5G",
		Duration(0): "0.0s", Duration(9940 * time.Millisecond): "9.9s", Duration(9960 * time.Millisecond): "10s", Duration(59600 * time.Millisecond): "1m00s",
		Duration(3599 * time.Second): "59m59s", Duration(3600 * time.Second): "1h00m", Duration(25 * time.Hour): "1d01h",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestNotes(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out, "mixture")
	p.Note("4 components") // short work is worth no line
	p.last = p.last.Add(-lineEvery)
	p.Note("8 components")
	p.Note("16 components") // too soon after
	if got, want := out.String(), "mixture: 8 components\n"; got != want {
		t.Errorf("in a pipe: got %q, want %q", got, want)
	}
	out.Reset()
	p = &Progress{w: &out, name: "mixture", columns: func() int { return 20 }}
	p.Note("4 components: 3.0417 nats on validation")
	if got, want := out.String(), clearLine+"mixture: 4 compone…"; got != want {
		t.Errorf("on a terminal: got %q, want %q", got, want)
	}
}
