// Package report shows results to people: the board of models on one set, as
// text and JSON, learning-curve plots, and progress on a terminal.
//
// # The board
//
// A [Board] is a table of models that were evaluated on the same events under
// the same measure; [New] refuses others. It is sorted by test nats, best
// first, and fits in 80 columns:
//
//	tree64: 10,000 test events, 64 dims, mass; true entropy 27.4213 nats
//
//	  model          test nats bits/dim kind  test−train  above truth params  time
//	* made        27.61 ± 0.04   0.6224 exact  0.14±0.06  0.190±0.009    34k   12s
//	  vae       ≤ 28.90 ± 0.04   0.6515 bound  0.30±0.06  1.480±0.020   123k 1m15s
//
// A number is never printed without its error, a bound never without its sign:
// ≤ says that the true nats are at most this. The best row is marked *, with the
// reminder that the events it is told on have chosen it ([Board.Chosen]). Rows
// whose paired difference to the best may be noise, event by event on the same
// test events, are marked ~.
//
// # Plots
//
// [PlotCurves] draws learning curves with gonum/plot, as SVG or PNG, in the
// palette of Okabe and Ito (2008), which readers with any common colour vision
// tell apart; [PlotForest], [PlotHistograms], [PlotFeatures] and [PlotScatter]
// draw paired differences, how surprise is spread over events, and over
// features, and points of the plane. Legends stand above plots, never over what
// is drawn.
//
// # The page
//
// A [Page] puts a board and pictures into one HTML file that needs no network,
// for wide and narrow screens, light and dark, and for paper. It tells all that
// the board's text tells, and of every verdict what weakens it. A plot without
// anything finite to draw is [ErrNothing], for which a [Figure] has a sentence.
// [Page.WritePictures] gives its pictures as files.
package report
