// Package html writes the static report: index.html, a page for each experiment, style, script and charts. It is read
// from a folder (file://), from a web server or from a pull request's artifact alike: all links are relative, nothing is
// loaded from elsewhere, and everything but sorting works without script. html/template escapes whatever comes from
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

// Site renders the whole report but data.json.
func Site(r *report.Report) []File {
	out := []File{
		{"index.html", index(r)},
		{"style.css", style()},
		{"app.js", script()},
	}
	for _, c := range charts(r) {
		out = append(out, File{"charts/" + c.name + ".svg", chart.Standalone(c.drawing, r.Generator)})
	}
	for i := range r.Experiments {
		x := &r.Experiments[i]
		out = append(out, File{"experiments/" + x.Slug + ".html", experiment(r, i)})
		if d := chart.Inputs(r, x); d != "" {
			out = append(out, File{"charts/" + x.Slug + ".svg", chart.Standalone(d, r.Generator)})
		}
	}
	return out
}

type drawing struct{ name, drawing string }

// charts are the drawings about the study as a whole, as files of their own.
func charts(r *report.Report) []drawing {
	var out []drawing
	for _, c := range []drawing{
		{"trend", chart.Trend(r, "../")}, {"baseline", chart.Baseline(r)}, {"ladder", chart.Ladder(r)}, {"conflicts", chart.Matrix(r)}, {"order", chart.Order(r, r.Baseline.Order, "")},
	} {
		if c.drawing != "" {
			out = append(out, c)
		}
	}
	return out
}

// page is what templates are given.
type page struct {
	R      *report.Report
	X      *report.Experiment // of an experiment's page
	Prev   *report.Experiment
	Next   *report.Experiment
	Root   string // the way to index.html's folder
	Title  string
	Forest chart.Forest
	Banner template.HTML // the first line's comment
}

func newPage(r *report.Report, root, title string) page {
	return page{
		R: r, Root: root, Title: title, Forest: chart.NewForest(r),
		Banner: template.HTML("<!-- " + r.Generator + " -->"), // the generator's sentence is made of plain characters
	}
}

func index(r *report.Report) []byte {
	return execute("index.html", newPage(r, "", r.Project+" – bench report"))
}

func experiment(r *report.Report, i int) []byte {
	x := &r.Experiments[i]
	p := newPage(r, "../", x.ID+" "+x.Title+" – "+x.Status)
	p.X = x
	if i > 0 {
		p.Prev = &r.Experiments[i-1]
	}
	if i+1 < len(r.Experiments) {
		p.Next = &r.Experiments[i+1]
	}
	return execute("experiment.html", p)
}

func execute(name string, p page) []byte {
	var b bytes.Buffer
	if err := templates().ExecuteTemplate(&b, name, p); err != nil {
		panic(err) // a template that doesn't fit the report: the tests render every one
	}
	return b.Bytes()
}

// style is the page's style sheet: colours for both schemes, print always light, then the page and the charts.
func style() []byte {
	flat := func(s string) string { return strings.TrimSpace(s) }
	page, err := assets.ReadFile("static/style.css")
	if err != nil {
		panic(err) // embedded
	}
	return []byte("/* " + report.Generated + " */\n:root{color-scheme:light;" + flat(chart.Light()) +
		"}\n@media screen and (prefers-color-scheme:dark){:root{color-scheme:dark;" + flat(chart.Dark()) + "}}\n" + string(page) + chart.CSS())
}

func script() []byte {
	js, err := assets.ReadFile("static/app.js")
	if err != nil {
		panic(err) // embedded
	}
	return append([]byte("// "+report.Generated+"\n"), js...)
}
