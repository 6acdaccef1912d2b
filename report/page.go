package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"github.com/surprisal-go/surprisal/internal/digits"
)

// Page is a report of several models on one set, made for reading: one HTML
// file that needs no network, light or dark as the reader's system is, and fit
// for print.
type Page struct {
	Title string
	// Lead says in a sentence or two what was found.
	Lead  string
	Board *Board
	// Facts are of the set and the program, name and value.
	Facts [][2]string
	// Figures in order, then tables of events.
	Figures []Figure
	Tables  []Table
	// Settings are the configurations of the runs; see [NewSettings].
	Settings Settings
	// Verdicts are sentences on pairs of models; see [Page.AddVerdict].
	Verdicts []string
}

// AddVerdict adds a sentence on a pair of models, and the warnings of what it
// rests on.
func (p *Page) AddVerdict(s string, warnings []string) {
	for _, w := range warnings {
		s += ". Warning: " + w
	}
	p.Verdicts = append(p.Verdicts, s)
}

// Figure is one or several pictures with a title and a caption that says what
// to see. Without a picture the caption says why there is none.
type Figure struct {
	Title, Caption string
	Pictures       []Picture
	// Columns are the plots that stand beside each other on a wide screen, 2 or
	// 3; 0 is one.
	Columns int
}

// Table is a list of events or the like.
type Table struct {
	Title, Caption string
	Header         []string
	Rows           [][]string
	// Text is the column that holds pieces of a text, whose blanks count; 0 is
	// none.
	Text int
}

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"counted":   digits.Counted,
	"deref":     func(v *float64) float64 { return *v },
	"dims":      dims,
	"grid":      (*Board).grid,
	"marks":     (*Board).marks,
	"remarks":   (*Board).remarks,
	"overSeeds": (*Board).overSeeds,
}).Parse(pageText))

// WriteHTML writes the page.
func (p *Page) WriteHTML(w io.Writer) error {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		return fmt.Errorf("writing report: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// Settings are the configurations of several runs, side by side.
type Settings struct {
	Runs []string
	// Differ are the settings in which runs differ, Same those they share; a
	// family lacks the settings that it does not have.
	Differ, Same []Setting
}

// Setting is a key with its value in every run, empty where a run lacks it.
type Setting struct {
	Key    string
	Values []string
}
