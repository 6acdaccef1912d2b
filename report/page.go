package report

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
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
	// Verdicts are sentences on pairs of models.
	Verdicts []string
}

// Figure is one or several pictures with a title and a caption that says what
// to see.
type Figure struct {
	Title, Caption string
	Pictures       []Picture
}

// Table is a list of events or the like.
type Table struct {
	Title, Caption string
	Header         []string
	Rows           [][]string
}

// Picture is an SVG or PNG file.
type Picture struct {
	Format Format
	Bytes  []byte
	// Alt says what it shows; Label stands under it and may be empty.
	Alt, Label string
}

// Draw makes a picture of what plot writes.
func Draw(f Format, alt string, plot func(w io.Writer, f Format) error) (Picture, error) {
	var b bytes.Buffer
	if err := plot(&b, f); err != nil {
		return Picture{}, err
	}
	return Picture{Format: f, Bytes: b.Bytes(), Alt: alt}, nil
}

// HTML is the picture as part of a page. Black and grey of an SVG become the
// page's own colours, so that it can be read on a dark ground.
func (p Picture) HTML() template.HTML {
	if p.Format == PNG {
		return template.HTML(fmt.Sprintf(`<img src="data:image/png;base64,%s" alt="%s">`,
			base64.StdEncoding.EncodeToString(p.Bytes), template.HTMLEscapeString(p.Alt)))
	}
	s := string(p.Bytes)
	if i := strings.Index(s, "<svg"); i >= 0 {
		s = s[i:]
	}
	open := strings.IndexByte(s, '>')
	head := viewBox(s[:open])
	return template.HTML(head + fmt.Sprintf(` role="img" aria-label="%s"`, template.HTMLEscapeString(p.Alt)) + themed.Replace(s[open:]))
}

// viewBox makes a picture as wide as its place.
func viewBox(head string) string {
	var out []string
	for _, field := range strings.Fields(strings.ReplaceAll(head, "\n", " ")) {
		if !strings.HasPrefix(field, "width=") && !strings.HasPrefix(field, "height=") {
			out = append(out, field)
		}
	}
	return strings.Join(out, " ")
}

// themed puts the page's colours in the place of those that assume white paper.
var themed = strings.NewReplacer(
	"fill:#FFFFFF", "fill:none", "fill:#000000", "fill:currentColor", "stroke:#000000", "stroke:currentColor",
	"fill:#404040", "fill:currentColor", "stroke:#404040", "stroke:currentColor", "stroke:#606060", "stroke:currentColor",
	"stroke:#E4E4E4", "stroke:var(--grid)",
	// Arial and Arimo have the widths of Liberation Sans.
	"font-family:Liberation Sans", "font-family:'Liberation Sans',Arial,Arimo,Helvetica,sans-serif",
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"count": Count,
	"deref": func(v *float64) float64 { return *v },
	"cell":  func(r Row) string { return r.Test.String() },
	"bits":  func(r Row) string { return fmt.Sprintf("%.4f", r.Test.BitsPerDim()) },
	"diff": func(d *Diff) string {
		if d == nil {
			return ""
		}
		return d.String()
	},
	"overSeeds": (*Board).overSeeds,
	"seeds": func(r Row) string {
		if r.Spread == nil {
			return "one seed"
		}
		return fmt.Sprintf("± %s of %d", twoDigits(r.Spread.SeedStdErr), r.Spread.Seeds)
	},
	"kind": func(r Row) string { return strings.ReplaceAll(r.Test.Kind.String(), "_", " ") },
	"best": func(b *Board, i int) bool { at, ok := b.Best(); return ok && at == i },
	"took": func(s float64) string { return Duration(seconds(s)) },
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
