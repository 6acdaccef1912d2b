package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal/report"
)

// helpWidth is the width that help keeps within.
const helpWidth = 80

// printHelp says what a verb is for, then whole commands, then every flag.
func printHelp(cmd *cobra.Command) {
	w := cmd.OutOrStdout()
	about := cmd.Long
	if about == "" {
		about = cmd.Short
	}
	fmt.Fprintf(w, "%s\n\n%s\n\n", report.Wrap(about, helpWidth, ""), cmd.Example)
	if cmd.Runnable() {
		fmt.Fprintf(w, "Usage: %s\n", cmd.UseLine())
	}
	if cmd.HasAvailableSubCommands() {
		if cmd.Runnable() {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, "Verbs:")
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() && c.Name() != "help" {
				fmt.Fprintf(w, "  %-8s %s\n", c.Name(), c.Short)
			}
		}
	}
	own, reading := cmd.LocalNonPersistentFlags(), new(cobra.Command).Flags()
	own.SortFlags, reading.SortFlags = false, false
	for _, name := range readFlags {
		if f := own.Lookup(name); f != nil {
			reading.AddFlag(f)
			f.Hidden = true
		}
	}
	printFlags(cmd, "Flags", own.FlagUsagesWrapped(helpWidth))
	for _, name := range readFlags {
		if f := own.Lookup(name); f != nil {
			f.Hidden = false
		}
	}
	printFlags(cmd, "How the data is read", reading.FlagUsagesWrapped(helpWidth))
	printFlags(cmd, "Everywhere", cmd.Root().PersistentFlags().FlagUsagesWrapped(helpWidth))
}

func printFlags(cmd *cobra.Command, title, text string) {
	if text != "" {
		fmt.Fprintf(cmd.OutOrStdout(), "\n%s:\n%s", title, text)
	}
}

// helpVerb is 'surprisal help VERB', the same as 'surprisal VERB --help'.
func helpVerb() *cobra.Command {
	return &cobra.Command{
		Use:     "help [VERB]",
		Short:   "help of a verb",
		Example: "  surprisal help rank",
		RunE: func(cmd *cobra.Command, args []string) error {
			of, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usagef("there is no verb %q", strings.Join(args, " "))
			}
			printHelp(of)
			return nil
		},
	}
}

// want checks that a verb is given exactly the named arguments.
func want(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usagef("%s is missing: want %s", names[len(args)], cmd.UseLine())
		case len(args) > len(names):
			return usagef("%q is one argument too many: want %s", args[len(names)], cmd.UseLine())
		}
		return nil
	}
}
