package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/report/reporttest"
	"github.com/benchfile/bench/pipeline/store"
	"github.com/benchfile/bench/render"
	"github.com/benchfile/bench/render/html"
)

// secret stands in every file that must not be served.
const secret = "THIS-IS-SECRET"

// served is a study's report with a server before it.
type served struct {
	*testing.T
	root string // the study's folder
	web  *web
	addr string
}

// serving writes a whole report, with secrets all around it, and serves it.
func serving(t *testing.T, hosts ...string) *served {
	t.Helper()
	s := &served{T: t, root: filepath.Join(t.TempDir(), "study")}
	r := report.Build(reporttest.Full())
	s.publish(&r)
	for _, name := range []string{
		"benchfile.hcl", "secret.txt", ".git/config", ".bench/secret", "benchmarks/report/.hidden", "benchmarks/report/.dir/file.html",
		"benchmarks/TRACKER.md", "../outside.html", "benchmarks/secret.html",
	} {
		write(t, filepath.Join(s.root, name), secret)
	}
	for link, to := range map[string]string{
		"file.html": "../../secret.txt", "abs.html": filepath.Join(s.root, "secret.txt"), "up": "../..", "root": "/", "passwd.html": "/etc/passwd", "own.html": "index.html",
	} {
		if err := os.Symlink(to, filepath.Join(s.root, "benchmarks/report", link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(s.root, "benchmarks/report/fifo.html"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.listen(hosts)
	return s
}

func (s *served) listen(hosts []string) {
	s.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.Fatal(err)
	}
	s.web, s.addr = newWeb(s.root, hosts), l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.web.run(ctx, l) }()
	s.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			s.Error(err)
		}
		s.web.hub.close()
	})
}

// publish writes artifacts as bench does: each aside, then renamed.
func (s *served) publish(r *report.Report) {
	s.Helper()
	for _, f := range render.All(*r, nil) {
		if strings.HasPrefix(f.Name, "report/") || strings.HasPrefix(f.Name, "experiments/") {
			s.put(f.Name, f.Bytes)
		}
	}
}

func (s *served) put(name string, data []byte) {
	s.Helper()
	p := filepath.Join(s.root, "benchmarks", filepath.FromSlash(name))
	write(s.T, p+".tmp", string(data))
	if err := os.Rename(p+".tmp", p); err != nil {
		s.Fatal(err)
	}
}

// ask sends a request as it is written, and returns status, header and body.
func (s *served) ask(raw string) (int, http.Header, string) {
	s.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, raw); err != nil {
		return 0, nil, ""
	}
	method, _, _ := strings.Cut(raw, " ")
	res, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	if err != nil {
		return 0, nil, ""
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, res.Header, string(b)
}

func (s *served) get(path string, header ...string) (int, http.Header, string) {
	s.Helper()
	return s.ask("GET " + path + " HTTP/1.1\r\nHost: " + s.addr + "\r\n" + strings.Join(append(header, "Connection: close", "", ""), "\r\n"))
}

func TestServedFilesAreThoseOnDisk(t *testing.T) {
	s := serving(t)
	seen := map[string]int{}
	err := filepath.WalkDir(filepath.Join(s.root, "benchmarks/report"), func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if !d.Type().IsRegular() || strings.HasPrefix(d.Name(), ".") {
			return nil
		}
		want, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(filepath.Join(s.root, "benchmarks/report"), p)
		code, head, body := s.get("/" + filepath.ToSlash(rel))
		if code != 200 || body != string(want) {
			t.Errorf("%s: %d, %d bytes of %d", rel, code, len(body), len(want))
		}
		if got := head.Get("Content-Type"); got != contentType(filepath.Ext(rel)) || head.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s is served as %s", rel, got)
		}
		csp := head.Get("Content-Security-Policy")
		if strings.Contains(csp, "unsafe") || !strings.HasPrefix(csp, "default-src 'none'; script-src 'self';") || !strings.HasSuffix(csp, "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'") {
			t.Errorf("%s: policy %s", rel, csp)
		}
		tag := head.Get("ETag")
		if code, head, body := s.get("/"+filepath.ToSlash(rel), `If-None-Match: "other", W/`+tag); code != 304 || body != "" || head.Get("ETag") != tag {
			t.Errorf("%s, when it is known: %d with %d bytes", rel, code, len(body))
		}
		if code, head, body := s.ask("HEAD /" + filepath.ToSlash(rel) + " HTTP/1.1\r\nHost: " + s.addr + "\r\nConnection: close\r\n\r\n"); code != 200 || body != "" || head.Get("Content-Length") != fmt.Sprint(len(want)) {
			t.Errorf("HEAD %s: %d, %s", rel, code, head.Get("Content-Length"))
		}
		seen[filepath.Ext(rel)]++
		return nil
	})
	if err != nil || seen[".html"] < 5 || seen[".svg"] == 0 || seen[".css"] != 1 || seen[".json"] != 1 {
		t.Errorf("seen %v, %v", seen, err)
	}
	if code, _, body := s.get("/"); code != 200 || !strings.Contains(body, "<title>") {
		t.Errorf("/ is %d", code)
	}
}

// What pages link to beside the report is there, under the name to which browsers shorten the link.
func TestFilesBesideTheReport(t *testing.T) {
	s := serving(t)
	found, err := filepath.Glob(filepath.Join(s.root, "benchmarks/experiments/*/changes.patch"))
	if err != nil || len(found) == 0 {
		t.Fatal("no patch in the report")
	}
	want, _ := os.ReadFile(found[0])
	rel, _ := filepath.Rel(filepath.Join(s.root, "benchmarks"), found[0])
	if code, _, _ := s.get("/report/../" + filepath.ToSlash(rel)); code != 404 {
		t.Errorf("a path with .. gave %d", code)
	}
	if code, head, body := s.get("/" + filepath.ToSlash(rel)); code != 200 || body != string(want) || head.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%s: %d as %s", rel, code, head.Get("Content-Type"))
	}
}

// Ten thousand paths that want out get nothing that is not the report's.
func TestNoWayOut(t *testing.T) {
	s := serving(t)
	rng := rand.New(rand.NewPCG(1, 2))
	parts := []string{
		"..", ".", "%2e%2e", "%2E.", ".%2e", "%252e%252e", "..%2f", "..%5c", "\\", "..\\", "%5c..", "%00", "%0a", "//", "/", "~", "up", "root", "etc", "passwd", "..;", "...",
		"secret.txt", "secret.html", "outside.html", "benchmarks", "report", ".git", "config", ".bench", ".hidden", ".dir", "file.html", "abs.html", "passwd.html", "fifo.html", "own.html",
		"experiments", "index.html", "charts", "C:", "%c0%ae%c0%ae", "%ef%bc%8e", "?", "#", strings.Repeat("a/", 200), strings.Repeat("../", 40), "_bench", "events", "TRACKER.md",
	}
	ours := map[string]bool{}
	_ = filepath.WalkDir(filepath.Join(s.root, "benchmarks"), func(p string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			b, _ := os.ReadFile(p)
			if !bytes.Contains(b, []byte(secret)) {
				ours[etag(b)] = true
			}
		}
		return nil
	})
	handler := s.web
	served, refused := 0, 0
	for i := range 10000 {
		var p strings.Builder
		for range 1 + rng.IntN(6) {
			if rng.IntN(5) > 0 {
				p.WriteByte('/')
			}
			p.WriteString(parts[rng.IntN(len(parts))])
		}
		target := "/" + p.String()
		var code int
		var body string
		if i%20 == 0 { // through a socket, as it is written
			code, _, body = s.get(target, "Range: bytes=0-")
		} else {
			u, err := url.ParseRequestURI(target)
			if err != nil {
				refused++
				continue
			}
			rec := &recorder{head: http.Header{}}
			ctx := context.WithValue(context.Background(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
			ctx, cancel := context.WithCancel(ctx)
			cancel() // events end at once
			handler.ServeHTTP(rec, (&http.Request{Method: "GET", URL: u, Host: "127.0.0.1", Header: http.Header{}}).WithContext(ctx))
			code, body = rec.code, rec.String()
		}
		if strings.Contains(body, secret) || strings.Contains(body, "root:x:") {
			t.Fatalf("%s gave %d: %.100q", target, code, body)
		}
		switch {
		case code == 200 && strings.HasPrefix(body, "retry:"):
		case code == 200 && ours[etag([]byte(body))]:
			served++
		case code >= 300 && code < 504 && len(body) < 1000 || code == 0:
			refused++
		default:
			t.Fatalf("%s gave %d with what is not the report's: %.100q", target, code, body)
		}
	}
	if served < 20 || refused < 5000 {
		t.Errorf("%d served, %d refused: does this test still try both?", served, refused)
	}
	for _, name := range []string{"", ".hidden", ".dir/file.html", "file.html", "abs.html", "passwd.html", "fifo.html", "own.html", "up/secret.txt", "root/etc/passwd", "experiments", "charts/", "a\x00b", "C:/x", "../secret.html"} {
		if b, _, err := s.web.site.read(name); err == nil {
			t.Errorf("%q is served: %.40q", name, b)
		}
	}
}

// A folder in the report's place that is a link is none of bench's.
func TestTheReportItselfIsALink(t *testing.T) {
	for _, which := range []string{"benchmarks", "benchmarks/report"} {
		s := serving(t)
		p := filepath.Join(s.root, which)
		if err := os.RemoveAll(p); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(s.root, p); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"/secret.txt", "/", "/benchfile.hcl", "/report/secret.txt"} {
			if code, _, body := s.get(name); code < 400 || strings.Contains(body, secret) {
				t.Errorf("%s is a link: %s gave %d", which, name, code)
			}
		}
	}
}

// recorder is a ResponseWriter without a connection.
type recorder struct {
	bytes.Buffer
	head http.Header
	code int
}

func (r *recorder) Header() http.Header { return r.head }
func (r *recorder) WriteHeader(c int)   { r.code = c }
func (r *recorder) Write(b []byte) (int, error) {
	if r.code == 0 {
		r.code = 200
	}
	return r.Buffer.Write(b)
}
func (r *recorder) Flush()                           {}
func (r *recorder) SetWriteDeadline(time.Time) error { return nil }
func (r *recorder) SetReadDeadline(time.Time) error  { return nil }

func TestHosts(t *testing.T) {
	s := serving(t, "bench.example")
	_, port, _ := net.SplitHostPort(s.addr)
	good := []string{"127.0.0.1", "127.0.0.1:" + port, "127.0.0.1:9000", "localhost", "LocalHost:80", "bench.example", "BENCH.example:1", "[::ffff:127.0.0.1]"}
	bad := []string{
		"", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evil.example:" + port, "127.0.0.2", "127.1", "2130706433", "0x7f000001", "0177.0.0.1",
		"127.0.0.1.", "localhost.", "[::1]", "[::1]:" + port, "::1", "0.0.0.0", "[::]", "10.0.0.1", "169.254.169.254", "bench.example.", "bench.example.evil", "a@127.0.0.1", "127.0.0.1@evil.example",
		"127.0.0.1:80:80", "[127.0.0.1]x", "local host", "127.0.0.1,evil.example", "xn--localhost", "localhost%00", "*", "[fe80::1%25lo]", "①②⑦.⓪.⓪.①",
	}
	if len(good)+len(bad) < 40 {
		t.Fatalf("%d hosts", len(good)+len(bad))
	}
	for _, h := range good {
		if code, _, _ := s.ask("GET /index.html HTTP/1.1\r\nHost: " + h + "\r\nConnection: close\r\n\r\n"); code != 200 {
			t.Errorf("Host %q: %d", h, code)
		}
	}
	for _, h := range bad {
		code, _, body := s.ask("GET /index.html HTTP/1.1\r\nHost: " + h + "\r\nConnection: close\r\n\r\n")
		if code != 421 && code != 400 || strings.Contains(body, "<") {
			t.Errorf("Host %q: %d %.40q", h, code, body)
		}
	}
	for name, raw := range map[string]string{
		"none":               "GET /index.html HTTP/1.1\r\nConnection: close\r\n\r\n",
		"none, HTTP/1.0":     "GET /index.html HTTP/1.0\r\n\r\n",
		"two":                "GET /index.html HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
		"one in the target":  "GET http://evil.example/index.html HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
		"folded":             "GET /index.html HTTP/1.1\r\nHost: 127.0.0.1\r\n evil.example\r\nConnection: close\r\n\r\n",
		"space before colon": "GET /index.html HTTP/1.1\r\nHost : 127.0.0.1\r\nConnection: close\r\n\r\n",
	} {
		if code, _, body := s.ask(raw); code == 200 || strings.Contains(body, "<title") {
			t.Errorf("Host header %s: %d", name, code)
		}
	}
}

func TestOtherSitesMayNotRead(t *testing.T) {
	s := serving(t)
	tests := map[string]int{
		"Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: cors":     403,
		"Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors":  403,
		"Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: no-cors":   403, // another port of this machine
		"Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate": 200, // a link that somebody followed
		"Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors":    200,
		"Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate":       200,
		"Origin: http://evil.example":                            403,
		"Origin: null":                                           403,
		"Origin: http://" + s.addr:                               200,
		"Origin: http://127.0.0.1:1":                             403,
	}
	for h, want := range tests {
		for _, p := range []string{"/data.json", "/index.html"} {
			if code, _, _ := s.get(p, h); code != want {
				t.Errorf("%s with %q: %d, want %d", p, h, code, want)
			}
		}
	}
}

func TestOnlyReading(t *testing.T) {
	s := serving(t)
	for _, m := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get", "X"} {
		code, head, body := s.ask(m + " /index.html HTTP/1.1\r\nHost: " + s.addr + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		if code != 405 || head.Get("Allow") != "GET, HEAD" || strings.Contains(body, "<title") {
			t.Errorf("%s: %d", m, code)
		}
	}
	for _, raw := range []string{"CONNECT evil.example:80 HTTP/1.1\r\nHost: " + s.addr + "\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: " + s.addr + "\r\nConnection: close\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"} {
		if code, _, body := s.ask(raw); code < 400 && code != 0 || strings.Contains(body, "<title") {
			t.Errorf("%.20q: %d", raw, code)
		}
	}
	if code, _, _ := s.get("/index.html", "X: "+strings.Repeat("a", 1<<20)); code != 431 && code != 0 {
		t.Errorf("a header of 1 MB: %d", code)
	}
	if code, _, _ := s.get("/index.html", "X: "+strings.Repeat("a", 8<<10)); code != 200 {
		t.Errorf("a header of 8 KB: %d", code)
	}
}

// Those who send slowly, or nothing, keep nobody else out for longer than the server waits for a header.
func TestSlowloris(t *testing.T) {
	if testing.Short() {
		t.Skip("takes as long as the server's patience")
	}
	s := serving(t)
	var open []net.Conn
	defer func() {
		for _, c := range open {
			c.Close()
		}
	}()
	for range maxConnections + 20 {
		c, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, c)
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-a: ")
	}
	stop := make(chan bool)
	defer close(stop)
	go func() { // a byte now and then
		for {
			select {
			case <-stop:
				return
			case <-time.After(300 * time.Millisecond):
				for _, c := range open {
					_, _ = io.WriteString(c, "a")
				}
			}
		}
	}()
	began := time.Now()
	if code, _, _ := s.get("/index.html"); code != 200 {
		t.Errorf("kept out: %d after %v", code, time.Since(began))
	}
}

// No reader ever sees half a file, and the tag is that of what was sent.
func TestReadingWhileItIsWrittenAnew(t *testing.T) {
	s := serving(t)
	page := func(i int) []byte {
		return bytes.Repeat([]byte(fmt.Sprintf("<p>%06d</p>\n", i)), 2000+i%500)
	}
	s.put("report/index.html", page(0))
	const renders, reads = 1000, 10000
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range renders {
			s.put("report/index.html", page(i+1))
		}
	}()
	var wg sync.WaitGroup
	var mu sync.Mutex
	different := map[string]bool{}
	for w := range 4 {
		wg.Go(func() {
			tr := &http.Transport{}
			defer tr.CloseIdleConnections()
			client := &http.Client{Transport: tr}
			for range reads / 4 {
				res, err := client.Get("http://" + s.addr + "/index.html")
				if err != nil {
					t.Error(err)
					return
				}
				b, err := io.ReadAll(res.Body)
				res.Body.Close()
				if err != nil || len(b) < 26000 || len(b)%14 != 0 || !bytes.Equal(b, bytes.Repeat(b[:14], len(b)/14)) || res.Header.Get("ETag") != etag(b) {
					t.Errorf("reader %d: %d bytes, %.20q … %q, %v", w, len(b), b, b[max(0, len(b)-14):], err)
					return
				}
				mu.Lock()
				different[string(b[:14])] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	<-done
	if len(different) < 50 {
		t.Errorf("the readers saw %d versions of %d", len(different), renders)
	}
}

func TestNoReportYet(t *testing.T) {
	s := &served{T: t, root: t.TempDir()}
	s.listen(nil)
	code, head, body := s.get("/")
	if code != 503 || head.Get("Refresh") != "5" || !strings.Contains(body, "bench apply") {
		t.Errorf("%d, %v, %s", code, head, body)
	}
	events := s.events("")
	r := report.Build(reporttest.Full())
	s.publish(&r)
	if e := events.wait("page"); e.sections["overview"] == "" {
		t.Errorf("told %v", e)
	}
	if code, _, _ := s.get("/"); code != 200 {
		t.Errorf("now there is one: %d", code)
	}
}

// follower reads events as a browser does.
type follower struct {
	*testing.T
	conn  net.Conn
	lines *bufio.Scanner
	kinds []string
}

type serverEvent struct {
	kind, data string
	sections   map[string]string
	log        []string
}

func (s *served) events(query string) *follower {
	s.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(2 * time.Minute))
	fmt.Fprintf(c, "GET %s%s HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\n\r\n", eventsPath, query, s.addr)
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil || res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		s.Fatalf("%v %+v", err, res)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 16<<20)
	return &follower{T: s.T, conn: c, lines: lines}
}

// next is the next event.
func (f *follower) next() serverEvent {
	f.Helper()
	var e serverEvent
	for f.lines.Scan() {
		name, value, _ := strings.Cut(f.lines.Text(), ": ")
		switch name {
		case "event":
			e.kind = value
		case "data":
			e.data = value
		case "":
			if e.kind == "" {
				continue
			}
			switch e.kind {
			case "page":
				var d struct{ Sections map[string]string }
				if err := json.Unmarshal([]byte(e.data), &d); err != nil {
					f.Fatal(err)
				}
				e.sections = d.Sections
			case "log":
				if err := json.Unmarshal([]byte(e.data), &e.log); err != nil {
					f.Fatal(err)
				}
			}
			f.kinds = append(f.kinds, e.kind)
			return e
		}
	}
	f.Fatalf("the events end after %v: %v", f.kinds, f.lines.Err())
	return e
}

// wait is the next event of a kind.
func (f *follower) wait(kind string) serverEvent {
	f.Helper()
	for {
		if e := f.next(); e.kind == kind {
			return e
		}
	}
}

// at work is a process that holds the repository's lock and says what it does.
type atWork struct {
	*testing.T
	store *store.Store
	keep  *keeper
	free  func() error
}

func (s *served) atWork() *atWork {
	s.Helper()
	dir := filepath.Join(s.root, ".bench")
	l, err := store.LockRepo(dir, holder())
	if err != nil {
		s.Fatal(err)
	}
	st, err := store.Open(dir, time.Now)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { st.Close(); l.Close() })
	return &atWork{s.T, st, &keeper{dir: dir, put: st.WriteState, state: state{Schema: schemaVersion}}, l.Close}
}

// logs is where the running step writes.
func (w *atWork) logs(name, text string) {
	w.Helper()
	write(w.T, filepath.Join(w.store.Dir(), "tmp/job-1", name), text)
}

func TestEventsFromBeginningToEnd(t *testing.T) {
	s := serving(t)
	f := s.events("")
	e := f.wait("page")
	page, _ := os.ReadFile(filepath.Join(s.root, "benchmarks/report/index.html"))
	for _, want := range html.Sections(page) {
		if want.ID != html.LiveID && e.sections[want.ID] != want.HTML {
			t.Errorf("section %s is not the page's", want.ID)
		}
	}
	if e.sections["live"] != html.Live(nil).HTML {
		t.Errorf("nothing runs, and yet %s", e.sections["live"])
	}
	w := s.atWork()
	start := measured(50)
	start.Job.Scratch = filepath.Join(w.store.Dir(), "tmp/job-1")
	w.keep.event(start)
	if e := f.wait("page"); !strings.Contains(e.sections["live"], "An idea") || len(e.sections) != 1 {
		t.Errorf("a step begins: %v", e)
	}
	var long strings.Builder
	for i := range 200 {
		fmt.Fprintf(&long, "line %d \x1b[31mred\x1b[0m <script>alert(1)</script>\n", i)
	}
	w.logs("spare.stderr", long.String())
	if e := f.wait("log"); len(e.log) != 50 || e.log[49] != "line 199 red <script>alert(1)</script>" {
		t.Errorf("log of %d lines: %q", len(e.log), e.log)
	}
	w.keep.last = time.Time{}
	w.keep.Started(0)
	for e = f.wait("page"); !strings.Contains(e.sections["live"], "of <b>100</b>"); e = f.wait("page") {
	}
	if strings.Contains(e.sections["live"], "<script>") {
		t.Errorf("what was written becomes markup: %s", e.sections["live"])
	}
	// The report is written, then the end is told: in that order it arrives.
	other := report.Build(reporttest.Stopped())
	s.publish(&other)
	w.keep.end("done")
	page, _ = os.ReadFile(filepath.Join(s.root, "benchmarks/report/index.html"))
	now := map[string]string{}
	for {
		e := f.next()
		for id, text := range e.sections {
			now[id] = text
		}
		if e.kind == "done" {
			if e.data != `{"how":"done"}` {
				t.Errorf("done: %s", e.data)
			}
			break
		}
	}
	for _, want := range html.Sections(page) {
		if got, ok := now[want.ID]; ok && want.ID != html.LiveID && got != want.HTML {
			t.Errorf("at the end section %s is not the page's", want.ID)
		}
	}
	if now["overview"] == "" || now["live"] != html.Live(nil).HTML {
		t.Errorf("at the end told: %v", now)
	}
	// A page that comes later is not told of an end that it did not see.
	late := s.events("")
	late.wait("page")
	w.keep.state.Ended = ""
	w.keep.last = time.Time{}
	w.keep.event(start)
	late.wait("page")
	if slices.Contains(late.kinds, "done") {
		t.Errorf("a late page is told %v", late.kinds)
	}
	// The process dies.
	w.free()
	if e := late.wait("done"); !strings.Contains(e.data, "interrupted") {
		t.Errorf("died: %v", e)
	}
}

func TestEventsOfAnExperimentsPage(t *testing.T) {
	s := serving(t)
	for _, q := range []string{"?page=../../secret.html", "?page=data.json", "?page=.dir/file.html", "?page=/etc/passwd"} {
		if code, _, body := s.get(eventsPath + q); code != 404 || strings.Contains(body, secret) {
			t.Errorf("%s: %d", q, code)
		}
	}
	s.put("report/experiments/x.html", []byte(`<p id="a" data-live="a">one</p>`))
	f := s.events("?page=experiments/x.html")
	if e := f.wait("page"); len(e.sections) != 1 || e.sections["a"] != `<p id="a" data-live="a">one</p>` {
		t.Errorf("told %v", e)
	}
	s.put("report/experiments/x.html", []byte(`<p id="a" data-live="a">two</p>`))
	if e := f.wait("page"); e.sections["a"] != `<p id="a" data-live="a">two</p>` {
		t.Errorf("told %v", e)
	}
}

// One who does not read holds up nobody, and is let go of in the end.
func TestASlowClient(t *testing.T) {
	s := serving(t)
	slow := s.events("")
	if c, ok := slow.conn.(*net.TCPConn); ok {
		_ = c.SetReadBuffer(64 << 10) // little of what it does not read is on its way
	}
	slow.next()
	quick := s.events("")
	quick.wait("page")
	for i := range 30 {
		text := fmt.Sprintf(`<p id="a" data-live="a">%d %s</p>`, i, strings.Repeat("x", 1<<20))
		s.put("report/index.html", []byte(text))
		for e := quick.wait("page"); e.sections["a"] != text; e = quick.wait("page") {
		}
	}
	// When it reads again, it is told the newest state at last, not thirty of them.
	last := ""
	n := 0
	for ; !strings.HasPrefix(last, `<p id="a" data-live="a">29`); n++ {
		last = slow.wait("page").sections["a"]
	}
	if n >= 30 {
		t.Errorf("a slow client was told of %d states", n)
	}
}

func TestOnlySoManyFollow(t *testing.T) {
	s := serving(t)
	var all []*follower
	for range maxWatching {
		all = append(all, s.events(""))
	}
	if code, head, _ := s.get(eventsPath); code != 503 || head.Get("Retry-After") == "" {
		t.Errorf("one more: %d", code)
	}
	if code, _, _ := s.get("/index.html"); code != 200 {
		t.Errorf("a page beside them: %d", code)
	}
	for _, f := range all {
		f.conn.Close()
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		s.web.hub.mu.Lock()
		n, following := len(s.web.hub.clients), s.web.hub.stop != nil
		s.web.hub.mu.Unlock()
		if n == 0 && !following {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d clients are left, following: %v", n, following)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// The state says where the running step's output lies; it can't lead out of .bench.
func TestLogTailStaysInside(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "outside/1.stdout"), secret)
	write(t, filepath.Join(dir, ".bench/tmp/job/000001.stdout"), "old\n")
	write(t, filepath.Join(dir, ".bench/tmp/job/000002.stderr"), "a\r\nb\x00\n\n")
	write(t, filepath.Join(dir, ".bench/tmp/job/other"), "no output")
	for link, to := range map[string]string{".bench/link": "../outside", ".bench/tmp/job/9.stdout": "../../../outside/1.stdout"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{"../outside", "link", "", "/", "..", filepath.Join(dir, "outside"), "tmp/../../outside", "gone"} {
		if lines := logTail(filepath.Join(dir, ".bench"), folder); lines != nil {
			t.Errorf("%q gives %q", folder, lines)
		}
	}
	if lines := logTail(filepath.Join(dir, ".bench"), "tmp/job"); !slices.Equal(lines, []string{"a", "b"}) {
		t.Errorf("%q", lines)
	}
}
