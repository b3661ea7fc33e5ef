package render

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	yaml "go.yaml.in/yaml/v4"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/report/reporttest"
)

// hostile is appended to every text that comes from outside.
const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(2)> | # h` + "\n- item\n\n# heading\n\n| a | b |\n|---|---|\n" +
	`[l](javascript:alert(3)) ![i](https://evil.example/x.png) https://evil.example www.evil.example ` + "\x1b[31mred\x1b[0m \u202Eevil\u202C \x00\xff\x07 & ` ``` ~~~ <!-- --> ]]> </style></svg></table> \\| $x$ {{.}} \r\n\u2028end"

// poison appends the hostile text to every string that it can reach and that says something, the same way everywhere, so that what belongs together
// by name still does. Words of ours (kinds, arms, metrics' names, sums) stay: they don't come from outside.
func poison(v reflect.Value, field string) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() && v.String() != "" && v.Type() == reflect.TypeFor[string]() && poisonable(field) {
			v.SetString(v.String() + hostile)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem(), field)
		}
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len()) // studies share slices; poison each once
		reflect.Copy(fresh, v)
		if v.CanSet() {
			v.Set(fresh)
		}
		for i := range v.Len() {
			poison(v.Index(i), field)
		}
	case reflect.Map:
		poisonMap(v, field)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name := f.Name
			if v.Type() == reflect.TypeFor[pipeline.Metric]() && name == "Name" {
				continue
			}
			if f.IsExported() {
				poison(v.Field(i), name)
			}
		}
	}
}

func poisonable(field string) bool {
	return !slices.Contains([]string{"Arm", "Better", "Metric", "Key", "Stdout", "Stderr", "Format", "Patch", "SameOutput", "Approval", "Sum", "Blob", "File"}, field)
}

func poisonMap(v reflect.Value, field string) {
	if v.IsNil() || field == "Metrics" || v.Type().Key() != reflect.TypeFor[string]() || !v.CanSet() {
		return
	}
	out := reflect.MakeMap(v.Type())
	for it := v.MapRange(); it.Next(); {
		x := reflect.New(v.Type().Elem()).Elem()
		x.Set(it.Value())
		poison(x, field)
		out.SetMapIndex(reflect.ValueOf(it.Key().String()+hostile), x)
	}
	v.Set(out)
}

func poisoned(study func() report.Input) report.Input {
	in := study()
	for i := range in.Plan.Experiments { // the study's hypotheses are the plan's
		if h := in.Plan.Experiments[i].Hypothesis; h != nil {
			c := *h
			in.Plan.Experiments[i].Hypothesis = &c
		}
	}
	poison(reflect.ValueOf(in.Study), "")
	poison(reflect.ValueOf(in.Plan), "")
	poison(reflect.ValueOf(&in.Facts.Environment), "")
	poison(reflect.ValueOf(&in.Facts.Inputs), "")
	poison(reflect.ValueOf(&in.Facts.Baseline), "")
	poison(reflect.ValueOf(&in.Session.Command), "")
	poison(reflect.ValueOf(&in.Session.Tool), "")
	for i := range in.Past {
		poison(reflect.ValueOf(&in.Past[i].Learnings), "")
		poison(reflect.ValueOf(&in.Past[i].Commit), "")
		b, err := in.Past[i].Encode()
		if err == nil {
			in.Past[i], err = report.DecodeSession(b) // as it comes from disk
		}
		if err != nil {
			panic(err)
		}
	}
	if in.Live != nil {
		live := *in.Live
		in.Live = &live
		poison(reflect.ValueOf(in.Live), "")
	}
	in.Notes.Learnings += "\n" + hostile
	return in
}

func TestHostileTextBreaksNothing(t *testing.T) {
	for name, study := range studies() {
		t.Run(name, func(t *testing.T) {
			calm := All(report.Build(study()), nil)
			files := All(report.Build(poisoned(study)), nil)
			keep(t, "hostile-"+name, files)
			if len(files) != len(calm) {
				t.Errorf("%d files, without the hostile text %d", len(files), len(calm))
			}
			checkFiles(t, files)
			for _, f := range files {
				switch path.Ext(f.Name) {
				case ".html":
					checkPage(t, f)
				case ".md":
					checkMarkdown(t, f, find(calm, f.Name))
				case ".yaml":
					var v any
					if err := yaml.Load(f.Bytes, &v); err != nil {
						t.Errorf("%s: %v", f.Name, err)
					}
				}
				for _, bad := range []string{"\x1b", "\u202e", "\x00", "\x07"} {
					if bytes.Contains(f.Bytes, []byte(bad)) && path.Ext(f.Name) != ".patch" && f.Name != TrackerName {
						t.Errorf("%s holds %q", f.Name, bad)
					}
				}
			}
		})
	}
}

func find(files []File, name string) *File {
	for i := range files {
		if files[i].Name == name {
			return &files[i]
		}
	}
	return nil
}

// tags and attributes that our pages are made of; anything else came from outside.
var tags = strings.Fields(`html head meta title link body a header div nav span main section h1 h2 h3 small b p i svg g path rect line circle text desc
	progress details summary button label select option noscript defs symbol use pre code table thead tbody tr th td caption ul ol li dl dt dd script footer br s del strong em input blockquote hr h4 h5 h6`)
var attributes = strings.Fields(`lang charset http-equiv content name rel href class id aria-label aria-labelledby aria-hidden role viewBox width height xmlns
	data-live data-copy data-v data-s data-d data-root hidden size autocomplete aria-pressed aria-sort aria-live id rx
	d x y x1 x2 y1 y2 cx cy r text-anchor tabindex max value data-status data-live data-sort data-value scope colspan title src defer type disabled checked start align open`)

// checkPage reads a page tag by tag: known tags, known attributes, harmless links, one script, everything closed.
func checkPage(t *testing.T, f File) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(f.Bytes))
	d.Strict, d.AutoClose, d.Entity = false, []string{"meta", "link", "br", "hr", "input"}, xml.HTMLEntity
	scripts := 0
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			return
		}
		s, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		if s.Name.Local == "script" {
			scripts++
		}
		if !slices.Contains(tags, s.Name.Local) {
			t.Errorf("%s: tag %s", f.Name, s.Name.Local)
		}
		for _, a := range s.Attr {
			if !slices.Contains(attributes, a.Name.Local) {
				t.Errorf("%s: attribute %s of %s", f.Name, a.Name.Local, s.Name.Local)
			}
			v := strings.ToLower(strings.TrimSpace(a.Value))
			if (a.Name.Local == "href" || a.Name.Local == "src") && (strings.HasPrefix(v, "javascript:") || strings.HasPrefix(v, "//")) {
				t.Errorf("%s: %s=%s", f.Name, a.Name.Local, v)
			}
		}
	}
	want := 1
	if f.Name == "report/compare.html" {
		want = 3
	}
	if scripts != want {
		t.Errorf("%s: %d scripts, want %d", f.Name, scripts, want)
	}
	if !bytes.Contains(f.Bytes, []byte(`content="default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'"`)) {
		t.Errorf("%s: no policy", f.Name)
	}
	if has, want := bytes.Contains(f.Bytes, []byte(`http-equiv="refresh"`)), bytes.Contains(f.Bytes, []byte(`data-status="running"`)); has != want {
		t.Errorf("%s: reloads itself %v, want %v", f.Name, has, want)
	}
}

// shape is a Markdown document's structure: what a reader sees of it but the words.
type shape struct {
	headings, tables, lists, rows int
	html, images, foreign         int
	uneven                        int
}

func shapeOf(source []byte) shape {
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	var s shape
	columns := 0
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch x := n.(type) {
		case *ast.Heading:
			s.headings++
		case *ast.List:
			s.lists++
		case *east.Table:
			s.tables++
			columns = len(x.Alignments)
		case *east.TableRow, *east.TableHeader:
			s.rows++
			if n.ChildCount() != columns {
				s.uneven++
			}
		case *ast.RawHTML:
			s.html++
		case *ast.HTMLBlock:
			if first := x.Lines().At(0); !bytes.HasPrefix(first.Value(source), []byte("<!-- ")) {
				s.html++
			}
		case *ast.Image:
			if !bytes.HasPrefix(x.Destination, []byte("report/charts/")) {
				s.images++
			}
		case *ast.AutoLink:
			s.foreign++
		case *ast.Link:
			if !bytes.HasPrefix(x.Destination, []byte("experiments/")) {
				s.foreign++
			}
		}
		return ast.WalkContinue, nil
	})
	return s
}

// checkMarkdown holds a document to the structure it has without the hostile text. The words of people (in the tracker's
// regions, the learnings and the descriptions) are theirs to format and come last.
func checkMarkdown(t *testing.T, f File, calm *File) {
	t.Helper()
	if calm == nil {
		if !strings.HasPrefix(f.Name, "experiments/") { // folders are named after what is poisoned
			t.Errorf("%s: not there without the hostile text", f.Name)
		}
		s := shapeOf(cutAt(f.Bytes, "## Description"))
		if s.html+s.images+s.foreign+s.uneven > 0 {
			t.Errorf("%s: %+v", f.Name, s)
		}
		return
	}
	theirs := func(b []byte) []byte {
		if f.Name == TrackerName {
			return GeneratedPart(b)
		}
		return cutAt(b, "## Key Learnings")
	}
	got, want := shapeOf(theirs(f.Bytes)), shapeOf(theirs(calm.Bytes))
	if got != want || got.html+got.images+got.foreign+got.uneven > 0 {
		t.Errorf("%s:\n got %+v\nwant %+v", f.Name, got, want)
	}
}

func cutAt(b []byte, heading string) []byte {
	if i := bytes.Index(b, []byte("\n"+heading)); i >= 0 {
		return b[:i]
	}
	return b
}

func TestLineOfAMegabyte(t *testing.T) {
	in := reporttest.Full()
	for i := range in.Plan.Steps {
		if r := in.Plan.Steps[i].Record; r != nil && r.Outcome.Tail != "" {
			r.Outcome.Tail = strings.Repeat("x", 1<<20)
		}
	}
	in.Plan.Experiments[2].Verdict.Detail = strings.Repeat("é\n", 1<<20)
	for _, f := range All(report.Build(in), nil) {
		if len(f.Bytes) > 1<<20 {
			t.Errorf("%s has %d bytes", f.Name, len(f.Bytes))
		}
	}
}
