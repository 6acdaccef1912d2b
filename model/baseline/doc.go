// Package baseline holds the models that anything better must beat, fitted in
// closed form or by expectation maximisation: [Marginals] (every dim for
// itself), [Gaussian] (full covariance) and [Mixture] (of Gaussians).
//
//	m, err := baseline.NewMixture(space, &baseline.MixtureConfig{})
//	err = m.Fit(ctx, train, valid, key, nil)
//	err = m.(surprisal.Density).LogProb(dst, test)
//
// Marginals are exact on any space: a mass on discrete columns, a density on
// real ones. Gaussian and mixture are models of real vectors. On a space of
// reals NewGaussian and NewMixture return a *[Gaussian] and a *[Mixture], which
// have a density; on a space with discrete columns they return a *[Dequantized]
// around one, which has a bound (see package prep).
//
// Legend: N events, D dims, K components, T entries of a table.
//
// # Guarantees
//
// What is fitted depends on the events, the config and the key alone: the same
// bits on any number of threads and any instruction set. For that the sums and
// the factorisations here are plain loops with explicit rounding; gonum's
// kernels add in an order that depends on the machine. Events count by
// Batch.Weight. The log p of an event does not depend on its batch.
//
// A zero config means the defaults.
package baseline

import (
	"context"
	"fmt"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/model/feed"
	"github.com/surprisal-go/surprisal/tensor"
)

// Model is what every baseline has. Further capabilities are asked for by type
// assertion.
type Model interface {
	surprisal.Sampler
	// Space is what the model is a model of.
	Space() *surprisal.Space
	// State is everything to save. It is empty before Fit; setting its tensors
	// restores a fitted model.
	State() *tensor.Store
	// NumParams is the number of fitted scalars, 0 before Fit.
	NumParams() int
	// Fit fits the model to train and chooses what must be chosen by the nats
	// of valid. Without validation events it holds out a tenth of train where
	// it needs some. Progress, if not nil, is told what is being done. When ctx
	// ends Fit returns its error; the state then holds the best model finished
	// so far, or nothing.
	Fit(ctx context.Context, train, valid *surprisal.Batch, key surprisal.Key, progress func(string)) error
}

// Fits reports why baselines cannot model a space, or nil.
func Fits(space *surprisal.Space) error {
	if space.Ragged {
		return fmt.Errorf("a baseline needs events of one length, these are ragged")
	}
	return nil
}

// checkTraining reports what a model of space cannot be fitted to.
func checkTraining(space *surprisal.Space, train, valid *surprisal.Batch) error {
	if train.Len() == 0 {
		return fmt.Errorf("there are no training events")
	}
	for _, b := range []*surprisal.Batch{train, valid} {
		if b == nil {
			continue
		}
		if err := feed.CheckSpace(b, space); err != nil {
			return err
		}
		if b.Mask != nil {
			return fmt.Errorf("the events have missing values: drop or fill them first")
		}
	}
	return nil
}

// holdOut returns train and valid, cutting a tenth of train off as valid if
// there is none.
func holdOut(train, valid *surprisal.Batch, key surprisal.Key) (*surprisal.Batch, *surprisal.Batch) {
	if valid != nil && valid.Len() > 0 {
		return train, valid
	}
	n := train.Len()
	if n < 2 {
		return train, train
	}
	rows := key.Named("holdout").Rand().Perm(n)
	cut := max(1, n/10)
	return train.Take(rows[cut:]), train.Take(rows[:cut])
}

func weightOf(b *surprisal.Batch, i int) float64 {
	if b.Weight == nil {
		return 1
	}
	return b.Weight[i]
}

func unfitted(name string) error {
	return fmt.Errorf("%s: not fitted: fit the model or load a fitted one", name)
}

func report(progress func(string), format string, args ...any) {
	if progress != nil {
		progress(fmt.Sprintf(format, args...))
	}
}
