// Package cpu runs graphs in float32 on the processor, bit-exactly: the same
// weights and inputs give the same bits for every batch size, thread count and
// instruction set. That is what makes coding with a model safe, and training
// reproducible.
//
//	exec := cpu.New(cpu.Options{})
//	defer exec.Close()
//	plan, err := exec.Compile([]*graph.Node{loss}, updates...)
//	out, err := plan.Run(ctx, graph.Feeds{"x": x}, store)
//
// # What is guaranteed
//
// The value of an event depends on the parameters and on the event's own row,
// never on the rows beside it, on [Options.Threads], on [Options.Impl], or on
// whether passes ran. Only operations that reduce over the batch (Sum,
// ReduceMax, Outer, ScatterRows) see several rows, and those see them in the
// one order below. All NaNs count as equal.
//
// # Numerics
//
// Every element of every operation is defined here in terms of internal/kern,
// whose Version names the bits.
//
//   - Elementwise: one kernel call an operation; nothing is contracted or
//     reassociated.
//   - MatMul: one chain of fused multiply-adds in ascending k from +0, to which
//     +0 is added last, so that a chain of which zeros were skipped cannot
//     differ by the sign of a zero. Closed weights of a mask are multiplied as
//     +0 or skipped, by 16 columns; see kern.Impl.GemmMasked. Which of the two
//     depends on the mask alone, so that even infinite inputs give the same
//     result at every batch size.
//   - Outer: chains over rows × positions in ascending order, in chunks of
//     kern.ChunkRows, each from +0, added in ascending order. Closed entries
//     of a mask are +0.
//   - Conv, ConvInput: one chain for each element over the open taps in row-major
//     order and, within a tap, over channels in ascending order, from +0, to
//     which +0 is added last. Taps outside the image and closed weights are
//     skipped or multiplied as +0, which depends on the shapes and the masks
//     alone.
//   - ConvWeight: chains over images × rows × columns of the result in ascending
//     order, in chunks of as many whole rows as kern.ChunkRows pixels hold, at
//     least one, each from +0, added in ascending order. Pixels outside the
//     image are skipped. Closed weights are +0.
//   - Sum: the reduced elements in row-major order, added as by kern.Impl.Sum.
//     Where reduced axes are not adjacent, each run of adjacent ones is summed
//     in that order, the last run first. ReduceMax is the same with max.
//   - LogSumExp: m = max x, or 0 if that is not finite; ln Σ exp(x − m) + m,
//     with kern's Exp, Sum and Log. Softmax: exp(x − m) divided by the same sum.
//   - BatchMatMul: as MatMul, for each index of the leading axes.
//   - LayerNorm: with kern's Sum, μ = Sum(x)/D, c = x − μ,
//     r = 1/√(Sum(c²)/D + eps), x̂ = c·r, and then x̂·gain + bias, each operation
//     rounded. The gradient by x, with h = g·gain, is
//     ((h − Sum(h)/D) − x̂·(Sum(h·x̂)/D))·r; those by gain and bias are sums of
//     g·x̂ and of g over chunks of 64 rows, and over the chunks, each as by
//     kern.Impl.SumRows.
//   - Attention: scores are chains over the dims of scale·q and k; e is
//     exp(score − m), with m as for LogSumExp, and l = Sum(e) over the keys
//     that a row sees; the result is a chain over those keys of e·v, plus +0,
//     divided by l. So a row under a causal mask has the same bits however long
//     the sequence is. The gradient computes e and l again. With h = g/l and
//     a = h·v, chains over dims, b = e·(a − Sum(e·a)/l); ∂v is a chain over
//     rows of e·h, ∂k one of b·(scale·q), ∂q one over keys of b·k, times scale,
//     with +0 added to each chain. Keys that a row does not see are skipped or
//     multiplied by +0; which of the two depends on T and the positions alone,
//     and shows only where a later key or value is infinite or NaN.
//   - PutAdd and ScatterRows: from +0, in ascending order of the source.
//   - Uniform and Normal: kern's row for (key, event id, Draw).
//
// # How
//
// A graph is lowered to a smaller form (lower.go), simplified by rules that
// keep bits (simplify.go, fold.go), and cut into groups (group.go): products,
// reductions and moves stand alone, and elementwise operations of one size that
// can run together become a cluster, a block program whose temporaries stay in
// the first cache (program.go), and sums of their rows run in them (rowsum.go).
// Broadcasts are resolved by index. Groups are ordered, buffers are assigned by liveness, and updates whose old value nobody
// needs any more are written in place. Work is cut in pieces that a pool of
// workers claims (pool.go). In the steady state a run allocates nothing.
//
// Attention keeps no scores: panels of 16 queries go from scores to results in
// the first two caches, as columns with a row for every key, so that they are
// operands as they are and softmax sums down instead of across; the gradient
// does the same again, two panels at a time (attention.go, attention_grad.go,
// kern's columns.go). A causal panel computes only the keys up to its last
// query. The forward pass is shared out by heads and rows, the gradient, whose
// sums over rows are chains, by heads only.
//
// # Steps
//
// [Executor.CompileSteps] runs a graph while one of its inputs becomes known
// position by position, as sampling and decoding do. What depends on which
// position follows from the graph and its masks; every element is computed
// once, as soon as it can be, and a product continues its chains as its
// operands become known, in ascending order (steps.go). Chains that end soon get
// an operand at once; all others wait until a block of operands is known, so
// that they are read and written once a block (stepproduct.go). For a single
// event every step is resolved beforehand to a list of instructions, most of
// which one kernel runs in one call, and operands that are 0 are mostly skipped
// (stepone.go, kern.Tape). The bits are those of a whole
// pass for finite values and weights; where a whole pass multiplies an infinity
// by a zero, which gives NaN, a step may skip it. The work of a pass is thus
// spread over its steps, on the goroutine of the caller: plans of their own run
// at the same time.
//
// # Concurrency
//
// An executor may be shared: plans of one executor take turns, each run using
// all of its threads. A plan itself, and the outputs it returned, belong to
// one goroutine at a time.
//
// # Errors
//
// Compile and Run return errors for what a user can cause. Misuse of shapes is
// caught when the graph is built.
package cpu
