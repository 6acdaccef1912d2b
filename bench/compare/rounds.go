package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/surprisal-go/surprisal/bench"
	"github.com/surprisal-go/surprisal/engine/cpu"
)

// settings of a comparison.
type settings struct {
	peers   []string
	dir     string // of the peers
	threads int
	rounds  int
	turn    time.Duration
}

// result of a work, as it is printed with --json.
type result struct {
	Work  string `json:"work"`
	Batch int    `json:"batch"`
	// Ours is seconds a step, the median over Rounds, the medians of our turns.
	Ours   float64   `json:"ours"`
	Rounds []float64 `json:"ours_rounds"`
	// OursNats is our loss before the first step.
	OursNats float64 `json:"ours_nats"`
	// Rate is how fast the machine was used, where the work's operations are
	// counted.
	Rate *rate `json:"rate,omitempty"`
	// Memory is ours.
	Memory memory `json:"ours_memory"`
	// Peers that took part, the fastest first.
	Peers []timing `json:"peers"`
	// Skipped says why a peer was left out.
	Skipped map[string]string `json:"skipped,omitempty"`
	// Load is the machine's load average over a minute, at the end.
	Load float64 `json:"load,omitempty"`
}

// timing is a peer against ours.
type timing struct {
	Name     string `json:"peer_name"`
	Settings string `json:"peer_settings"`
	// Peer is seconds a step, the median over Rounds.
	Peer   float64   `json:"peer"`
	Rounds []float64 `json:"peer_rounds"`
	// Nats is the peer's loss before the first step.
	Nats float64 `json:"peer_nats"`
	// Ratio is the median over rounds of the peer's time over ours: more than
	// 1 says that we are faster.
	Ratio    float64 `json:"ratio"`
	RatioMin float64 `json:"ratio_min"`
	RatioMax float64 `json:"ratio_max"`
	// RatioBest is the ratio of the fastest chunk of steps on either side,
	// which a loaded machine moves least.
	RatioBest float64 `json:"ratio_best"`
	// Memory is the peer's.
	Memory memory `json:"peer_memory"`
}

// warmSteps are made before anything is timed.
const warmSteps = 20

// rest lets what the other side has spinning come to a halt: threads of OpenMP do
// so for 200 ms.
const rest = 300 * time.Millisecond

// side is our side of a comparison.
type side struct {
	bench.Work
	*bench.Run
	first float64 // nats of the first step
}

// open builds the work and warms it up.
func open(w bench.Work, exec *cpu.Executor) (*side, error) {
	run, err := w.Open(exec)
	if err != nil {
		return nil, err
	}
	first, err := run.Step()
	for range warmSteps {
		if err != nil {
			return nil, err
		}
		_, err = run.Step()
	}
	return &side{w, run, first}, err
}

// compare runs ours and the peers in turn.
func (ours *side) compare(s settings) (*result, error) {
	r := &result{Work: ours.Name(), Batch: ours.Batch, Skipped: map[string]string{}, OursNats: ours.first}
	var peers []*child
	for _, name := range s.peers {
		c, err := start(s.dir, name, ours.Work, s.threads)
		if err != nil {
			r.Skipped[name] = err.Error()
			continue
		}
		defer c.stop()
		if err := ours.same(c.hello); err != nil {
			r.Skipped[name] = err.Error()
			continue
		}
		peers = append(peers, c)
	}
	if err := r.takeTurns(ours.Run, peers, s); err != nil {
		return nil, err
	}
	r.Load = load()
	return r, nil
}

// same refuses a peer that computes something else. The loss before the first
// step is that of the marginals or of the identity map, which no draw of weights
// moves, except where latents are drawn or 20 steps of training came before.
func (ours *side) same(h hello) error {
	if h.Params != ours.Params {
		return fmt.Errorf("has %d parameters, ours %d: it is not the same model", h.Params, ours.Params)
	}
	tolerance := 1e-4
	switch ours.Model {
	case "vae", "iwae":
		tolerance = 0.05
	case "score", "sample", "sample-passes": // of a single event, or of few
		tolerance = 0.1
	}
	if !(math.Abs(h.FirstNats/ours.first-1) <= tolerance) {
		return fmt.Errorf("has a loss of %.6g nats before the first step, ours %.6g: it is not the same loss", h.FirstNats, ours.first)
	}
	return nil
}

// takeTurns runs ours, a peer, the next peer, …, ours, a peer, … for the
// rounds. A peer that fails is left out from then on.
func (r *result) takeTurns(ours *bench.Run, peers []*child, s settings) error {
	var mine []bench.Pace
	for range s.rounds {
		p, err := ours.Measure(s.turn)
		if err != nil {
			return err
		}
		mine = append(mine, p)
		peers = slices.DeleteFunc(peers, func(c *child) bool {
			time.Sleep(rest)
			err := c.turn(s.turn)
			if err != nil {
				r.Skipped[c.hello.Peer] = err.Error()
			}
			return err != nil
		})
		time.Sleep(rest)
	}
	r.Rounds = seconds(mine)
	r.Ours = bench.Median(r.Rounds)
	r.Rate = newRate(ours.Flops, mine, s.threads)
	for _, c := range peers {
		r.Peers = append(r.Peers, against(mine, c))
	}
	slices.SortFunc(r.Peers, func(a, b timing) int { return cmp.Compare(a.Peer, b.Peer) })
	return nil
}

// against compares the turns of ours and of a peer, round by round.
func against(ours []bench.Pace, c *child) timing {
	t := timing{Rounds: seconds(c.paces), Name: c.hello.Peer, Settings: c.hello.Settings, Nats: c.hello.FirstNats, Memory: c.memory}
	var ratios []float64
	bestOurs, bestPeer := math.Inf(1), math.Inf(1)
	for i, p := range c.paces {
		ratios = append(ratios, p.Seconds/ours[i].Seconds)
		bestOurs, bestPeer = min(bestOurs, ours[i].Best), min(bestPeer, p.Best)
	}
	t.Peer = bench.Median(t.Rounds)
	t.Ratio, t.RatioMin, t.RatioMax = bench.Median(ratios), slices.Min(ratios), slices.Max(ratios)
	t.RatioBest = bestPeer / bestOurs
	return t
}

func seconds(paces []bench.Pace) []float64 {
	var out []float64
	for _, p := range paces {
		out = append(out, p.Seconds)
	}
	return out
}
