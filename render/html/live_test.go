package html

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/benchfile/bench/executors/browsertest"
	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/report/reporttest"
)

// hasty makes half a minute pass in 300 ms.
const hasty = `{ const later = window.setTimeout; window.setTimeout = (f, ms) => later(f, ms === 30000 ? 300 : ms); }`

// later is Running a few steps on: another learning, and further in its step.
func later() report.Input {
	in := reporttest.Running()
	in.Live.Done = 42
	in.Notes.Learnings += "3. a new learning\n"
	return in
}

// served is a site behind HTTP whose state and events the test decides.
type served struct {
	sync.Mutex
	files  map[string][]byte
	events chan string // nil: there is no bench behind the files
}

// start serves until the test's tab is closed.
func (s *served) start(t *testing.T) *httptest.Server {
	server := httptest.NewServer(s)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return server
}

func (s *served) set(in report.Input) *report.Report {
	r := report.Build(in)
	s.Lock()
	defer s.Unlock()
	s.files = map[string][]byte{}
	for _, f := range Site(&r) {
		s.files["/"+f.Name] = f.Bytes
	}
	return &r
}

func (s *served) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Lock()
	body, ok := s.files[r.URL.Path]
	s.Unlock()
	switch {
	case r.URL.Path == "/_bench/events" && s.events != nil:
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "retry: 2000\n\n")
		for {
			w.(http.Flusher).Flush()
			select {
			case e := <-s.events:
				fmt.Fprint(w, e)
			case <-r.Context().Done():
				return
			}
		}
	case !ok:
		http.NotFound(w, r)
	default:
		w.Header().Set("Content-Type", map[string]string{"l": "text/html; charset=utf-8", "s": "text/css", "g": "image/svg+xml"}[r.URL.Path[len(r.URL.Path)-1:]])
		if r.URL.Path[len(r.URL.Path)-2:] == "js" {
			w.Header().Set("Content-Type", "text/javascript")
		}
		_, _ = w.Write(body)
	}
}

// event is an event of the stream as bench serve sends it.
func event(t *testing.T, name string, v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("event: %s\ndata: %s\n\n", name, data)
}

func pageEvent(t *testing.T, r *report.Report) string {
	sections := map[string]string{}
	for _, s := range Sections(Site(r)[0].Bytes) {
		sections[s.ID] = s.HTML
	}
	return event(t, "page", map[string]any{"sections": sections})
}

func TestServedPageChangesUnderItsReader(t *testing.T) {
	s := &served{events: make(chan string)}
	s.set(reporttest.Running())
	server := s.start(t)
	b := browsertest.Open(t)
	b.Size(1400, 900)
	b.Go(server.URL + "/index.html#experiments?sort=change&v=KEEP")
	b.Wait(`document.getElementById("conn").textContent === "live"`)
	browsertest.Eval[bool](b, `(() => { window.sameDocument = true; document.getElementById("attack").open = true; document.getElementById("log").open = false;
		document.querySelector("th[data-sort=change] button").focus(); scrollTo(0, 1900); window.wasAt = document.getElementById("baseline").getBoundingClientRect().top; return true; })()`)
	s.events <- pageEvent(t, s.set(later()))
	b.Wait(`document.getElementById("learnings").innerText.includes("a new learning")`)
	for what, js := range map[string]string{
		"the document":          `window.sameDocument`,
		"what was opened":       `document.getElementById("attack").open`,
		"what was closed":       `!document.getElementById("log").open`,
		"the order":             `document.querySelector("#exps tbody tr:not([hidden]) td").innerText.trim() === "012"`,
		"the filter":            `document.querySelectorAll("#exps tbody tr:not([hidden])").length === 3`,
		"the focus":             `document.activeElement === document.querySelector("th[data-sort=change] button")`,
		"the place":             `Math.abs(document.getElementById("baseline").getBoundingClientRect().top - window.wasAt) < 2`,
		"the new state":         `document.getElementById("live").innerText.includes("42 of 100")`,
		"the number of buttons": `document.querySelectorAll("th[data-sort=change] button").length === 1`,
	} {
		if !browsertest.Eval[bool](b, js) {
			t.Errorf("%s is lost", what)
		}
	}
	s.events <- event(t, "log", []string{"first line", "<b>second</b> line"})
	b.Wait(`document.querySelector("#log pre").textContent === "first line\n<b>second</b> line"`)
	done := later()
	done.Live = nil
	s.events <- pageEvent(t, s.set(done)) + event(t, "done", nil)
	b.Wait(`document.getElementById("status").innerText.includes("INTERRUPTED") && document.getElementById("live").children.length === 0`)
	clean(t, b, server.URL)
}

func TestServedExperimentPageFetchesItself(t *testing.T) {
	s := &served{events: make(chan string)}
	s.set(reporttest.Running())
	server := s.start(t)
	b := browsertest.Open(t)
	b.Go(server.URL + "/experiments/001-mpt-hash-cache.html")
	in := reporttest.Running()
	in.Plan.Experiments[0].Verdict.Reason = "another reason"
	s.events <- pageEvent(t, s.set(in))
	b.Wait(`document.getElementById("verdict").innerText.includes("another reason")`)
	contains(t, "the page", shown(b, "#order"), "every run of this experiment")
	clean(t, b, server.URL)
}

func TestServedWithoutBenchIsPolled(t *testing.T) {
	s := &served{}
	s.set(reporttest.Running())
	server := s.start(t)
	b := browsertest.Open(t)
	b.Before(hasty)
	b.Go(server.URL + "/index.html")
	b.Wait(`document.getElementById("conn").textContent === "checked every 30 s"`)
	browsertest.Eval[bool](b, `window.sameDocument = true`)
	s.set(later())
	b.Wait(`document.getElementById("learnings").innerText.includes("a new learning")`)
	if !browsertest.Eval[bool](b, `window.sameDocument`) {
		t.Error("the page was loaded anew")
	}
}

func TestFileReloadsWhileRunning(t *testing.T) {
	b := browsertest.Open(t)
	b.Before(hasty)
	b.Go(site(t, reporttest.Running()) + "/index.html")
	contains(t, "the card", shown(b, "#conn"), "reloads every 30 s")
	browsertest.Eval[bool](b, `(() => { window.sameDocument = true; document.getElementById("attack").open = true; return true; })()`)
	b.Wait(`!window.sameDocument && document.readyState === "complete" && document.getElementById("attack").open`)
	b = browsertest.Open(t) // the other tab may be about to reload
	b.Before(hasty)
	b.Go(site(t, reporttest.Stopped()) + "/index.html")
	browsertest.Eval[bool](b, `(() => { window.sameDocument = true; return new Promise(r => setTimeout(() => r(true), 600)); })()`)
	if !browsertest.Eval[bool](b, `window.sameDocument === true`) {
		t.Error("a report that is done reloads")
	}
}
