package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/eval"
	"github.com/surprisal-go/surprisal/internal/digits"
	"github.com/surprisal-go/surprisal/run"
)

// explanation is what is known of a bound beside its value. All parts are nil
// for exact models.
type explanation struct {
	Terms     *eval.Terms     `json:"elbo_terms,omitempty"`
	Tightness *eval.Tightness `json:"tightness,omitempty"`
	Annealed  *eval.Annealed  `json:"annealed,omitempty"`
}

// explain scores events. Of a bound it also splits the terms and, of an
// importance-weighted one, follows the numbers of draws that were asked for; the
// scores are those of the last.
func (l *lab) explain(ctx context.Context, t *trained, s scoring) (scores eval.Scores, e explanation, err error) {
	_, exact := t.model.(surprisal.Density)
	bounded, ok := t.model.(surprisal.Bounded)
	if exact || !ok {
		scores, err = l.score(ctx, t, s)
		return scores, e, err
	}
	if s.how.bound == eval.IW {
		e.Tightness, err = l.tighten(ctx, t, bounded, s)
		if err == nil {
			scores = e.Tightness.Scores
		}
	} else {
		scores, err = l.score(ctx, t, s)
	}
	if err == nil {
		e.Terms, err = l.terms(ctx, t, s)
	}
	return scores, e, err
}

// tighten follows a bound through the numbers of draws.
func (l *lab) tighten(ctx context.Context, t *trained, m surprisal.Bounded, s scoring) (*eval.Tightness, error) {
	told := l.progress(t.folder.Manifest.Family)
	defer told.Clear()
	o := eval.Options{Key: s.key.Named("eval"), Progress: scored(told), Each: s.each}
	var tight eval.Tightness
	var err error
	if s.batches != nil {
		tight, err = eval.TightenBatches(ctx, m, s.batches, s.set, s.part, s.how.all, o)
	} else { // the number of which is known
		tight, err = eval.Tighten(ctx, m, s.events, s.set, s.part, s.how.all, o)
	}
	if err == nil {
		err = t.doubtOrder(&tight.Scores)
	}
	return &tight, err
}

// terms splits the evidence lower bound, of models whose bound has two terms.
func (l *lab) terms(ctx context.Context, t *trained, s scoring) (*eval.Terms, error) {
	m, ok := t.model.(surprisal.Evidence)
	if !ok {
		return nil, nil
	}
	terms, err := eval.SplitELBOBatches(ctx, m, s.stream(), eval.Options{Key: s.key.Named("eval")})
	return &terms, err
}

func (l *lab) printExplanation(r run.Result, e explanation) {
	if e.Terms != nil {
		l.printTold(under, fmt.Sprintf("evidence lower bound, one draw: −log p(x|z) %s plus KL(q‖p) %s", e.Terms.Reconstruction, e.Terms.KL))
	}
	if r.Bound == string(eval.ELBO) {
		l.printTold(under, fmt.Sprintf("K = 1 %s, the mean of %s: a lower bound of log p in expectation", r.Likelihood, digits.Counted(r.Likelihood.Samples, "draw")))
	}
	t := e.Tightness
	if t == nil {
		return
	}
	fmt.Fprintf(l.stdout, "       K = 1 %s, the evidence lower bound\n", t.ELBO)
	for _, b := range t.IW {
		if b.Samples > 1 { // of one it is the same
			fmt.Fprintf(l.stdout, "       K = %d %s\n", b.Samples, b)
		}
	}
	l.printTold(under, "all are lower bounds of log p in expectation")
	l.printTold(under, t.Verdict())
	l.printTails("these", t.Scores)
}

// printTails says how heavy the tails of a bound's weights on a part of a set
// are, if it is known.
func (l *lab) printTails(part string, s eval.Scores) {
	if t, ok := s.Tails(); ok {
		l.printTold(under, fmt.Sprintf("Pareto k̂ of the weights: median %.2f, above 0.7 for %.3g%% of %s events", t.Median, 100*t.Heavy, part))
	}
}

// evaluation is the form that scripts rely on: the likelihood's fields, those of
// the result that is kept, and what else is known beside them.
type evaluation struct {
	Name      string // of the result
	Result    run.Result
	Quantiles quantiles
	More      explanation
}

// MarshalJSON writes one object.
func (e evaluation) MarshalJSON() ([]byte, error) {
	all := map[string]json.RawMessage{}
	named := map[string]any{"result": e.Name, "quantiles": e.Quantiles}
	for _, part := range []any{e.Result, e.Result.Likelihood, e.More, named} {
		raw, err := json.Marshal(part)
		if err == nil {
			err = json.Unmarshal(raw, &all)
		}
		if err != nil {
			return nil, err
		}
	}
	delete(all, "likelihood") // its fields stand beside the others
	delete(all, "seconds")    // the only field that is not the same every time
	return json.Marshal(all)
}

// quantiles of the events' nats, and the most surprising events by their place
// in the order of the data.
type quantiles struct {
	Q05   *float64   `json:"0.05"`
	Q50   *float64   `json:"0.5"`
	Q95   *float64   `json:"0.95"`
	Worst []surprise `json:"worst"`
}

type surprise struct {
	Event int      `json:"event"`
	Nats  *float64 `json:"nats"` // null where infinite
}

const worstShown = 3

// bySurprise lists events, the most surprising first.
func bySurprise(nats []float64) []int {
	order := make([]int, len(nats))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(nats[j], nats[i]) })
	return order
}

func spread(s eval.Scores) quantiles {
	finite := func(v float64) *float64 {
		if math.IsInf(v, 0) {
			return nil
		}
		return &v
	}
	n := len(s.Nats)
	at := func(q float64) *float64 {
		return finite(kth(s.Nats, n-1-int(math.Round((1-q)*float64(n-1)))))
	}
	out := quantiles{Q05: at(0.05), Q50: at(0.5), Q95: at(0.95)}
	for _, i := range mostSurprising(s.Nats, worstShown) {
		out.Worst = append(out.Worst, surprise{i, finite(s.Nats[i])})
	}
	return out
}

// mostSurprising is the beginning of bySurprise, without a list of all events.
func mostSurprising(nats []float64, most int) []int {
	var worst []int
	for i, v := range nats {
		at := len(worst)
		for at > 0 && v > nats[worst[at-1]] {
			at--
		}
		if at < most {
			worst = slices.Insert(worst, at, i)[:min(most, len(worst)+1)]
		}
	}
	return worst
}

// kth is the number that k of the others are below when they are sorted. It
// looks at them byte by byte and needs no memory: there may be ten millions.
func kth(x []float64, k int) float64 {
	var prefix uint64
	for shift := 56; shift >= 0; shift -= 8 {
		var count [256]int
		for _, v := range x {
			if o := order(v); o>>shift>>8 == prefix {
				count[o>>shift&255]++
			}
		}
		digit := 0
		for k >= count[digit] {
			k -= count[digit]
			digit++
		}
		prefix = prefix<<8 | uint64(digit)
	}
	return fromOrder(prefix)
}

// order maps numbers to integers that sort as they do.
func order(v float64) uint64 {
	b := math.Float64bits(v)
	if b>>63 == 1 {
		return ^b
	}
	return b | 1<<63
}

// fromOrder is the inverse of order.
func fromOrder(o uint64) float64 {
	if o>>63 == 0 {
		return math.Float64frombits(^o)
	}
	return math.Float64frombits(o &^ (1 << 63))
}

func (l *lab) printSpread(q quantiles) {
	show := func(v *float64) string {
		if v == nil {
			return "∞"
		}
		return digits.Fixed(*v, 2)
	}
	worst := make([]string, len(q.Worst))
	for i, w := range q.Worst {
		worst[i] = fmt.Sprintf("event %d %s", w.Event, show(w.Nats))
	}
	l.printTold(under, fmt.Sprintf("nats of events: 5%% %s, median %s, 95%% %s; most surprising: %s",
		show(q.Q05), show(q.Q50), show(q.Q95), strings.Join(worst, ", ")))
}
