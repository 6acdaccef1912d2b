//go:build race

package cpu_test

// raceDetector is on: it makes a sync.Pool forget at random.
const raceDetector = true
