// Package bench holds whole units of work, training steps and scorings, built
// from the families and parts as a user would build them, to be timed.
//
//	go test -bench . ./bench                     ours alone
//	go run ./bench/compare --work made-100       ours and the fastest peer, in turn
//
// # Works
//
// A [Work] is a model of published size and a number of events. A training step
// goes from a minibatch taken out of the set to the updated weights: gathering
// and encoding the events, the forward pass, the gradients and Adam, without
// clipping, averaging or weight decay. A scoring goes from a Batch to log p of
// its events.
//
//	made      784-500-784 with Bernoulli outputs (Germain et al. 2015), no direct connections
//	maf       5 affine autoregressive layers on 43 dims, 2×512 hidden units (Papamakarios et al. 2017)
//	realnvp   5 affine couplings of the same size (Dinh et al. 2017)
//	vae       784-200-200-50 with tanh units and Bernoulli outputs, the ELBO (Kingma and Welling 2014)
//	iwae      the same, importance-weighted bound of 50 draws (Burda et al. 2015)
//	transformer
//	          2 causal layers of width 128 with 4 heads and 512 hidden units, 256 symbols (Vaswani et al. 2017)
//	pixelcnn  5 masked 3×3 convolutions of 64 channels with ReLU, the first of type A, and a 1×1 convolution
//	          to a logit, on 28×28 bits (van den Oord, Kalchbrenner and Kavukcuoglu 2016)
//	score     log p of the events of a batch under made
//	sample    images drawn from made, in the fewest operations that a side can do it in: ours in steps that
//	          follow from the graph, a peer's in an incremental loop written for it by hand
//	sample-passes
//	          the same by a whole pass for every pixel
//
// The programs in peers/ do the same work in other frameworks: the same events
// in the same order, the same number of parameters, the same loss before the
// first step.
//
// # Products
//
// Apart from the works stand [Products]: single matrix products, against
// OpenBLAS, MKL and oneDNN.
//
//	go run ./bench/compare --work gemm,gemm1 --threads 1
//
// # Events
//
// [Bits], [Reals] and [Texts] are drawn by an integer hash that any language can repeat;
// a formula is at each.
package bench
