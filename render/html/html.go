// Package html writes the static report: index.html, a page for each experiment, compare.html, history.html, style,
// scripts and charts. It is read from a folder (file://), from a web server or from a pull request's artifact alike: all
// links are relative, nothing is loaded from elsewhere, and everything can be read without script; sorting, finding,
// zooming, comparing and showing what is new without a reload are the script's. html/template escapes whatever comes from
// outside; the only markup let through is what this package and render/chart made themselves. It knows nothing of files.
package html

import (
	"bytes"
	"embed"
	"html/template"
	"strings"
	"sync"

	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/render/chart"
)

//go:embed templates static
var assets embed.FS

// File is a file of the site, relative to report/.
type File struct {
	Name  string
	Bytes []byte
}

// templates are parsed when the first page is written: bench has to start in a few milliseconds.
var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(functions()).ParseFS(assets, "templates/*.html"))
})

// Site renders the whole report but data.json. Each chart is drawn once: the page and the file of its own hold the same.
func Site(r *report.Report) []File {
	d := draw(r)
	out := []File{
		{"index.html", index(r, d)},
		{"compare.html", compare(r, d)},
		{"history.html", history(r, d)},
		{"style.css", style()},
		{"app.js", script("app.js")},
		{"compare.js", script("compare.js")},
		{"data.js", comparable(r)},
	}
	for _, c := range d.files() {
		out = append(out, File{"charts/" + c.name + ".svg", chart.Standalone(c.drawing, r.Generator)})
	}
	for i := range r.Experiments {
		out = append(out, experiment(r, i, d.forest)...)
	}
	return out
}

// drawings are the charts about the study as a whole.
type drawings struct {
	forest                                                   chart.Forest
	trend, effects, baseline, ladder, matrix, order, history string
}

func draw(r *report.Report) *drawings {
	f := chart.NewForest(r)
	return &drawings{
		forest: f, trend: chart.Trend(r, ""), effects: f.Effects(r, ""), baseline: chart.Baseline(r), ladder: chart.Ladder(r), matrix: chart.Matrix(r),
		order: chart.Order(r, r.Runs, r.Heat, ""), history: chart.History(r),
	}
}

type drawing struct{ name, drawing string }

// files are the charts that there are. From charts/ the way to an experiment's page begins with "../".
func (d *drawings) files() []drawing {
	up := func(s string) string { return strings.ReplaceAll(s, ` href="experiments/`, ` href="../experiments/`) }
	var out []drawing
	for _, c := range []drawing{
		{"trend", up(d.trend)}, {"forest", up(d.effects)}, {"baseline", d.baseline}, {"ladder", d.ladder}, {"conflicts", d.matrix}, {"order", d.order}, {"history", d.history},
	} {
		if c.drawing != "" {
			out = append(out, c)
		}
	}
	return out
}

// page is what every template is given.
type page struct {
	R      *report.Report
	Root   string // the way to index.html's folder
	Title  string
	Forest chart.Forest
	Banner template.HTML // the first line's comment
}

func newPage(r *report.Report, root, title string, f chart.Forest) page {
	return page{
		R: r, Root: root, Title: title, Forest: f,
		Banner: template.HTML("<!-- " + r.Generator + " -->"), // the generator's sentence is made of plain characters
	}
}

func execute(name string, p any) []byte {
	var b bytes.Buffer
	if err := templates().ExecuteTemplate(&b, name, p); err != nil {
		panic(err) // a template that doesn't fit the report: the tests render every one
	}
	return b.Bytes()
}

// style is the page's style sheet: colours for both schemes, print always light, then the page and the charts. A reader's
// own choice (data-theme) wins over the system's.
func style() []byte {
	flat := func(s string) string { return strings.TrimSpace(s) }
	page, err := assets.ReadFile("static/style.css")
	if err != nil {
		panic(err) // embedded
	}
	dark := "color-scheme:dark;" + flat(chart.Dark())
	return []byte("/* " + report.Generated + " */\n:root{color-scheme:light;" + flat(chart.Light()) +
		"}\n@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){" + dark + "}}\n@media screen{:root[data-theme=dark]{" + dark + "}}\n" +
		string(page) + chart.CSS())
}

// script is a script without its indentation and its comments, which are a sixth of it. They stand on lines of their own,
// and no text of a script spans lines.
func script(name string) []byte {
	js, err := assets.ReadFile("static/" + name)
	if err != nil {
		panic(err) // embedded
	}
	var b bytes.Buffer
	b.WriteString("// " + report.Generated + "\n")
	for line := range strings.Lines(string(js)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			b.WriteString(line + "\n")
		}
	}
	return b.Bytes()
}
