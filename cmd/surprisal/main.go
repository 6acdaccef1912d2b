// Command surprisal trains, measures and compares likelihood-based generative
// models. Run it without arguments for help.
//
// Results go to stdout, conversation to stderr. The exit code is 0 on success,
// 1 for an error of the world (a file, the data, a full disk, an interruption),
// 2 for a command line that is wrong.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(program()) }

// program runs the command line of this process. The first SIGINT or SIGTERM
// asks it to save and end; the second ends it at once.
func program() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return execute(ctx, os.Stdin, os.Stdout, os.Stderr, os.Args[1:])
}
