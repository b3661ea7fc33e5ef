package html

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/benchfile/bench/executors/browsertest"
	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/report/reporttest"
)

// shown is what a person reads of an element.
func shown(b *browsertest.Tab, css string) string {
	return browsertest.Eval[string](b, fmt.Sprintf(`(document.querySelector(%q)||{innerText:"(nothing)"}).innerText.replace(/\s+/g, " ").trim()`, css))
}

func contains(t *testing.T, what, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%s does not say %q:\n%.600s", what, w, got)
		}
	}
}

// clean holds a page to its own policy: it complains of nothing and asks nobody else for anything.
func clean(t *testing.T, b *browsertest.Tab, home string) {
	t.Helper()
	if p := b.Problems(); len(p) > 0 {
		t.Errorf("the page complains: %q", p)
	}
	if f := b.Foreign(home); len(f) > 0 {
		t.Errorf("the page asks for %q", f)
	}
}

// suspicious is a study whose numbers must not be believed.
func suspicious() report.Input {
	in := reporttest.Stopped()
	in.Study.Check = pipeline.Check{None: "the program has no output"}
	return in
}

func TestOverviewSaysWhereItStands(t *testing.T) {
	b := browsertest.Open(t)
	for _, c := range []struct {
		name    string
		in      report.Input
		status  string
		overall []string
	}{
		{"running", reporttest.Running(), "RUNNING 10/13", []string{"−13.4 %", "97.6 % interval [−14.0, −12.8]", "262.4 s → 227.2 s", "10 / 13", "7 h 51 min", "1 h 34 min left", "2 kept"}},
		{"interrupted", reporttest.Full(), "INTERRUPTED 10/13", []string{"Nothing runs now: 2 steps left, the next is 010-pool/build", "bench apply goes on"}},
		{"stopped", reporttest.Stopped(), "STOPPED 10/13", []string{"Stopped: the budget of 8h0m0s is spent"}},
		{"suspicious", suspicious(), "SUSPICIOUS, STOPPED 10/13", []string{"not to be trusted: outputs not checked"}},
		{"complete", reporttest.Large(3), "COMPLETE 3/3", []string{"Nothing is kept", "3 / 3"}},
		{"baseline only", reporttest.BaselineOnly(), "COMPLETE", []string{"262.4 s", "95 % interval", "No experiments yet: add a hypothesis block to benchfile.hcl"}},
		{"empty", reporttest.Empty(), "NOT STARTED", []string{"No result yet", "its code has not been looked at yet"}},
	} {
		home := site(t, c.in)
		b.Go(home + "/index.html")
		if got := shown(b, "#status"); got != c.status {
			t.Errorf("%s: status %q, want %q", c.name, got, c.status)
		}
		contains(t, c.name, shown(b, "#overview"), c.overall...)
		clean(t, b, "file://"+filepath.Dir(home))
	}
}

func TestPageShowsEverythingWithoutScript(t *testing.T) {
	b := browsertest.Open(t)
	home := site(t, reporttest.Running())
	b.NoScript()
	b.Go(home + "/index.html")
	if n := browsertest.Eval[int](b, `document.querySelectorAll("#exps tbody tr").length`); n != 13 {
		t.Errorf("%d rows in the table, want 13", n)
	}
	contains(t, "the table", shown(b, "#exps"), "003", "crashed on precompile_heavy: SIGABRT", "output differs on large_state at byte 132", "[−14.0, −12.8]")
	contains(t, "the trend", shown(b, "#trend"), "baseline 262.4 s", "keep from −5 %", "best 012")
	contains(t, "the baseline", shown(b, "#baseline"), "heavy_keccak", "402.3 … 404.7 s", "0.8 %")
	contains(t, "the current run", shown(b, "#live"), "010-pool/build", "6 of 100", "2 h 00 min left", "segment 6/11 done")
	contains(t, "the learnings", shown(b, "#learnings"), "rkyv is already well optimised", "MPT hashing dominates", "Investigate parallel hashing")
	contains(t, "the conflicts", shown(b, "#conflicts"), "adds up", "−13.4 % [−14.0, −12.8]", "they add up")
	contains(t, "the environment", shown(b, "#environment"), "AMD Ryzen 9 5950X", "rustc 1.84.0", "abc123def0123456789abc123def0123456789ab")
	contains(t, "the trust strip", shown(b, ".trust"), "noise floor", "CV max", "right for all kept", "starts at or below 50 °C", "governor powersave", "undisturbed")
	contains(t, "the checklist", shown(b, "#checklist"), "10 runs on each of 5 inputs")
	if !browsertest.Eval[bool](b, `[...document.querySelectorAll("button")].every(b => b.offsetParent === null)`) {
		t.Error("buttons that do nothing are shown")
	}
	for _, pill := range []string{"baseline", "experiments", "order", "environment"} {
		if !browsertest.Eval[bool](b, fmt.Sprintf(`!!document.querySelector(".trust a[href='#%s']") === !!document.getElementById(%q)`, pill, pill)) {
			t.Errorf("the trust strip does not lead to %s", pill)
		}
	}
	clean(t, b, "file://"+home)
}

// ids are the experiments that the table shows, in its order.
func ids(b *browsertest.Tab) string {
	return browsertest.Eval[string](b, `[...document.querySelectorAll("#exps tbody tr")].filter(r => !r.hidden).map(r => r.cells[0].textContent.trim()).join(" ")`)
}

func TestTableSortsAndFinds(t *testing.T) {
	b := browsertest.Open(t)
	home := site(t, reporttest.Full())
	b.Size(1400, 900)
	b.Go(home + "/index.html")
	const numbered = "001 002 003 004 005 006 007 008 009 010 011 012 013"
	if got := ids(b); got != numbered {
		t.Errorf("at first %s", got)
	}
	const head = `th[data-sort=change]`
	b.Click(head + " button")
	if got := ids(b); got != "012 004 001 005 002 007 006 003 008 009 010 011 013" {
		t.Errorf("by change %s", got)
	}
	b.Focus(head + " button")
	b.Key(browsertest.Enter)
	if got := ids(b); !strings.HasPrefix(got, "006 007 002") || !strings.HasSuffix(got, "011 013") {
		t.Errorf("by change, the other way, %s", got)
	}
	if got := browsertest.Eval[string](b, `document.querySelector("`+head+`").getAttribute("aria-sort")`); got != "descending" {
		t.Errorf("aria-sort is %s", got)
	}
	for _, column := range []string{"id", "name", "verdict", "effect", "change", "interval", "p", "worst", "result", "correct"} {
		b.Focus("th[data-sort=" + column + "] button")
		b.Key(" ")
		if got := browsertest.Eval[string](b, `[...document.querySelectorAll("th[aria-sort]")].map(h => h.dataset.sort).join()`); got != column {
			t.Errorf("after sorting by %s, aria-sort is on %s", column, got)
		}
	}
	b.Click(`[data-v=KEEP]`)
	b.Click(`#filters [data-v=MAYBE]`)
	if got := ids(b); len(strings.Fields(got)) != 4 {
		t.Errorf("KEEP and MAYBE are %s", got)
	}
	contains(t, "the count", shown(b, "#count"), "4 of 13 shown")
	b.Focus("#q")
	b.Key("arena")
	if got := ids(b); got != "004" {
		t.Errorf("arena finds %s", got)
	}
	address := browsertest.Eval[string](b, "location.href")
	for _, part := range []string{"#experiments?", "sort=correct", "v=KEEP%2CMAYBE", "q=arena"} {
		contains(t, "the address", address, part)
	}
	b.Go("about:blank")
	b.Go(home + "/index.html#experiments?sort=result&dir=d&v=KEEP&q=0")
	if got := ids(b); got != "001 004 012" {
		t.Errorf("the link shows %s", got)
	}
	if !browsertest.Eval[bool](b, `document.querySelector("#filters [data-v=KEEP]").getAttribute("aria-pressed") === "true" && document.getElementById("q").value === "0" && scrollY > 0`) {
		t.Error("the link does not set the filters or does not go to the table")
	}
	clean(t, b, "file://"+home)
}

func TestTrendLeadsToExperiments(t *testing.T) {
	b := browsertest.Open(t)
	home := site(t, reporttest.Full())
	b.Go(home + "/index.html")
	if n := browsertest.Eval[int](b, `document.querySelectorAll("#trend svg a").length`); n != 13 {
		t.Errorf("%d marks, want 13", n)
	}
	if !browsertest.Eval[bool](b, `(() => { const z = document.querySelector("#trend .zero"), c = document.querySelector("#trend .ciband"); return z.getAttribute("y1") === z.getAttribute("y2") && +c.getAttribute("y") < +z.getAttribute("y1") && +c.getAttribute("y") + +c.getAttribute("height") > +z.getAttribute("y1"); })()`) {
		t.Error("the baseline is no level line within its band")
	}
	b.Focus(`#trend svg a[href="experiments/003-batch-signatures.html"]`)
	b.Key(browsertest.Enter)
	b.Wait(`location.pathname.endsWith("/experiments/003-batch-signatures.html") && document.readyState === "complete"`)
	contains(t, "the page", shown(b, "#verdict"), "003 · Batch signatures", "FAILED", "ended by SIGABRT", "has overflowed its stack", "every run ends with exit code 0")
	clean(t, b, "file://"+home)
}

func TestExperimentPagesSayWhy(t *testing.T) {
	b := browsertest.Open(t)
	home := site(t, reporttest.Full())
	for page, want := range map[string][]string{
		"001-mpt-hash-cache":   {"−6.5 %", "97.6 % interval", "Why KEEP", "at most 5 % more", "less than expected", "memory increase", "SHA-256", "exit 0", "pub fn compute_hash", "git checkout abc123d", "Everything else is the same", "keccak256", "−5.5"},
		"003-batch-signatures": {"Why FAILED", "ended by SIGABRT", "stack overflow", "bench log 003-batch-signatures"},
		"007-prefetch":         {"Why INCONCLUSIVE", "About 140 rounds would tell"},
		"008-unchecked":        {"Why REJECT", "same stdout on large_state: differs at byte 132", "diff .bench/blobs/"},
		"009-segments":         {"Why KILL", "three runs of heavy_keccak beyond 1.10", "limit 4"},
		"011-hugepages":        {"Why SKIPPED", "not a target of this call", "GLIBC_TUNABLES", "not set for it"},
		"012-kept-001-004":     {"MPT hash caching", "if the parts add up", "they add up"},
	} {
		b.Go(home + "/experiments/" + page + ".html")
		contains(t, page, shown(b, "main"), want...)
	}
	clean(t, b, "file://"+home)
}

func TestFlameGraphZooms(t *testing.T) {
	b := browsertest.Open(t)
	home := site(t, reporttest.Full())
	b.Go(home + "/experiments/001-mpt-hash-cache.html")
	frame := `[...document.querySelectorAll("#flames .fr")].find(f => f.textContent.startsWith("LEVM::execute_tx"))`
	width := `+` + frame + `.querySelector("rect").getAttribute("width")`
	before := browsertest.Eval[float64](b, width)
	browsertest.Eval[bool](b, frame+".focus(), true")
	b.Key(browsertest.Enter)
	if after := browsertest.Eval[float64](b, width); after < 1100 || before > 600 {
		t.Errorf("zoomed from %.1f to %.1f", before, after)
	}
	b.Key(browsertest.Escape)
	if after := browsertest.Eval[float64](b, width); after != before {
		t.Errorf("back at %.2f, was %.2f", after, before)
	}
	b.Key(browsertest.Right)
	if got := browsertest.Eval[string](b, `document.activeElement.textContent.split(":")[0]`); got != "guest" {
		t.Errorf("the arrow leads to %q", got)
	}
	clean(t, b, "file://"+home)
}

func TestComparePage(t *testing.T) {
	b := browsertest.Open(t)
	home := site(t, reporttest.Full())
	b.Go(home + "/compare.html#a=001&b=004")
	contains(t, "the comparison", shown(b, "#result"), "−1.0 %", "[−1.6, −0.3]", "B is better", "heavy_keccak", "Together: adds up")
	b.Click("#swap")
	contains(t, "the swapped one", shown(b, "#result"), "+1.0 %", "B is worse")
	browsertest.Eval[bool](b, `(() => { const b = document.getElementById("b"); b.value = "003"; b.dispatchEvent(new Event("change")); return true; })()`)
	contains(t, "one without a number", shown(b, "#result"), "no number", "003 is FAILED: crashed on precompile_heavy")
	browsertest.Eval[bool](b, `(() => { const b = document.getElementById("b"); b.value = "007"; b.dispatchEvent(new Event("change")); document.getElementById("hide").click(); return true; })()`)
	contains(t, "the address", browsertest.Eval[string](b, "location.hash"), "a=004", "b=007", "hide=1")
	browsertest.Eval[bool](b, `(() => { const m = document.getElementById("m"); m.value = "memory_peak"; m.dispatchEvent(new Event("change")); return true; })()`)
	contains(t, "another metric", shown(b, "#result"), "memory_peak", "not distinguishable")
	clean(t, b, "file://"+home)
}

func TestHistoryPage(t *testing.T) {
	b := browsertest.Open(t)
	home := site(t, reporttest.Full())
	b.Go(home + "/history.html")
	contains(t, "the history", shown(b, "main"), "2026-01-10-1", "another machine", "0123456789ab", "−15.5 %", "Jump tables in the interpreter", "below the threshold of 2 %")
	b.Focus("#q")
	b.Key("unaligned")
	if got := shown(b, "#exps tbody tr:not([hidden])"); !strings.Contains(got, "REJECT") {
		t.Errorf("found %q", got)
	}
	clean(t, b, "file://"+home)
}

func TestThemeIsRemembered(t *testing.T) {
	b := browsertest.Open(t)
	home := site(t, reporttest.Full())
	b.Scheme("light")
	b.Go(home + "/index.html")
	ground := func() string {
		return browsertest.Eval[string](b, `getComputedStyle(document.body).backgroundColor`)
	}
	light := ground()
	b.Click("#theme")
	b.Click("#theme")
	if got := shown(b, "#theme"); got != "Theme: dark" || ground() == light {
		t.Errorf("%s, ground %s", got, ground())
	}
	b.Go(home + "/experiments/001-mpt-hash-cache.html")
	if got := shown(b, "#theme"); got != "Theme: dark" || ground() == light {
		t.Errorf("on another page %s, ground %s", got, ground())
	}
	b.Click("#theme")
	if ground() != light {
		t.Errorf("auto is %s, light is %s", ground(), light)
	}
}

func TestCommandsCanBeCopied(t *testing.T) {
	b := browsertest.Open(t)
	b.Before(`Object.defineProperty(navigator, "clipboard", { value: { writeText: t => { window.copied = t; return Promise.resolve(); } } })`)
	b.Go(site(t, reporttest.Full()) + "/index.html")
	b.Click("[data-copy=again]")
	contains(t, "the clipboard", browsertest.Eval[string](b, "window.copied"), "git checkout abc123def0123456789abc123def0123456789ab\nbench plan")
	b.Wait(`document.querySelector("[data-copy=again]").textContent === "Copied"`)
}

// everyPage is one page of each kind, and of each way in which an experiment ends.
func everyPage(t *testing.T) map[string]string {
	full, running := site(t, reporttest.Full()), site(t, reporttest.Running())
	return map[string]string{
		"index": full + "/index.html", "compare": full + "/compare.html#a=001&b=007", "history": full + "/history.html",
		"keep": full + "/experiments/001-mpt-hash-cache.html", "failed": full + "/experiments/003-batch-signatures.html",
		"running": running + "/index.html", "empty": site(t, reporttest.Empty()) + "/index.html",
	}
}

func TestAccessibility(t *testing.T) {
	b := browsertest.Open(t)
	b.Size(1400, 900)
	for name, page := range everyPage(t) {
		for _, scheme := range []string{"light", "dark"} {
			if scheme == "dark" && (name == "failed" || name == "empty" || name == "running") {
				continue // the same marks as on the others
			}
			b.Scheme(scheme)
			b.Go(page)
			var rules []string // all of them
			if scheme == "dark" {
				rules = []string{"color-contrast"} // nothing else depends on the scheme
			}
			for _, v := range b.Violations(rules...) {
				t.Errorf("%s, %s: %s", name, scheme, v)
			}
		}
	}
}

func TestPhoneNeedsNoSidewaysScroll(t *testing.T) {
	b := browsertest.Open(t)
	b.Size(390, 844)
	for name, page := range everyPage(t) {
		b.Go(page)
		if w := browsertest.Eval[int](b, "document.documentElement.scrollWidth"); w > 390 {
			t.Errorf("%s is %d pixels wide: %s", name, w, browsertest.Eval[string](b, `[...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > 391 && !e.closest(".scroll,.chart,pre,.diff")).slice(0, 3).map(e => e.outerHTML.slice(0, 120)).join("\n")`))
		}
	}
}

func TestPrints(t *testing.T) {
	b := browsertest.Open(t)
	for _, name := range []string{"index", "keep"} {
		b.Scheme("dark")
		b.Go(everyPage(t)[name])
		pdf := b.PDF()
		if n := bytes.Count(pdf, []byte("/Type /Page\n")) + bytes.Count(pdf, []byte("/Type/Page/")); !bytes.HasPrefix(pdf, []byte("%PDF-")) || len(pdf) < 20_000 {
			t.Errorf("%s prints %d bytes, %d pages", name, len(pdf), n)
		}
		b.Print()
		if got := browsertest.Eval[string](b, `getComputedStyle(document.body).backgroundColor + getComputedStyle(document.querySelector(".top")).display`); got != "rgb(255, 255, 255)none" {
			t.Errorf("%s is printed on %s", name, got)
		}
	}
}

func TestThousandExperimentsAreUsable(t *testing.T) {
	b := browsertest.Open(t)
	r := report.Build(reporttest.Large(1000))
	home := browsertest.Folder(t, map[string][]byte{"index.html": index(&r, draw(&r)), "style.css": style(), "app.js": script("app.js")})
	b.Go(home + "/index.html#experiments?sort=change")
	if n := len(strings.Fields(ids(b))); n != 1000 {
		t.Fatalf("%d rows", n)
	}
	b.Focus("#q")
	b.Key("Idea 777")
	if got := ids(b); got != "777" {
		t.Errorf("found %s", got)
	}
	clean(t, b, "file://"+home)
}
