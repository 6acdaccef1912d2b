package diagnose

// Name of a verdict.
type Name string

// The verdicts: all that there are, in the order in which they are given.
const (
	// BelowFloor: train nats below the empirical entropy of the training
	// events. No distribution can do that: a bug.
	BelowFloor Name = "below the floor"
	// Leaking: events of one split occur in another beyond chance.
	Leaking Name = "leak between splits"
	// Repeating: events of one split occur in it again and again, beyond what
	// the other splits would make of it.
	Repeating Name = "repeated events"
	// NotFinite: the weights, the loss or a gradient hold a NaN or an infinity.
	NotFinite Name = "not finite"
	// Diverging: the loss ended far above its least.
	Diverging Name = "diverged"
	// NotLearning: validation did not move.
	NotLearning Name = "not learning"
	// OverfittingSince: validation rose while the training loss fell, and no
	// early stop was in force.
	OverfittingSince Name = "overfitting"
	// StillImproving: validation was falling when training ended.
	StillImproving Name = "still improving"
	// ExplodingGradient: the gradient grows ten thousand times on its way back
	// through the layers; VanishingGradient: it shrinks as much.
	ExplodingGradient Name = "exploding gradient"
	VanishingGradient Name = "vanishing gradient"
	// DeadUnits: all but a few units of a layer pass nothing on, whatever they
	// see.
	DeadUnits Name = "dead units"
	// SaturatedUnits: most units of a layer sit on the flat ends of a tanh or a
	// sigmoid.
	SaturatedUnits Name = "saturated units"
	// TooNarrow: the model cannot learn a few events by heart, and a wider one
	// can: what it can express is the limit.
	TooNarrow Name = "too narrow"
	// HardToTrain: it cannot, a wider one cannot either or no better, and
	// longer training can: optimisation is the limit.
	HardToTrain Name = "hard to train"
	// CannotMemorise: neither helps.
	CannotMemorise Name = "cannot memorise"
	// TooFewData: validation nats far above train nats at the best weights.
	TooFewData Name = "too few data"
	// WorseThanBaseline: independent marginals predict the test events better.
	WorseThanBaseline Name = "worse than the baseline"
	// MissedSlice: they do on a part of the events.
	MissedSlice Name = "missed slice"
	// ShiftedSlice: a part of the test events costs more than the same part of
	// the validation events.
	ShiftedSlice Name = "shifted slice"
	// Drifting: nats change along the order of the test events.
	Drifting Name = "drift"
)

// Names are all verdicts, in that order.
func Names() []Name {
	return []Name{
		BelowFloor, Leaking, Repeating, NotFinite, Diverging, NotLearning, OverfittingSince, StillImproving,
		ExplodingGradient, VanishingGradient, DeadUnits, SaturatedUnits, TooNarrow, HardToTrain, CannotMemorise,
		TooFewData, WorseThanBaseline, MissedSlice, ShiftedSlice, Drifting,
	}
}
