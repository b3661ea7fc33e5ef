package main

import (
	"path/filepath"
	"testing"

	"github.com/benchfile/bench/executors/browsertest"
	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/report/reporttest"
)

// From a process's state and a report's files to what a person sees, with nothing in between made up: the page goes on
// under its reader, who keeps place, focus, order and what was opened; and its policy has nothing to complain of.
func TestLivePageInABrowser(t *testing.T) {
	s := serving(t)
	in := reporttest.Running()
	r := report.Build(in)
	s.publish(&r)
	w := s.atWork()
	start := measured(50)
	start.Job.Scratch = filepath.Join(w.store.Dir(), "tmp/job-1")
	w.keep.event(start)

	b := browsertest.Open(t)
	b.Size(1400, 900)
	b.Go("http://" + s.addr + "/index.html#experiments?sort=change&v=KEEP")
	b.Wait(`document.getElementById("conn").textContent === "live"`)
	b.Wait(`document.getElementById("live").innerText.includes("An idea")`)
	browsertest.Eval[bool](b, `(() => { window.sameDocument = true; document.getElementById("attack").open = true;
		document.querySelector("th[data-sort=change] button").focus(); scrollTo(0, 1900); window.wasAt = document.getElementById("baseline").getBoundingClientRect().top; return true; })()`)

	w.logs("spare.stderr", "<img src=x onerror=alert(1)> \x1b[31mred\nlast line\n")
	b.Wait(`(document.querySelector("#log pre")||{textContent:""}).textContent === "<img src=x onerror=alert(1)> red\nlast line"`)
	in.Notes.Learnings += "3. a new learning\n"
	r = report.Build(in)
	s.publish(&r)
	b.Wait(`document.getElementById("learnings").innerText.includes("a new learning")`)
	for what, js := range map[string]string{
		"the document":    `window.sameDocument`,
		"what was opened": `document.getElementById("attack").open`,
		"the order":       `document.querySelector("#exps tbody tr:not([hidden]) td").innerText.trim() === "012"`,
		"the focus":       `document.activeElement === document.querySelector("th[data-sort=change] button")`,
		"the place":       `Math.abs(document.getElementById("baseline").getBoundingClientRect().top - window.wasAt) < 2`,
	} {
		if !browsertest.Eval[bool](b, js) {
			t.Errorf("%s is lost", what)
		}
	}
	in.Live = nil
	r = report.Build(in)
	s.publish(&r)
	w.keep.end("done")
	b.Wait(`document.getElementById("live").children.length === 0`)
	if p := b.Problems(); len(p) > 0 {
		t.Errorf("the page complains: %q", p)
	}
	if f := b.Foreign("http://" + s.addr); len(f) > 0 {
		t.Errorf("the page asks for %q", f)
	}
}
