// Package ar holds autoregressive models: log p(x) = Σ_d log p(x_d | x_<d),
// every factor computed at once.
//
// # Ideas
//
// [MADE] (Germain et al. 2015) is a network whose weights are masked so that
// the parameters of dim d depend on earlier dims only. The dims of an event may
// be of any kinds in any mixture. Each column enters as features and is
// answered by a head:
//
//	column                                    features       head
//	two levels                                0 or 1         Bernoulli, a logit
//	categorical; up to Config.Softmax levels  one-hot        softmax over the levels
//	other counts and grids                    standardised   mixture of logistics, the mass of the cell, and spikes
//	real                                      standardised   mixture of logistics, a density
//
// All columns answered alike form one block of outputs, so that 784 binary
// pixels are one product and one pass of elementwise operations.
//
// Tables repeat values more than logistics can say: zero for an ingredient left
// out, round figures, prices. The spikes are such values of a column, at most
// 256, with fixed masses m by their frequency in training, one event left out.
// The network says how likely they are, given earlier columns:
//
//	p(x | earlier) = (1 − π)·Σₖ πₖ·cellₖ(x) + π·m(x)
//
// The order of generation is that of the columns, or drawn from a seed. The
// column at position d of the order has degree d; a feature has the degree of
// its column, a hidden unit a degree m of its own, and weights are open from
// feature d to unit m where d ≤ m, from unit m to unit m' where m ≤ m', and to
// the outputs of column d where m < d. Features, hidden units and outputs are
// laid out by ascending degree, so that the open weights are staircases.
//
//	m, err := ar.New(space, ar.Defaults(space, train.Len()), exec)
//	_, err = train.Fit(ctx, m, set.Train, set.Valid, exec, train.Options{Seed: 1}, nil)
//	err = m.LogProb(dst, set.Test)
//
// # Guarantees
//
// Log p is exact: a mass in each discrete column, a density in raw data units
// in each real one. Standardisation runs in float64 and its log-determinant
// counts. The terms of an event are summed in float64. On an executor with a
// bit-exact forward pass an event's log p has the same bits in every batch, and
// the terms of the first dims do not change by a bit with the later ones.
//
// A real column that repeats values exactly has no density; declare it a grid.
//
// # Errors
//
// Events of another space, a value off its column's grid and a value that is
// not finite are errors that name event and column.
//
// Legend: B batch, D dims, F features, G columns of a head, K levels, C
// mixture components, S spikes.
package ar
