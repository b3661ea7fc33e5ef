// Package browsertest lets tests look at pages as people do: in Chromium. One browser serves all tests of a package;
// each test has a tab of its own. It is the only place that knows chromedp, whose interface changes often. It does not
// know what the pages are.
//
// Where there is no Chromium, tests skip and say so; with CI=true they fail, so that a machine that is there to test
// cannot pass by not looking.
package browsertest

import (
	"context"
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// axe is axe-core 4.14.1, unchanged, under the MPL-2.0 (testdata/axe-LICENSE.txt).
//
//go:embed testdata/axe.min.js
var axe string

// patience is how long a tab may take for everything that a test asks of it.
const patience = 90 * time.Second

// process is the browser that all tests of a package share.
type process struct {
	ctx  context.Context
	stop context.CancelFunc
	why  string // why there is none
}

var browser = sync.OnceValue(start)

// find looks for Chromium under the names that distributions give it.
func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	return ""
}

func start() process {
	program := find()
	if program == "" {
		return process{why: "no chromium on this machine (apt-get install chromium)"}
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1400, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("allow-file-access-from-files", false), chromedp.Flag("font-render-hinting", "none"),
	)
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stop := chromedp.NewContext(allocator)
	end := func() { stop(); stopAllocator() }
	if err := chromedp.Do(ctx); err != nil {
		end()
		return process{why: program + " does not start: " + err.Error()}
	}
	return process{ctx: ctx, stop: end}
}

// Main runs a package's tests and ends the browser after them. Use it as the body of TestMain.
func Main(m *testing.M) {
	code := m.Run()
	Close()
	os.Exit(code)
}

// Close ends the browser, if there is one. Packages whose TestMain is another's call it after their tests.
func Close() {
	if started() {
		browser().stop()
	}
}

// used says that a test has asked for the browser.
var used sync.Once

func started() bool {
	was := true
	used.Do(func() { was = false })
	return was && browser().ctx != nil
}

// Open gives a test a tab of its own. It skips the test where there is no browser.
func Open(t testing.TB) *Tab {
	t.Helper()
	used.Do(func() {})
	p := browser()
	if p.ctx == nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(p.why)
		}
		t.Skip(p.why)
	}
	ctx, stop := chromedp.NewContext(p.ctx)
	limited, cancel := context.WithTimeout(ctx, patience)
	t.Cleanup(func() { cancel(); stop() })
	b := &Tab{t: t, ctx: limited}
	b.listen()
	return b
}

// Folder writes files into a folder of the test's own and says where it is.
func Folder(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
