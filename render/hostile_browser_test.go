package render

import (
	"bytes"
	"path"
	"strings"
	"testing"

	"github.com/benchfile/bench/executors/browsertest"
	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/report/reporttest"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

// harmless says what a page must not have become, whatever was written into it.
const harmless = `(() => {
	const bad = [];
	if (window.ran) bad.push("a script ran: " + window.ran);
	for (const e of document.querySelectorAll("*")) {
		if (e.tagName === "SCRIPT" && !/\/(app|compare|data)\.js$/.test(e.src)) bad.push("script " + e.outerHTML.slice(0, 80));
		if (["IMG", "IFRAME", "OBJECT", "EMBED", "FORM", "BASE", "STYLE"].includes(e.tagName.toUpperCase())) bad.push(e.tagName);
		for (const a of e.attributes) {
			if (/^on/i.test(a.name) || a.name === "style" && !e.closest("#flames")) bad.push(e.tagName + " " + a.name);
			if (/^(href|src|action)$/i.test(a.name) && /^\s*(javascript|vbscript|data:text)/i.test(a.value)) bad.push(a.name + "=" + a.value);
		}
	}
	return bad.join("\n");
})()`

// Nothing that others wrote runs, leads astray or breaks a page: looked at where it would.
func TestHostileTextDoesNothingInABrowser(t *testing.T) {
	b := browsertest.Open(t)
	in := poisoned(reporttest.Running)
	long := strings.Repeat("<img src=x onerror=ran=1> ", 400_000) // a line of 10 MB
	in.Live.Log += long + "\nthe last line"
	in.Notes.Ideas += "\n" + hostile + "\n\n" + long[:1<<20]
	in.Plan.Experiments[2].Verdict.Detail = long + "\n" + hostile
	r := report.Build(in)
	files := map[string][]byte{}
	first := ""
	for _, f := range All(r, nil) {
		name, inside := strings.CutPrefix(f.Name, "report/")
		if !inside {
			continue
		}
		files[name] = f.Bytes
		if first == "" && path.Dir(name) == "experiments" {
			first = name
		}
		if bytes.Contains(f.Bytes, []byte("\u202e")) {
			t.Errorf("%s turns text around", name)
		}
	}
	home := browsertest.Folder(t, files)
	b.Before(`window.ran = ""; for (const f of ["alert", "prompt", "confirm"]) window[f] = x => { window.ran += f + "(" + x + ") "; };`)
	failed := ""
	for i := range r.Experiments {
		if r.Experiments[i].Status == "FAILED" {
			failed = "experiments/" + r.Experiments[i].Slug + ".html"
		}
	}
	for page, want := range map[string]string{
		"index.html":   `document.querySelectorAll("#exps tbody tr").length === 13 && document.querySelector("#exps").innerText.includes("MPT hash caching") && document.querySelector("#live").innerText.includes("the last line") && document.querySelectorAll("#trend svg a").length === 13`,
		first:          `document.querySelector("h1").innerText.includes("MPT hash caching") && document.querySelectorAll(".rules tr").length > 5 && document.querySelectorAll("#inputs svg circle").length > 50`,
		failed:         `document.querySelector("#verdict").innerText.includes("FAILED") && document.querySelector("#reproduce pre").innerText.includes("git checkout")`,
		"compare.html": `document.querySelector("#result").innerText.includes("MPT hash caching") && document.querySelectorAll("#result tbody tr").length > 3`,
		"history.html": `document.querySelectorAll("#exps tbody tr").length === 4`,
	} {
		b.Go(home + "/" + page)
		if bad := browsertest.Eval[string](b, harmless); bad != "" {
			t.Errorf("%s: %s", page, bad)
		}
		if !browsertest.Eval[bool](b, want) {
			t.Errorf("%s does not read: %.400s", page, browsertest.Eval[string](b, "document.body.innerText"))
		}
		// Buttons must be as harmless as what they were made from.
		browsertest.Eval[bool](b, `(() => { document.querySelectorAll("th button, [data-v], #theme, #swap").forEach(x => { if (x.click) x.click(); }); return true; })()`)
		if bad := browsertest.Eval[string](b, harmless); bad != "" {
			t.Errorf("%s, used: %s", page, bad)
		}
	}
	if p := b.Problems(); len(p) > 0 {
		t.Errorf("complaints: %.600q", p)
	}
	if f := b.Foreign("file://" + home); len(f) > 0 {
		t.Errorf("asked for %q", f)
	}
}
