// Package train fits a model to data by gradients: minibatches, validation,
// early stop with best weights kept, checkpoints, progress.
//
// # Ideas
//
// [Fit] drives the objective of a [Trainable] model. An epoch is one pass over
// the training events in an order drawn anew; a step is one minibatch, through
// every phase of the objective. The last minibatch of an epoch holds what is
// left over and is kept: no event is passed by, and each phase's loss is a mean
// over the events that are there.
//
// At the end of each epoch, or every so many steps, the model is scored on the
// validation events as it would be on test events, by package eval, with the
// optimiser's averaged weights in place where it keeps such. The best weights
// so far are kept, and are in the model when Fit returns.
//
//	rep, err := train.Fit(ctx, model, set.Train, set.Valid, exec, train.Options{Seed: 1, Epochs: 50}, rec)
//
// # Guarantees
//
// Seed, data and options fix the weights bit for bit: whatever a step draws is
// keyed by the seed, its epoch, its step and the ids of its events, and nothing
// depends on time or threads. Only [Options.TimeLimit] reads the clock, and it
// stops at a step that the report names: a run with [Options.Steps] set to that
// number ends in the same weights.
//
// A [State] is everything that the next step depends on. [Resume] from any of
// the states that a [Recorder] was given ends in the weights of a run that was
// never disturbed. Cancelling the context finishes the step, saves, and returns
// an error of kind [ErrInterrupted].
//
// A NaN in a loss stops the training. The steps since the last snapshot in
// memory are replayed with every node checked ([Options.CheckExec]), and the
// error names the step, the layer, the operation and the event.
//
// # Errors
//
// Data and options that do not fit are errors before any work. A recorder's
// error stops the training. After an error the model's weights are those of the
// last step.
package train
