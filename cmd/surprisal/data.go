package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal/data"
)

func (a *app) dataVerb() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "data list",
		Short:   "the sets that need no file",
		Example: "  surprisal data list",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no verb \"data %s\": want data list", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "list",
		Short: "list the sets that need no file",
		Long: `List the sets that the program makes itself, the same bytes on every machine. Your
own files need no listing: name the path.`,
		Example: "  surprisal data list\n  surprisal rank tree64",
		Args:    want(),
		RunE: func(*cobra.Command, []string) error {
			list := data.List()
			if a.json {
				return a.printJSON(list)
			}
			for _, m := range list {
				fmt.Fprintf(a.stdout, "%-16s  %s\n", m.Name, m.Doc)
			}
			return nil
		},
	})
	return cmd
}
