package benchfile

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// fenced are the code blocks of a language in LANGUAGE.md, each with the line it begins on.
func fenced(t *testing.T, language string) map[int]string {
	t.Helper()
	out := map[int]string{}
	var code []string
	start := 0
	for n, line := range strings.Split(string(read(t, "../LANGUAGE.md")), "\n") {
		switch {
		case start == 0 && line == "```"+language:
			start, code = n+2, nil
		case start > 0 && line == "```":
			out[start] = strings.Join(code, "\n") + "\n"
			start = 0
		case start > 0:
			code = append(code, line)
		}
	}
	return out
}

// TestLanguageExamples decodes every example of the document, without so much as a warning, and holds it to the layout
// that bench fmt gives.
func TestLanguageExamples(t *testing.T) {
	examples := fenced(t, "hcl")
	if len(examples) < 15 {
		t.Fatalf("found %d examples only", len(examples))
	}
	for line, code := range examples {
		if study, ds := Decode(Source{fmt.Sprintf("LANGUAGE.md:%d", line), []byte(code)}, testOptions()); study == nil || len(ds) > 0 {
			t.Errorf("example at line %d:\n%s", line, text(t, ds))
		}
	}
}

// documented reads the tables of LANGUAGE.md: block → attribute → its cells.
func documented(t *testing.T) map[string]map[string][]string {
	t.Helper()
	out := map[string]map[string][]string{}
	block := ""
	table := false
	for line := range strings.SplitSeq(string(read(t, "../LANGUAGE.md")), "\n") {
		if h, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && line[0] == '#' {
			block = h
			continue
		}
		if line == "| attribute | type | default | meaning |" {
			table = true
			out[block] = map[string][]string{}
			continue
		}
		if !strings.HasPrefix(line, "|") {
			table = false
		}
		if m := regexp.MustCompile("^\\| `([a-z_]+)` \\|").FindStringSubmatch(line); table && m != nil {
			var cells []string
			for _, c := range strings.Split(strings.Trim(line, "|"), "|") {
				cells = append(cells, strings.TrimSpace(c))
			}
			out[block][m[1]] = cells
		}
	}
	return out
}

// TestLanguageTables compares the document with the schema, both ways: blocks, attributes, types, and what is required.
func TestLanguageTables(t *testing.T) {
	doc := documented(t)
	var compare func(name string, s *blockSpec)
	compare = func(name string, s *blockSpec) {
		table := doc[name]
		delete(doc, name)
		if table == nil && !s.free {
			t.Errorf("LANGUAGE.md has no table for %q", name)
		}
		for _, a := range s.attrs {
			cells := table[a.name]
			delete(table, a.name)
			if len(cells) != 4 {
				t.Errorf("%s.%s: LANGUAGE.md has %q", name, a.name, cells)
				continue
			}
			if cells[1] != a.kind {
				t.Errorf("%s.%s is %s, in LANGUAGE.md %s", name, a.name, a.kind, cells[1])
			}
			if got := cells[2] == "required"; got != a.required {
				t.Errorf("%s.%s: required is %v, in LANGUAGE.md %v", name, a.name, a.required, got)
			}
			if cells[3] == "" {
				t.Errorf("%s.%s: LANGUAGE.md does not say what it means", name, a.name)
			}
		}
		for a := range table {
			t.Errorf("LANGUAGE.md has %s.%s, the language has not", name, a)
		}
		for _, sub := range s.blocks {
			path := sub.name
			if s != language() {
				path = s.name + "." + sub.name
			}
			compare(path, sub)
		}
	}
	top := doc["Top level"]
	delete(doc, "Top level")
	doc["top level"] = top
	compare("top level", language())
	for name := range doc {
		t.Errorf("LANGUAGE.md has a table for %q, the language has no such block", name)
	}
}

// TestLanguageFunctions: the document lists every function, and none that is not there.
func TestLanguageFunctions(t *testing.T) {
	_, list, _ := strings.Cut(string(read(t, "../LANGUAGE.md")), "| function | gives |")
	list, _, _ = strings.Cut(list, "\n\n")
	var got []string
	for _, m := range regexp.MustCompile("`([a-z]+)").FindAllStringSubmatch(list, -1) {
		got = append(got, m[1])
	}
	slices.Sort(got)
	got = slices.Compact(got)
	var want []string
	for name := range newDecoder(Source{}, Options{}).functions() {
		want = append(want, name)
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("LANGUAGE.md lists\n%v\nthere are\n%v", got, want)
	}
}

// TestLanguageJSON: the example of the JSON form is what comes out, byte for byte.
func TestLanguageJSON(t *testing.T) {
	src := "variable \"runs\" { default = 10 }\ncheck { same_output = [\"stdout\"] }\ninput \"light\" { path = \"light.bin\" }\n" +
		"input \"heavy\" { path = \"heavy.bin\" }\nhypothesis \"cache\" { patch = \"cache.patch\" }\n\nmeasure {\n" +
		"  command = [\"./prog\", input.path]\n  runs    = var.rnus\n}\n"
	_, ds := Decode(Source{"benchfile.hcl", []byte(src)}, testOptions())
	got, err := json.Marshal(ds.Report())
	if err != nil {
		t.Fatal(err)
	}
	for line, code := range fenced(t, "json") {
		var want, have any
		if err := json.Unmarshal([]byte(code), &want); err != nil {
			t.Fatalf("LANGUAGE.md:%d: %v", line, err)
		}
		if err := json.Unmarshal(got, &have); err != nil {
			t.Fatal(err)
		}
		a, _ := json.MarshalIndent(want, "", " ")
		b, _ := json.MarshalIndent(have, "", " ")
		if string(a) != string(b) {
			t.Errorf("LANGUAGE.md:%d has\n%s\nit is\n%s", line, a, b)
		}
	}
	var empty Diagnostics
	if b, _ := json.Marshal(empty.Report()); !strings.Contains(string(b), `"valid":true`) || !strings.Contains(string(b), `"diagnostics":[]`) {
		t.Errorf("no diagnostics are %s", b)
	}
}

// TestLanguageLayout: the examples are laid out as bench fmt does it.
func TestLanguageLayout(t *testing.T) {
	for line, code := range fenced(t, "hcl") {
		if got, ds := Format([]byte(code)); len(ds) > 0 || string(got) != code {
			t.Errorf("example at line %d is laid out like this:\n%s", line, got)
		}
	}
}
