package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/surprisal-go/surprisal"
	"github.com/surprisal-go/surprisal/data"
	"github.com/surprisal-go/surprisal/internal/digits"
	"github.com/surprisal-go/surprisal/model"
	"github.com/surprisal-go/surprisal/report"
)

// familyInfo is what 'models' says of a family on a set.
type familyInfo struct {
	Name  string `json:"name"`
	Doc   string `json:"doc"`
	Gives string `json:"likelihood"`
	Paper string `json:"paper,omitempty"`
	Data  string `json:"data"` // the set that the rest is about
	// Unfit says why the family does not fit the set.
	Unfit    string          `json:"does_not_fit,omitempty"`
	Can      []string        `json:"capabilities"`
	Settings []model.Setting `json:"settings"`
}

func (a *app) modelsVerb() *cobra.Command {
	ref := "tree64"
	var read dataFlags
	cmd := &cobra.Command{
		Use:   "models [FAMILY]",
		Short: "the families of models, what they can do, their settings",
		Long: `List the families and what each can do, or one family's settings. Capabilities
and defaults depend on the data: name yours with --data to see them.`,
		Example: `  surprisal models
  surprisal models made --data table.csv`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("%q is one argument too many: want %s", args[1], cmd.UseLine())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			families, err := pickFamilies(args)
			if err != nil {
				return err
			}
			opts, err := read.options(a.key())
			if err != nil {
				return err
			}
			set, err := data.Open(ref, opts)
			if err != nil {
				return err
			}
			l, err := a.lab()
			if err != nil {
				return err
			}
			infos := make([]familyInfo, len(families))
			for i, f := range families {
				if infos[i], err = l.info(f, set); err != nil {
					return err
				}
			}
			return a.printModels(infos, set, len(args) == 1)
		},
	}
	cmd.Flags().StringVar(&ref, "data", ref, "`SET` whose capabilities and defaults to show")
	read.add(cmd)
	return cmd
}

func (a *app) printModels(infos []familyInfo, set *data.Set, one bool) error {
	switch {
	case a.json && one:
		return a.printJSON(infos[0])
	case a.json:
		return a.printJSON(infos)
	case one:
		a.printModel(infos[0], set)
		return nil
	}
	for _, i := range infos {
		a.printAligned(besideFamily, i.Name, i.Doc)
		a.printAligned(besideFamily, "", "likelihood: "+i.Gives)
		a.printAligned(besideFamily, "", i.can())
	}
	return nil
}

// can says what the family can do on the set, or why nothing.
func (i familyInfo) can() string {
	if i.Unfit != "" {
		return fmt.Sprintf("does not fit %s: %s", i.Data, i.Unfit)
	}
	return fmt.Sprintf("can, on %s: %s", i.Data, strings.Join(i.Can, ", "))
}

func (a *app) printModel(i familyInfo, set *data.Set) {
	a.printAligned(besideFamily, i.Name, i.Doc)
	a.printAligned(besideFamily, "", "likelihood: "+i.Gives)
	if i.Paper != "" {
		a.printAligned(besideFamily, "", "paper: "+i.Paper)
	}
	a.printAligned(besideFamily, "", i.can())
	if len(i.Settings) == 0 {
		return
	}
	fmt.Fprintf(a.stdout, "\nSettings, with the defaults for %s (%s training events):\n", i.Data, digits.Count(set.Train.Len()))
	for _, s := range i.Settings {
		a.printAligned(besideSetting, "  "+s.Key+"="+s.Value, fmt.Sprintf("%s (%s)", s.Help, s.Type))
	}
}

// Columns at which text stands beside the names of families and of settings.
const (
	besideFamily  = 11
	besideSetting = 23
)

// printAligned prints text from a column on, wrapped there, beside a name.
func (a *app) printAligned(column int, name, text string) {
	room := strings.Repeat("x", column-1) // holds the name's place for the wrapping
	lines := report.Wrap(room+" "+text, helpWidth, strings.Repeat(" ", column))
	fmt.Fprintf(a.stdout, "%-*s%s\n", column, name, lines[column:])
}

// info describes a family on a set.
func (l *lab) info(f model.Family, set *data.Set) (familyInfo, error) {
	i := familyInfo{Name: f.Name, Doc: f.Doc, Gives: f.Gives, Paper: f.Paper, Data: set.Name, Can: []string{}, Settings: []model.Setting{}}
	if err := f.Fits(set.Space); err != nil {
		i.Unfit = oneLine(err)
		return i, nil
	}
	cfg := f.Defaults(set.Space, set.Train.Len())
	m, err := f.New(set.Space, cfg, l.exec)
	if err != nil {
		return i, err
	}
	i.Can = append(i.Can, capabilities(m)...)
	i.Settings = append(i.Settings, model.Settings(cfg)...)
	return i, nil
}

// capabilities names the interfaces of the root package that a model has.
func capabilities(m model.Model) []string {
	var can []string
	for _, c := range []struct {
		name string
		has  bool
	}{
		{"density", is[surprisal.Density](m)},
		{"bounded", is[surprisal.Bounded](m)},
		{"sampler", is[surprisal.Sampler](m)},
		{"autoregressive", is[surprisal.Autoregressive](m)},
		{"latent", is[surprisal.Latent](m)},
		{"joint", is[surprisal.Joint](m)},
		{"invertible", is[surprisal.Invertible](m)},
		{"unnormalized", is[surprisal.Unnormalized](m)},
	} {
		if c.has {
			can = append(can, c.name)
		}
	}
	return can
}

func is[T any](m any) bool {
	_, ok := m.(T)
	return ok
}
