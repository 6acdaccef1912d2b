package diagnose

import (
	"fmt"
	"math"

	"github.com/surprisal-go/surprisal/train"
)

// Trend is what a learning curve did in the end.
type Trend string

// Trends.
const (
	// Unknown: fewer than three validations.
	Unknown Trend = "unknown"
	// Still: validation never moved.
	Still Trend = "not learning"
	// Improving: validation was still falling when training ended.
	Improving Trend = "still improving"
	// Converged: validation had stopped falling and did not rise.
	Converged Trend = "converged"
	// Overfitting: validation has risen since its best while the training loss
	// went on falling.
	Overfitting Trend = "overfitting"
	// Diverged: the loss ended far above its least, or was no number.
	Diverged Trend = "diverged"
)

// Curve is the reading of a learning curve.
type Curve struct {
	Trend Trend `json:"trend"`
	// First, Best and Last validation nats, and the step of the best.
	First, Best, Last float64
	BestStep          int
	// LossAtBest and LastLoss are training losses at the best validation and at
	// the end.
	LossAtBest, LastLoss float64
}

const (
	// settled is the part of all that was gained below which a change counts as
	// none.
	settled = 0.01
	// recent is the part of the training, at its end, in which a gain means
	// that more would follow.
	recent = 0.2
)

// ReadCurve reads the metrics of a training.
func ReadCurve(metrics []train.Metric) Curve {
	c := Curve{Trend: Unknown, First: math.NaN(), Best: math.Inf(1), Last: math.NaN()}
	var steps []int
	var nats []float64
	for _, m := range metrics {
		c.LastLoss = m.Loss
		if m.Valid == nil || m.Valid.Infinite > 0 {
			continue
		}
		steps, nats = append(steps, m.Step), append(nats, m.Valid.Nats)
		if v := m.Valid.Nats; v < c.Best {
			c.Best, c.BestStep, c.LossAtBest = v, m.Step, m.Loss
		}
	}
	if len(nats) < 3 {
		return c
	}
	c.First, c.Last = nats[0], nats[len(nats)-1]
	gained := c.First - c.Best
	rise := c.Last - c.Best
	end := steps[len(steps)-1]
	switch {
	case math.IsNaN(c.Last) || math.IsNaN(c.LastLoss) || math.IsInf(c.LastLoss, 0) || rise > 2*gained+math.Abs(c.Best):
		c.Trend = Diverged
	case gained <= 1e-6*math.Max(1, math.Abs(c.First)) && rise <= 1e-6*math.Max(1, math.Abs(c.First)):
		c.Trend = Still
	case rise > settled*math.Max(gained, math.Abs(c.Best)*0.1) && c.LastLoss < c.LossAtBest:
		c.Trend = Overfitting
	case at(steps, nats, end-int(recent*float64(end)))-c.Best > settled*gained && c.BestStep > end-int(recent*float64(end)):
		c.Trend = Improving
	default:
		c.Trend = Converged
	}
	return c
}

// at is the best validation up to a step.
func at(steps []int, nats []float64, step int) float64 {
	best := nats[0]
	for i, s := range steps {
		if s <= step {
			best = min(best, nats[i])
		}
	}
	return best
}

// String is the trend with its evidence.
func (c Curve) String() string {
	switch c.Trend {
	case Unknown:
		return c.evidence()
	case Overfitting:
		return string(c.Trend) + " " + c.evidence()
	}
	return string(c.Trend) + ", " + c.evidence()
}

// evidence is what the trend rests on.
func (c Curve) evidence() string {
	switch c.Trend {
	case Unknown:
		return "too few validations to read the learning curve"
	case Overfitting:
		return fmt.Sprintf("since step %d, validation rose from %.4g to %.4g nats while the training loss fell from %.4g to %.4g", c.BestStep, c.Best, c.Last, c.LossAtBest, c.LastLoss)
	}
	return fmt.Sprintf("validation %.4g nats at first, best %.4g at step %d, last %.4g", c.First, c.Best, c.BestStep, c.Last)
}
