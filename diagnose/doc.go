// Package diagnose says what may be wrong with a trained model, or with its
// data, from what a run has left and from the nats of its events.
//
//   - [FloorOf] is the least nats that memorising can reach on the training
//     events; a model below it is not a distribution.
//
//   - [ReadCurve] reads a learning curve: still improving, converged,
//     overfitting since a step, not learning, diverged.
//
//   - [OverlapOf] counts test events that occur in training, beside what a
//     random split would give.
//
//   - [DriftOf] finds nats that change along the order of events.
//
//   - [SlicesOf] finds labels and values of features where a baseline is better.
//
// [Findings.Verdicts] turns what was found into verdicts from a fixed list, see
// [Name], each with its evidence and what to try.
//
// All are pure functions of batches and numbers; nothing here trains.
package diagnose
