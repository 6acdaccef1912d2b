// Package feed stands between events and graphs: it turns a batch of events
// into the inputs of a plan, and runs a plan over any number of events in
// chunks.
//
// # Ideas
//
// Events arrive as columns in raw data units and leave as float32 rows:
// [Rows] computes them in float64 and rounds once. [IDs] and [Key] feed what
// keys the draws of a graph. A [Runner] compiles outputs on first use and
// hands their values out chunk by chunk:
//
//	x := feed.Rows{Input: "x", Width: d}
//	r := feed.Runner{Exec: exec, Store: store, Outputs: []*graph.Node{logProb}, Feed: x.Feed}
//	err := r.Floats(batch, dst)
//
// Buffers are kept and used again, so a Runner or Rows is used by one
// goroutine at a time. An executor whose forward pass is bit-exact gives an
// event the same numbers in every chunk.
package feed
