package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/benchfile/bench/pipeline/watch"
	"github.com/benchfile/bench/render/html"
)

// eventsPath is where a page hears that it changed. Pages reach it by a relative link.
const eventsPath = "/_bench/events"

// keepAlive is how often an idle connection says that it is one.
const keepAlive = 15 * time.Second

// hub tells those who look on what changed: first the sections of their page, then the log, then that it is over. While
// nobody looks on it does nothing at all. It only ever wakes its clients; each then sees for itself how things are, so
// that a slow one skips what it missed and holds up nobody.
type hub struct {
	site  *site
	bench string // the folder .bench

	mu      sync.Mutex
	clients map[*client]bool
	stop    func() // ends follow; nil: nobody looks on
	now     moment
}

// client is a page that looks on.
type client struct {
	page string
	wake chan struct{} // of one: that something is new, however much
	runs int           // moment.runs when it came
}

// moment is how things are with the step that runs.
type moment struct {
	live  string // the section about it; "" before the first look
	log   []string
	ended string // how it ended; "" while something runs
	runs  int    // how often one was seen to end
}

func newHub(s *site, bench string) *hub {
	return &hub{site: s, bench: bench, clients: map[*client]bool{}}
}

// serve follows one page until its browser goes away.
func (h *hub) serve(rw http.ResponseWriter, r *http.Request) {
	page := r.URL.Query().Get("page")
	if page == "" {
		page = "index.html"
	}
	if !servable(page) || path.Ext(page) != ".html" {
		refuse(rw, http.StatusNotFound, "there is no such page in the report")
		return
	}
	head := rw.Header()
	head.Set("Content-Type", "text/event-stream")
	head.Set("Cache-Control", "no-store")
	head.Set("X-Accel-Buffering", "no")
	if r.Method == http.MethodHead {
		return
	}
	c := &client{page: page, wake: make(chan struct{}, 1)}
	if !h.join(c) {
		head.Set("Retry-After", "60")
		refuse(rw, http.StatusServiceUnavailable, "too many pages follow this report already")
		return
	}
	defer h.leave(c)
	h.follow(rw, r, c)
}

// stream is one client's connection, and what it was told.
type stream struct {
	rw   http.ResponseWriter
	rc   *http.ResponseController
	tag  string            // of the page that was looked at last
	sent map[string]string // section → its HTML
	log  []string
	runs int
}

func (h *hub) follow(rw http.ResponseWriter, r *http.Request, c *client) {
	s := &stream{rw: rw, rc: http.NewResponseController(rw), sent: map[string]string{}, runs: c.runs}
	_ = s.rc.SetReadDeadline(time.Time{}) // the limits of the server are for those who come and go
	if s.write("retry: 2000\n\n") != nil {
		return
	}
	alive := time.NewTicker(keepAlive)
	defer alive.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-alive.C:
			if s.write(": keep-alive\n\n") != nil {
				return
			}
		case <-c.wake:
			if s.tell(h, c.page) != nil {
				return
			}
		}
	}
}

// tell sends what is not as it was told last.
func (s *stream) tell(h *hub, page string) error {
	m := h.moment()
	if changed := s.sections(h, page, m); len(changed) > 0 {
		if err := s.event("page", map[string]any{"sections": changed}); err != nil {
			return err
		}
	}
	if !slices.Equal(m.log, s.log) {
		s.log = m.log
		if err := s.event("log", m.log); err != nil {
			return err
		}
	}
	if m.runs != s.runs {
		s.runs = m.runs
		return s.event("done", map[string]string{"how": m.ended})
	}
	return nil
}

// sections are those whose HTML is another one than the client has.
func (s *stream) sections(h *hub, page string, m moment) map[string]string {
	changed := map[string]string{}
	put := func(id, text string) {
		if s.sent[id] != text {
			s.sent[id], changed[id] = text, text
		}
	}
	data, _, err := h.site.read(page)
	if err != nil {
		return nil // not written yet
	}
	if tag := etag(data); tag != s.tag {
		s.tag = tag
		for _, x := range html.Sections(data) {
			if x.ID != html.LiveID {
				put(x.ID, x.HTML)
			}
		}
	}
	if page == "index.html" {
		put(html.LiveID, m.live)
	}
	return changed
}

// event sends one. JSON has no line ends, so that an event is always one line of data.
func (s *stream) event(kind string, data any) error {
	b, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return s.write(fmt.Sprintf("event: %s\ndata: %s\n\n", kind, b))
}

// eventTimeout is how long one event may take to leave. A browser that does not read for that long has to come again.
const eventTimeout = 10 * time.Second

func (s *stream) write(text string) error {
	if err := s.rc.SetWriteDeadline(time.Now().Add(eventTimeout)); err != nil {
		return err
	}
	if _, err := s.rw.Write([]byte(text)); err != nil {
		return err
	}
	return s.rc.Flush()
}

func (h *hub) moment() moment {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// join begins to follow with the first client, and says whether there is room for this one.
func (h *hub) join(c *client) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.clients) >= maxWatching {
		return false
	}
	h.clients[c] = true
	c.wake <- struct{}{}
	c.runs = h.now.runs
	if h.stop != nil {
		h.stop()
	}
	h.begin()
	return true
}

func (h *hub) leave(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.clients, c)
	if len(h.clients) == 0 {
		h.end()
	}
}

// close ends following whoever looks on.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.end()
}

func (h *hub) end() {
	if h.stop != nil {
		h.stop()
		h.stop = nil
	}
}

// begin watches the pages that are looked at, and the state of what runs. The caller holds the lock.
func (h *hub) begin() {
	pages := map[string]bool{}
	for c := range h.clients {
		pages[filepath.Join(h.site.dir, filepath.FromSlash(c.page))] = true
	}
	w := watch.New(watch.Set{
		Root: h.site.root, Files: append(slices.Collect(maps.Keys(pages)), filepath.Join(h.bench, "state.json")),
	}, watch.Options{Quiet: 50 * time.Millisecond, Most: 500 * time.Millisecond})
	quit := make(chan struct{})
	h.stop = func() { close(quit) }
	h.now.look(h.bench)
	go h.watch(w, quit)
}

// glance is how often is looked at what no file tells of: what the running step writes, and whether its process lives.
const glance = time.Second

func (h *hub) watch(w *watch.Watcher, quit chan struct{}) {
	defer w.Close()
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for {
		select {
		case <-quit:
			return
		case <-w.Changes():
			h.look(true)
		case <-tick.C:
			h.look(false)
		}
	}
}

// look sees how things are and wakes the clients when they are not as they were. A glance is for what runs only.
func (h *hub) look(changed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !changed && h.now.ended != "" {
		return
	}
	if h.now.look(h.bench) || changed {
		for c := range h.clients {
			select {
			case c.wake <- struct{}{}:
			default: // it was told that there is news, and did not look yet
			}
		}
	}
}

// look says whether anything is new.
func (m *moment) look(bench string) bool {
	was := *m
	st, err := readState(bench)
	switch {
	case err != nil: // as it was: the next look may do better
		return false
	case st == nil:
		m.live, m.ended = html.Live(nil).HTML, "none"
	default:
		if lines := logTail(bench, st.Logs); len(lines) > 0 {
			m.log = lines
		}
		if st.Live != nil {
			st.Live.Log = strings.Join(m.log, "\n")
		}
		m.live, m.ended = html.Live(st.Live).HTML, st.Ended
	}
	if was.live != "" && was.ended == "" && m.ended != "" {
		m.runs++
	}
	return was.live != m.live || was.ended != m.ended || !slices.Equal(was.log, m.log)
}
