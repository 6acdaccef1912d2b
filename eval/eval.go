// Package eval says how well models predict events, and which of two predicts
// them better.
//
// [Score] asks a model for the surprisal −log p of every event in nats: exact
// where the model is a surprisal.Density, an upper bound of it where the model
// is surprisal.Bounded. [Scores.Likelihood] makes of them a
// surprisal.Likelihood: the mean, its standard error, and what must be known to
// read it. [Compare] takes two results on the same events and their nats event
// by event; [Holm] corrects many comparisons for their number. [Excess]
// measures a model against the truth where that is known.
//
//	scores, err := eval.Score(ctx, model, test, eval.Options{Key: key}) // or ScoreBatches, as they are read
//	l := scores.Likelihood("nltcs", "test")
//	c, err := eval.Compare(a, b, key)
//	fmt.Println(c.Verdict())
//
// # Why differences
//
// The mean surprisal of a model q on events from p estimates the cross-entropy
// H(p) + KL(p ‖ q), in which the entropy H(p) is unknown. In the difference of
// two models it cancels: nats(A) − nats(B) = KL(p ‖ A) − KL(p ‖ B). Taken event
// by event, what makes an event hard for both cancels too, so that the error of
// the difference is often many times smaller than that of either mean.
//
// # Errors of means
//
// With weights w, a mean is m = Σ wᵢxᵢ / Σ wᵢ and its standard error comes from
// the residuals summed within each group g of dependent events (a group of one
// where there are none):
//
//	SE² = G/(G−1) · Σ_g (Σ_{i∈g} wᵢ(xᵢ−m))² / (Σ wᵢ)²
//
// the linearised, cluster-robust variance (Liang and Zeger 1986); without
// weights and groups it is s²/n. It speaks of the choice of test events for
// the given weights of a model, not of other seeds: of these [CompareFamilies]
// speaks, from trainings that differ by seed, and [Family.Spread] shows both.
//
// Events in order of time or text depend on their neighbours: their groups are
// blocks, as long as the visible correlation asks for. [Tighten] follows a bound
// through numbers of draws, and [AIS] checks it from another side.
//
// Intervals are Student's t with G−1 degrees of freedom, and by bootstrap-t for
// 10 to 200 clusters or heavy tails. Over 2,000 simulated test sets they hold
// the mean in 94.0 to 95.3% (go test -v -run SimulatedCoverage ./eval): light
// tails with 30, 100 and 1,000 events; 5, 10 and 50 groups; autoregressions with
// coefficients up to 0.8. Where the variance is infinite (a Gaussian on t₃ data)
// they hold it in 84%, and the warning of heavy tails comes in 99.6% of sets of
// 1,000 (go test -v -run HeavyTails ./eval); of fewer than 100 events it comes
// only where one of them gives most of the variance.
//
// P-values agree with the intervals. Where a mean lies beyond all resamples, a
// generalised Pareto tail fitted to the outermost tells how rare that is: at most
// 0.05% of 4,000 simulated sets have p ≤ 0.002 (go test -v -run RareCoverage
// ./eval), and [Holm] can correct for many comparisons. A fitted tail is no
// evidence of its own: verdicts print no p-value below 0.0001.
//
// Events of probability zero have infinite surprisal. They are counted and
// left out of finite means, never averaged away. Sums are rounded once, so the
// order of events does not matter.
//
// # What a difference is of
//
// [Comparison.Verdict] says what follows from a difference, by what is known of
// both sides' nats. It is one of KL divergences only for two exact values on
// fresh events: not on those that the models were made by (Entry.Seen), as a
// condition where nobody has checked the nats (Entry.Unverified), and not below
// what float32 can tell. [Comparison.EventsFor] and [FamilyComparison.SeedsFor]
// say how much would settle a difference.
//
// # What it will not do
//
// It does not know families of models, files or progress bars. A NaN from a
// model is an error, never skipped.
package eval
