// Package explain shows people what engine/cpu does: where the time of runs
// went, and what a plan consists of.
//
//	watch := &cpu.Watch{}
//	exec := cpu.New(cpu.Options{Watch: watch})
//	… runs …
//	p := explain.Profile{Plans: explain.Named(watch.Plans()), Wall: time.Since(begin), Threads: 2, Peak: kern.Default.Peak() / 1e9}
//	p.WriteText(os.Stderr, 100)
//	p.WritePprof(file) // for go tool pprof -top
//
// # The profile
//
// A row is an operation, or several that run as one step, at one place of the
// model. Its share is of the wall time. Flops count a multiply-add as two and
// any other operation on an element as one, and closed weights of a mask not at
// all; bytes are what a step reads and writes, once each, wherever it lies. So
// both rates are of useful work, and a step that reads from the first cache may
// show more GB/s than the memory has. Peak is the share of what all threads
// could reach with fused multiply-adds on registers.
//
// Plans that run position by position are called "sampling"; a run is that of
// all positions. Their calls are the positions at which an operation had
// something to do. Of a single event, most operations of a position are one row,
// since they run in one call. Each call's time is without that of reading the
// clock, which "the rest" has.
//
// # The plan
//
// The listing of a plan begins with the graph's nodes as they were built. Then
// come the steps that are left, each with the operations that it fuses, what it
// reads and writes (#n is a buffer), what it overwrites and how much of a mask
// is open; the buffers with the steps at which each is in use; and the memory
// for a batch.
package explain
