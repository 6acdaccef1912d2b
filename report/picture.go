package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image/color"
	"image/png"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// Picture is an SVG or PNG file.
type Picture struct {
	Format Format
	Bytes  []byte
	// Alt says what it shows; Label stands under it and may be empty.
	Alt, Label string
	// Name tells it from the others of its figure; empty where it stands alone.
	Name string

	// plot draws it again, in either format; nil for a picture made of pixels.
	plot func(w io.Writer, f Format) error
}

// Draw makes a picture of what plot writes.
func Draw(f Format, alt string, plot func(w io.Writer, f Format) error) (Picture, error) {
	var b bytes.Buffer
	if err := plot(&b, f); err != nil {
		return Picture{}, err
	}
	p := Picture{Format: f, Bytes: b.Bytes(), Alt: alt}
	if f == SVG {
		p.plot = plot
	}
	return p, nil
}

// As is the picture in a format. Pixels become an SVG that holds them.
func (p Picture) As(f Format) ([]byte, error) {
	if f == p.Format {
		return p.Bytes, nil
	}
	if p.plot != nil {
		var b bytes.Buffer
		err := p.plot(&b, f)
		return b.Bytes(), err
	}
	if f != SVG {
		return nil, fmt.Errorf("%s: no way to draw it as %s", p.Alt, f)
	}
	size, err := png.DecodeConfig(bytes.NewReader(p.Bytes))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Alt, err)
	}
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[2]d" width="%[1]d" height="%[2]d"><image width="%[1]d" height="%[2]d" style="image-rendering:pixelated" href="%[3]s"/></svg>`+"\n",
		size.Width, size.Height, p.dataURI()), nil
}

func (p Picture) dataURI() string {
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(p.Bytes)
}

// HTML is the picture as part of a page. The colours of an SVG become the
// page's own, so that it can be read on a dark ground.
func (p Picture) HTML() template.HTML {
	if p.Format == PNG {
		return template.HTML(fmt.Sprintf(`<img src="%s" alt="%s">`, p.dataURI(), template.HTMLEscapeString(p.Alt)))
	}
	s := string(p.Bytes)
	if i := strings.Index(s, "<svg"); i >= 0 {
		s = s[i:]
	}
	open := strings.IndexByte(s, '>')
	head := viewBox(s[:open])
	return template.HTML(head + fmt.Sprintf(` role="img" aria-label="%s"`, template.HTMLEscapeString(p.Alt)) + themed(s[open:]))
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

var painted = regexp.MustCompile(`(fill|stroke):#([0-9A-F]{6})`)

// themed puts the page's colours in the place of those that assume white paper.
func themed(svg string) string {
	svg = painted.ReplaceAllStringFunc(svg, func(style string) string {
		what, hex, _ := strings.Cut(style, ":#")
		v, _ := strconv.ParseUint(hex, 16, 32) // the pattern has six hex digits
		return what + ":" + pageColour(uint8(v>>16), uint8(v>>8), uint8(v))
	})
	// Arial and Arimo have the widths of Liberation Sans.
	return strings.ReplaceAll(svg, "font-family:Liberation Sans", "font-family:'Liberation Sans',Arial,Arimo,Helvetica,sans-serif")
}

// pageColour names the page's colour for one of a plot: white is the ground,
// light grey the grid, other greys are ink, and colours of the palette have a
// variable each. A colour with opacity comes out of the SVG writer one or two
// steps off.
func pageColour(r, g, b uint8) string {
	near := func(c color.Color) bool {
		x, y, z, _ := c.RGBA()
		return apart(r, uint8(x>>8)) <= 2 && apart(g, uint8(y>>8)) <= 2 && apart(b, uint8(z>>8)) <= 2
	}
	switch {
	case near(color.White):
		return "none"
	case near(gridGrey):
		return "var(--grid)"
	case apart(r, g) <= 2 && apart(g, b) <= 2:
		return "currentColor"
	}
	for i, c := range Palette {
		if near(c) {
			return fmt.Sprintf("var(--p%d)", i)
		}
	}
	return fmt.Sprintf("#%02X%02X%02X", r, g, b)
}

func apart(a, b uint8) uint8 { return max(a, b) - min(a, b) }

// WritePictures gives every picture of the page to write, as SVG and PNG, under
// names made of the figures' titles, as in learning-curves.svg.
func (p *Page) WritePictures(write func(name string, content []byte) error) error {
	taken := map[string]int{}
	for _, figure := range p.Figures {
		for _, pic := range figure.Pictures {
			name := plain(figure.Title + " " + pic.Name)
			if taken[name]++; taken[name] > 1 {
				name += fmt.Sprintf("-%d", taken[name])
			}
			for _, f := range []Format{SVG, PNG} {
				content, err := pic.As(f)
				if err == nil {
					err = write(name+"."+string(f), content)
				}
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

var notPlain = regexp.MustCompile(`[^a-z0-9]+`)

// plain makes a title a name that files can have.
func plain(title string) string {
	return strings.Trim(notPlain.ReplaceAllString(strings.ToLower(title), "-"), "-")
}
