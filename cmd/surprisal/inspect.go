package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/run"
	"github.com/surprisal-go/surprisal/tensor/safetensors"
)

func (a *app) inspectVerb() *cobra.Command {
	var read dataFlags
	var plans bool
	var batch int
	cmd := &cobra.Command{
		Use:   "inspect RUN|FILE",
		Short: "what a run, a weights file or a data set holds",
		Long: `Show what a run holds, the tensors of a .safetensors file, or what was inferred of
a data set: its columns, splits and checksums. With --graph, show how the engine computes a
run's model: each plan before passes, as a graph, and after them, as steps with
what they fuse, overwrite and skip, buffers with their lifetimes, and memory.`,
		Example: `  surprisal inspect runs/made
  surprisal inspect runs/made --graph
  surprisal inspect runs/made/weights.safetensors
  surprisal inspect table.csv`,
		Args: want("RUN|FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := args[0]
			switch {
			case plans:
				return a.inspectGraph(cmd, path, batch)
			case cmd.Flags().Changed("batch"):
				return usagef("--batch is for --graph")
			case isRun(path):
				return a.inspectRun(path)
			case filepath.Ext(path) == ".safetensors":
				return a.inspectTensors(path)
			}
			opts, err := read.options(a.key())
			if err != nil {
				return err
			}
			return a.inspectData(path, opts)
		},
	}
	cmd.Flags().BoolVar(&plans, "graph", false, "show the plans of a run")
	cmd.Flags().IntVar(&batch, "batch", 0, "with --graph, the `N` events that amounts are for (0: as in training)")
	read.add(cmd)
	return cmd
}

func isRun(path string) bool {
	_, err := os.Stat(filepath.Join(path, "manifest.json"))
	return err == nil
}

func (a *app) inspectRun(dir string) error {
	f, err := run.Open(dir)
	if err != nil {
		return err
	}
	results, err := f.Results()
	if err != nil {
		return err
	}
	_, weights, err := f.LoadWeights()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	m := f.Manifest
	if a.json {
		return a.printJSON(map[string]any{"manifest": m, "weights": weights, "results": results})
	}
	if weights == "" {
		weights = fmt.Sprintf("none yet; train them with: surprisal train %s --run %s --resume", m.Family, shellWord(dir))
	}
	w := a.stdout
	fmt.Fprintf(w, "%s: %s on %s, seed %d, created %s\n", dir, m.Family, m.Data.Ref, m.Seed, m.Created.Format("2006-01-02 15:04:05 MST"))
	fmt.Fprintf(w, "config: %s\n", oneLineJSON(m.Config))
	for _, name := range []string{"train", "valid", "test"} {
		if s, ok := m.Data.Splits[name]; ok {
			fmt.Fprintf(w, "%-5s %7d events  %s\n", name, s.Events, s.Checksum)
		}
	}
	fmt.Fprintf(w, "versions: surprisal %s, numerics %s, %s %s/%s\n", m.Versions.Surprisal, m.Versions.Numerics, m.Versions.Go, m.Versions.OS, m.Versions.Arch)
	fmt.Fprintf(w, "weights: %s\n", weights)
	likelihoods := map[string]surprisal.Likelihood{}
	for name, r := range results {
		likelihoods[name] = r.Likelihood
	}
	a.printResults(likelihoods, m.Data.Splits["train"].Events)
	return nil
}

// oneLineJSON takes out the line breaks that the manifest has for people.
func oneLineJSON(raw json.RawMessage) string {
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return string(raw)
	}
	return b.String()
}

func (a *app) inspectTensors(path string) error {
	store, meta, err := safetensors.ReadFile(path)
	if err != nil {
		return err
	}
	type entry struct {
		Name  string `json:"name"`
		Type  string `json:"type"`
		Shape []int  `json:"shape"`
	}
	var entries []entry
	for name, t := range store.All() {
		entries = append(entries, entry{name, strings.TrimPrefix(fmt.Sprintf("%T", t.Data), "[]"), t.Shape})
	}
	if a.json {
		return a.printJSON(map[string]any{"tensors": entries, "metadata": meta})
	}
	for _, e := range entries {
		fmt.Fprintf(a.stdout, "%-40s %-8s %v\n", e.Name, e.Type, e.Shape)
	}
	fmt.Fprintf(a.stdout, "%d tensors, %d scalars\n", store.Len(), store.Elements())
	return nil
}

func (a *app) inspectData(ref string, opts data.Options) error {
	set, err := data.Open(ref, opts)
	if err != nil {
		return err
	}
	type part struct {
		Events   int    `json:"events"`
		Checksum string `json:"checksum"`
	}
	parts := map[string]part{}
	for name, b := range splits(set) {
		parts[name] = part{b.Len(), b.Checksum()}
	}
	var entropy *float64
	if set.Entropy != nil {
		entropy = &set.Entropy.Nats
	}
	if a.json {
		return a.printJSON(map[string]any{
			"name": set.Name, "space": set.Space, "measure": set.Space.Measure(), "splits": parts,
			"entropy_nats": entropy, "sources": set.Sources, "notes": set.Notes,
		})
	}
	w := a.stdout
	fmt.Fprintf(w, "%s: %d dims, %s\n", set.Name, set.Space.Dims(), set.Space.Measure())
	for _, line := range schema(set.Space, 24) {
		fmt.Fprintf(w, "  %s\n", line)
	}
	for _, name := range []string{"train", "valid", "test"} {
		if p, ok := parts[name]; ok {
			fmt.Fprintf(w, "%-5s %7d events  %s\n", name, p.Events, p.Checksum)
		}
	}
	if entropy != nil {
		fmt.Fprintf(w, "true entropy: %.4f nats an event, %.4f bits/dim\n", *entropy, surprisal.Bits(*entropy)/float64(set.Space.Dims()))
	}
	for _, s := range set.Sources {
		fmt.Fprintf(w, "read %s  sha256:%s\n", s.Path, s.SHA256)
	}
	for _, n := range set.Notes {
		fmt.Fprintf(w, "note: %s\n", n)
	}
	return nil
}
