// Package data reads sets of events and makes some of its own.
//
//	set, err := data.Open("tree64", data.Options{})                       // made by the project
//	set, err := data.Open("titanic.csv", data.Options{Label: "survived"}) // a file
//	set, err := data.Open("nltcs.{split}.data.gz", data.Options{})        // one file a split
//	set, err := data.Open("mnist", data.Options{})                        // a folder
//
// # Formats
//
// Known by content first, by extension second; gzip is transparent.
//
//   - idx of any element type; a file of labels beside one of images becomes
//     [surprisal.Batch.Label]
//   - tables: CSV, TSV and 0/1 .data files, with or without a header, the
//     delimiter (comma, semicolon, tab, bar, runs of spaces) found by looking
//   - npy and npz (arrays X and y, or x_train, y_train, …), no pickles
//   - folders of PNG images of one size; names of sub-folders are labels
//   - CIFAR-10 binary
//   - text and any other bytes, cut into windows of Options.Length symbols
//
// # What a column is
//
// The kind of each column is inferred from all rows of all splits, so that
// test values lie on the grid that training values lie on, and can be set with
// Options.Columns. The rules, in order:
//
//   - text is categorical, its labels in sorted order (two labels: binary);
//     text in a column that is mostly numbers is an error
//   - 0 and 1 are binary
//   - a single value v is a grid of one level: its mass is 1 and costs nothing
//   - values that lie on Low + i·δ for a common step δ are a grid, because a
//     density could win without bound by spikes on it; integers from 0 are a
//     count. The greatest such δ is taken. The upper end stays open (Levels 0)
//     unless the format bounds it (8-bit pixels) or there are two values.
//   - values are real where no step serves: practically all distinct (at least
//     nine in ten) and more than a million steps from end to end, which is
//     what seven or more significant digits look like
//
// A column that repeats values and still has no step is taken as real, and a
// note says so: a density that puts a spike there wins without bound.
// Floats of single precision are read by their shortest decimal, the form in
// which they are printed.
//
// # Splits
//
// Splits that the files give are kept. Those that are missing are cut from the
// training rows, a tenth of them each: at random by the seed, by whole groups,
// or from the end where a time column is told or the data is text. Event ids
// are row numbers over all files, unique over the splits.
//
// # Errors
//
// A file that is truncated, corrupt, ragged, empty or holds missing values is
// an error that names file, row and column. No size that a header promises is
// allocated before the file is known to hold it.
//
// # Sets that do not fit
//
// [Batches] reads a table while it is used, a batch at a time. The space is
// given, because what a column is can only be told from all of its values.
//
// # Sets made by the project
//
// [List] names them. They come out the same, bit for bit, on every machine.
package data
