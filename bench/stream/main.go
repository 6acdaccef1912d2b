// Stream measures how fast and in how much memory a table that does not fit is
// evaluated, beside numpy reading the same file and scoring a Gaussian.
//
//	go run ./bench/stream --rows 10000000
//
// It writes the table into a temporary folder, some 1.6 GB for ten million rows
// of 16 columns, trains a Gaussian on another of 20,000 rows and removes both
// at the end. Memory is the most that the process held (ru_maxrss).
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

const trainingRows = 20_000

func main() {
	rows := flag.Int("rows", 10_000_000, "rows of the table")
	columns := flag.Int("columns", 16, "columns of the table")
	peers := flag.String("peers", "whole,parts", "ways of numpy to read it, separated by commas; empty for none")
	dir := flag.String("dir", os.TempDir(), "folder that has room for the table")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *dir, *rows, *columns, *peers); err != nil {
		fmt.Fprintln(os.Stderr, "stream:", err)
		os.Exit(1)
	}
}

// run measures in a folder of its own, which it removes.
func run(ctx context.Context, dir string, rows, columns int, peers string) error {
	dir, err := os.MkdirTemp(dir, "surprisal-stream-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	train, table, program := filepath.Join(dir, "train.csv"), filepath.Join(dir, "table.csv"), filepath.Join(dir, "surprisal")
	if err := writeTable(train, trainingRows, columns, 1); err != nil {
		return err
	}
	if err := writeTable(table, rows, columns, 2); err != nil {
		return err
	}
	info, err := os.Stat(table)
	if err != nil {
		return err
	}
	fmt.Printf("%d rows × %d columns, %.2f GB\n", rows, columns, float64(info.Size())/1e9)
	if _, err := start(ctx, "go", "build", "-o", program, "./cmd/surprisal"); err != nil {
		return err
	}
	model := filepath.Join(dir, "model")
	if _, err := start(ctx, program, "train", "gaussian", "--data", train, "--run", model, "--quiet"); err != nil {
		return err
	}
	if err := ours(ctx, program, model, table, rows); err != nil {
		return err
	}
	for _, how := range strings.FieldsFunc(peers, func(r rune) bool { return r == ',' }) {
		if err := peer(ctx, how, train, table); err != nil {
			return err
		}
	}
	return nil
}

func ours(ctx context.Context, program, model, table string, rows int) error {
	p, err := start(ctx, program, "eval", model, "--data", table, "--json", "--quiet")
	if err != nil {
		return err
	}
	var l struct {
		Nats float64 `json:"nats"`
		N    int     `json:"n"`
	}
	if err := json.Unmarshal(p.out, &l); err != nil {
		return err
	}
	if l.N != rows {
		return fmt.Errorf("%d rows were scored, want %d", l.N, rows)
	}
	show("surprisal", l.N, p.took.Seconds(), p.memory, l.Nats)
	return nil
}

// peer leaves start-up and fitting out of numpy's time; ours is that of the
// whole command.
func peer(ctx context.Context, how, train, table string) error {
	p, err := start(ctx, filepath.Join("bench", "peers", ".venv", "bin", "python"), filepath.Join("bench", "peers", "stream.py"), train, table, how)
	if err != nil {
		return err
	}
	var l struct {
		Seconds, Nats float64
		Rows          int
	}
	if err := json.Unmarshal(p.out, &l); err != nil {
		return err
	}
	show("numpy, "+how, l.Rows, l.Seconds, p.memory, l.Nats)
	return nil
}

func show(name string, rows int, seconds float64, memory int64, nats float64) {
	fmt.Printf("%-14s %7.1f s %10.0f rows/s %6d MB  %.6f nats\n", name, seconds, float64(rows)/seconds, memory>>20, nats)
}

// process is one that has ended.
type process struct {
	out    []byte
	took   time.Duration
	memory int64 // bytes at most
}

// start runs a command to its end.
func start(ctx context.Context, name string, args ...string) (process, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stderr = os.Stderr
	begin := time.Now()
	out, err := cmd.Output()
	if err != nil {
		return process{}, fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	return process{out, time.Since(begin), peak(cmd.ProcessState)}, nil
}
