// Package surprisal holds the words of the toolkit: what an event is, what a
// model can do with it, and what may be said of a likelihood.
//
// The surprisal of an event x under a model is −log p(x), in nats. Lower is
// better; a density's surprisal may be negative. Everything in this module
// computes in nats, and this package holds the only conversions to other units.
//
// # Ideas
//
// A [Space] says what an event is: an ordered product of named fields, each
// binary, categorical, a count, a grid of known step, or real. From it follows
// the [Measure] that log p refers to: a probability mass on discrete fields, a
// density with respect to Lebesgue measure in raw data units on real ones. A
// [Batch] is a number of events from one space, with optional context, label,
// weight, group, mask and length.
//
// A model is known by its capabilities, each an interface of one method:
// [Density], [Bounded], [Sampler], [Autoregressive], [Latent], [Invertible],
// [Unnormalized]. A type has only the capabilities it has: a variational
// autoencoder is Bounded and no Density, so that nobody mistakes a bound for a
// value.
//
// A [Likelihood] is never a bare float: it carries its standard error, the
// number of events, the measure, the checksum of the events and whether it is
// exact, a bound or an estimate. Two of them compare only if they speak of the
// same events under the same measure; see [Likelihood.Comparable].
//
// # Randomness
//
// Randomness is an argument, always. A [Key] is folded with whatever
// distinguishes a draw (epoch, step, event id) and yields the same values on
// every machine; no generator hides in a struct or a global.
//
// # Errors
//
// Functions that see a user's data return errors that say what was wanted,
// what was found and what to do. Misuse by the programmer (a destination of
// the wrong length) panics.
package surprisal
