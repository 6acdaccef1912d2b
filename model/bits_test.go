package model_test

import (
	"context"
	"testing"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/graph"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/model"
	"github.com/surprisal-go/surprisal/train"
)

// wide holds hashes as golden does, of nets that are wide enough for their
// products to be cut in tiles and shared among threads.
var wide = map[string]string{
	"made/bits":     "8b5a014238e6acdd",
	"made/reals":    "fce9bf6543c93c13",
	"made/table":    "d98511c90433df9b",
	"nsf/bits":      "f196e2e88d7441e4",
	"nsf/reals":     "3eec08c9346a2de0",
	"nsf/table":     "0300ab6810a27ad1",
	"realnvp/bits":  "cca36fc60148aa21",
	"realnvp/reals": "f1eaf260bf957be3",
	"realnvp/table": "0803680bb522d6bb",
	"vae/bits":      "da9beabaf74e027a",
	"vae/reals":     "04686d1071655bd7",
	"vae/table":     "3b7c8f8f90729bf6",
}

// mostEvents is the largest batch that is scored.
const mostEvents = 130

// TestForwardBits scores the first 1, 2, … 130 events as one batch each on 1,
// 2, 3 and 8 threads and every set of kernels.
func TestForwardBits(t *testing.T) {
	eachTrainable(t, func(t *testing.T, name string, fam model.Family, space *surprisal.Space) {
		events := draw(space, mostEvents, 2)
		m := wideFit(t, fam, space, events, cpu.New(cpu.Options{Threads: 1}), 2)
		want := verdict(t, m, events, mostEvents)
		if got := hash(t, m, want); got != wide[name] {
			t.Errorf("%q: %q,", name, got)
		}
		perEvent := len(want) / mostEvents
		for _, impl := range kern.Impls() {
			for _, threads := range forwardThreads() {
				m := wideFit(t, fam, space, events, cpu.New(cpu.Options{Threads: threads, Impl: impl}), 2)
				for _, size := range forwardSizes(impl, threads) {
					got := verdict(t, m, events.Slice(0, size), size)
					if i := differ(want, got); i >= 0 {
						t.Fatalf("%s, %d threads, batch of %d: value %d of event %d is %v, want %v",
							impl.Name, threads, size, i%perEvent, i/perEvent, got[i], want[i])
					}
				}
			}
		}
	})
}

func forwardThreads() []int {
	if testing.Short() {
		return []int{3}
	}
	return []int{1, 2, 3, 8}
}

// forwardSizes is every size but in short tests, and for the slow portable
// kernels on most numbers of threads.
func forwardSizes(impl *kern.Impl, threads int) []int {
	if testing.Short() {
		return []int{1, 6, 17, mostEvents}
	}
	if impl.Name == "portable" && threads != 3 {
		return []int{1, 2, 5, 7, 8, 16, 31, 64, 100, 127, mostEvents}
	}
	var all []int
	for n := range mostEvents {
		all = append(all, n+1)
	}
	return all
}

// TestTrainingBits trains every family for 200 steps on 1, 2 and 4 threads.
func TestTrainingBits(t *testing.T) {
	steps, threads := 200, []int{2, 4}
	if testing.Short() {
		steps, threads = 3, []int{3}
	}
	eachTrainable(t, func(t *testing.T, name string, fam model.Family, space *surprisal.Space) {
		events := draw(space, 400, 3)
		want := wideFit(t, fam, space, events, cpu.New(cpu.Options{Threads: 1}), steps).State()
		for _, n := range threads {
			got := wideFit(t, fam, space, events, cpu.New(cpu.Options{Threads: n}), steps).State()
			for key, w := range want.All() {
				if i := differ(got.Must(key).Float64s(), w.Float64s()); i >= 0 {
					t.Fatalf("%d threads: element %d of %s is %v after %d steps, want %v",
						n, i, key, got.Must(key).Float64s()[i], steps, w.Float64s()[i])
				}
			}
		}
	})
}

// eachTrainable runs f for every family that is trained by steps, on every
// space that it fits; in short tests on tables only.
func eachTrainable(t *testing.T, f func(t *testing.T, name string, fam model.Family, space *surprisal.Space)) {
	for _, space := range spaces() {
		if testing.Short() && space.name != "table" {
			continue
		}
		for _, fam := range model.Families() {
			if fam.Fits(space.space) != nil {
				continue
			}
			m, err := fam.New(space.space, fam.Defaults(space.space, 1000), cpu.New(cpu.Options{Threads: 1}))
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := m.(train.Trainable); !ok {
				continue
			}
			name := fam.Name + "/" + space.name
			t.Run(name, func(t *testing.T) { f(t, name, fam, space.space) })
		}
	}
}

func wideFit(t *testing.T, fam model.Family, space *surprisal.Space, events *surprisal.Batch, exec graph.Executor, steps int) model.Model {
	t.Helper()
	cfg := fam.Defaults(space, events.Len())
	for key, v := range map[string]string{"hidden": "136,72", "batch": "100", "latent": "5", "couplings": "2"} {
		_ = model.Set(cfg, key, v) // not every family has them
	}
	m, err := fam.New(space, cfg, exec)
	if err != nil {
		t.Fatal(err)
	}
	_, err = train.Fit(context.Background(), m.(train.Trainable), events, events.Slice(0, 20), exec, train.Options{Seed: 7, Steps: steps}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
