package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/report"
	"github.com/surprisal-go/surprisal/train"
)

// version of the program, written into manifests.
const version = "0.1.0"

// app is what every verb shares: the streams and the flags that stand
// everywhere.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	json, quiet    bool
	seed           uint64
	threads        int
}

// execute is the whole command: what main calls and what tests call. It returns
// the exit code.
func execute(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer, args []string) int {
	out := &stream{w: stdout}
	a := &app{stdin: stdin, stdout: out, stderr: stderr}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(out)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if out.err != nil {
		err = out.err
	}
	if err == nil {
		return 0
	}
	fmt.Fprintf(stderr, "surprisal: %s\n", oneLine(err))
	var usage usageError
	if errors.As(err, &usage) || strings.HasPrefix(err.Error(), "unknown command") {
		fmt.Fprintf(stderr, "Run '%s --help' for its usage.\n", cmd.CommandPath())
		return 2
	}
	return 1
}

// usageError is an error of the command line, with exit code 2.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// oneLine is the error's text in one line. What a signal has stopped says so in
// the user's words.
func oneLine(err error) string {
	s := strings.Join(strings.Fields(err.Error()), " ")
	if errors.Is(err, context.Canceled) && !errors.Is(err, train.ErrInterrupted) {
		s = strings.Replace(s, context.Canceled.Error(), "interrupted", 1)
	}
	return s
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "surprisal",
		Short: "Which model of your data is better, by how much, and why",
		Long: `surprisal trains likelihood-based generative models and says which is better, in
nats and in bits/dim with an error bar. Surprisal is −log p(x): lower is better.`,
		Example: `  surprisal demo                        boards of models on sets it makes itself
  surprisal rank table.csv              every family that fits your data, ranked
  surprisal train made --data table.csv --run runs/made
  surprisal compare runs/made runs/gaussian`,
		Version:       version,
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.Flags().Bool("version", false, "print the version")
	flags := root.PersistentFlags()
	flags.BoolVar(&a.json, "json", false, "print the result as JSON")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "no conversation on stderr")
	flags.Uint64Var(&a.seed, "seed", 1, "seed `N` of splits, weights, noise and samples")
	flags.IntVar(&a.threads, "threads", 0, "`N` threads (0: one a core); no result depends on it")
	flags.BoolP("help", "h", false, "this text")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { printHelp(cmd) })
	root.SetHelpCommand(helpVerb())
	root.SetVersionTemplate("surprisal {{.Version}}\n")
	cobra.EnableCommandSorting = false // the order in which they are needed
	root.AddCommand(a.demoVerb(), a.rankVerb(), a.dataVerb(), a.modelsVerb(), a.trainVerb(), a.evalVerb(), a.compareVerb(),
		a.scoreVerb(), a.sampleVerb(), a.inspectVerb(), a.verifyVerb(), a.reportVerb(), a.diagnoseVerb())
	for _, c := range root.Commands() {
		c.Flags().SortFlags = false // nor of flags
	}
	return root
}

// say talks to the user on stderr.
func (a *app) say(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.stderr, format+"\n", args...)
	}
}

// progress tells of long work on stderr, or nobody if quiet.
func (a *app) progress(name string) *report.Progress {
	if a.quiet {
		return report.NewProgress(io.Discard, name)
	}
	return report.NewProgress(a.stderr, name)
}

// printJSON writes a result for machines.
func (a *app) printJSON(v any) error { return encodeJSON(a.stdout, v) }

func encodeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func (a *app) key() surprisal.Key { return surprisal.Key(a.seed) }

// stream remembers the first error of a writer, so that a result which did not
// reach stdout is an error wherever it was printed.
type stream struct {
	w   io.Writer
	err error
}

func (s *stream) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil && s.err == nil {
		s.err = fmt.Errorf("writing the result: %w", err)
	}
	return n, err
}
