package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/term"

	"github.com/surprisal-go/surprisal/engine/cpu"
	"github.com/surprisal-go/surprisal/engine/explain"
	"github.com/surprisal-go/surprisal/internal/kern"
	"github.com/surprisal-go/surprisal/run"
	"github.com/surprisal-go/surprisal/train"
)

// profiler counts where the time of a training goes.
type profiler struct {
	file  string
	watch *cpu.Watch // nil if no profile is asked for
	times train.Times
	begin time.Time
}

const (
	profileName = "profile.pb.gz"
	inRun       = "DIR/" + profileName // stands for that file in the run's folder
	printed     = "-"                  // stands for no file
)

func newProfiler(f trainFlags) *profiler {
	p := &profiler{file: f.profile}
	if p.file == inRun {
		p.file = filepath.Join(f.dir, profileName)
	}
	if p.file != "" {
		p.watch = &cpu.Watch{}
	}
	return p
}

// write prints the tables and writes the file. It is called after the training,
// however that ended.
func (p *profiler) write(l *lab) error {
	if p.watch == nil {
		return nil
	}
	prof := explain.Profile{Plans: explain.Named(p.watch.Plans()), Wall: time.Since(p.begin), Threads: l.exec.Threads(), Peak: kern.Default.Peak() / 1e9}
	if len(prof.Plans) == 0 {
		l.say("profile: nothing ran on the engine")
		return nil
	}
	validate := p.times.Validate
	for _, plan := range prof.Plans {
		if len(plan.Updates) == 0 {
			validate -= plan.Time
		}
	}
	prof.Host = []explain.HostTime{
		{Name: "initialising the model, compiling", Time: p.times.Init},
		{Name: "feeding: minibatches taken and encoded", Time: p.times.Feed},
		{Name: "validation outside its plan", Time: validate},
		{Name: "saving checkpoints", Time: p.times.Save},
	}
	return l.writeProfile(prof, p.file)
}

// writeProfile prints the tables and writes the file, if there is to be one.
func (l *lab) writeProfile(prof explain.Profile, file string) error {
	if !l.quiet {
		if err := prof.WriteText(l.stderr, columns(l.stderr)); err != nil {
			return fmt.Errorf("printing the profile: %w", err)
		}
	}
	if file == printed {
		return nil
	}
	if err := run.WriteAtomic(file, prof.WritePprof); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("writing the profile: there is no folder for %s", file)
	} else if err != nil {
		return fmt.Errorf("writing the profile: %w", err)
	}
	l.say("wrote %s: see it with go tool pprof -top", file)
	return nil
}

// profileSampling prints and writes where the time of drawing went: all plans
// that ran drew.
func (l *lab) profileSampling(w *cpu.Watch, took time.Duration, file string) error {
	plans := explain.Named(w.Plans())
	if len(plans) == 0 {
		l.say("profile: nothing ran on the engine")
		return nil
	}
	for i := range plans {
		plans[i].Name = "sampling"
	}
	return l.writeProfile(explain.Profile{Plans: plans, Wall: took, Threads: l.exec.Threads(), Peak: kern.Default.Peak() / 1e9}, file)
}

// columns is the width of a terminal, and 100 of anything else.
func columns(w io.Writer) int {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			return max(80, n-1)
		}
	}
	return 100
}
