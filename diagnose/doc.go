// Package diagnose says what may be wrong with a trained model, or with its
// data, from what a run has left, from the nats of its events and from its
// weights.
//
//   - [FloorOf] is the least nats that memorising can reach on the training
//     events; a model below it is not a distribution. Of events with context it
//     is the empirical H(y | x). No family is conditional yet, so that no run
//     has that floor. One long text has none.
//
//   - [ReadCurve] reads a learning curve: still improving, converged,
//     overfitting since a step, not learning, diverged.
//
//   - [HealthOf] runs the loss and its gradients on a sample of events: units
//     that are dead or saturated, gradients that vanish or explode from layer
//     to layer, values that are not finite.
//
//   - [OverlapsOf] counts events of one split that occur in another, or again in
//     it, beside what random splits would give.
//
//   - [DriftOf] finds nats that change along the order of events.
//
//   - [SlicesOf] finds labels, clusters ([ClustersOf]) and values of features
//     where a baseline is better than the truth would allow, and [ShiftsOf]
//     searches for a part of the test events that costs more than the same part
//     of the validation events, in all or in a column. [ColumnCosts] tells what
//     columns cost under models that do not factor over them.
//
// [Findings.Verdicts] turns what was found into verdicts, each with its evidence
// and what to try. [Names] is the list of all that there are, docs/diagnose.md
// its manual.
//
// Tests of many slices are corrected for their number: the chance that any
// finding of a kind is false is a hundredth. Errors are of units: groups of
// events, blocks of ordered ones, or events.
//
// Nothing here trains.
package diagnose
