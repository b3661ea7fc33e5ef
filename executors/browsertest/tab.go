package browsertest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Keys that have no letter.
const (
	Enter     = kb.Enter
	Escape    = kb.Escape
	Tabulator = kb.Tab
	Right     = kb.ArrowRight
)

// Tab is a page that a test looks at. Whatever goes wrong in the browser ends the test.
type Tab struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	problems []string
	requests []string
}

// listen collects what a page complains of and what it asks for.
func (b *Tab) listen() {
	b.do("open a tab", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{})
		return err
	}))
	messages := chromedp.Console(b.ctx)
	sent := chromedp.Events(b.ctx, network.RequestWillBeSent)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleException || m.Type == chromedp.ConsoleWarning {
				b.mu.Lock()
				b.problems = append(b.problems, m.Text)
				b.mu.Unlock()
			}
		}
	}()
	go func() {
		for e, err := range sent {
			if err != nil {
				return
			}
			b.mu.Lock()
			b.requests = append(b.requests, e.Request.URL)
			b.mu.Unlock()
		}
	}()
}

func (b *Tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatalf("browser: %s: %v", what, err)
	}
}

// Go opens an address; a path is a file.
func (b *Tab) Go(address string) {
	b.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = "file://" + address
	}
	b.do("open "+address, chromedp.Navigate(address))
}

// Eval is the value of an expression, promises awaited.
func Eval[T any](b *Tab, js string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("browser: %s: %v", short(js), err)
	}
	return v
}

// Wait waits until an expression is true, for ten seconds at most.
func (b *Tab) Wait(js string) {
	b.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("!!("+js+")")); err == nil && ok {
			return
		}
	}
	b.t.Fatalf("browser: %s does not become true", short(js))
}

// Click presses the first element that matches, where a person would.
func (b *Tab) Click(css string) {
	b.t.Helper()
	b.do("click "+css, chromedp.Click(chromedp.CSS(css)))
}

// Focus gives the keyboard to an element.
func (b *Tab) Focus(css string) {
	b.t.Helper()
	b.do("focus "+css, chromedp.Focus(chromedp.CSS(css)))
}

// Key types into whatever has the keyboard.
func (b *Tab) Key(keys string) {
	b.t.Helper()
	b.do("type", chromedp.KeyEvent(keys))
}

// Size makes the window so large, in pixels.
func (b *Tab) Size(width, height int) {
	b.t.Helper()
	b.do("resize", chromedp.EmulateViewport(int64(width), int64(height)))
}

// Scheme asks for "light" or "dark", as the system's setting would.
func (b *Tab) Scheme(scheme string) {
	b.t.Helper()
	b.media("", scheme)
}

// Print shows the page as it is printed.
func (b *Tab) Print() {
	b.t.Helper()
	b.media("print", "light")
}

func (b *Tab) media(media, scheme string) {
	b.t.Helper()
	b.do("set the scheme", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Media: media, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
}

// Before runs a script in every page that is opened from now on, before the page's own.
func (b *Tab) Before(js string) {
	b.t.Helper()
	b.do("add a script", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: js})
		return err
	}))
}

// NoScript opens pages without their scripts from now on; Eval still works.
func (b *Tab) NoScript() {
	b.t.Helper()
	b.do("turn scripts off", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
}

// PNG is a picture of the whole page.
func (b *Tab) PNG() []byte {
	b.t.Helper()
	r, err := chromedp.Run(b.ctx, func(ctx context.Context, t *chromedp.Target) (page.CaptureScreenshotResult, error) {
		return cdp.Call(ctx, t, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: new(true)})
	})
	if err != nil {
		b.t.Fatalf("browser: screenshot: %v", err)
	}
	return r.Data
}

// PDF is the page as it is printed.
func (b *Tab) PDF() []byte {
	b.t.Helper()
	data, err := chromedp.Run(b.ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFPrintBackground()))
	if err != nil {
		b.t.Fatalf("browser: print: %v", err)
	}
	return data
}

// Violations are what axe-core finds against the page: rule, how many, and the first place. Without names of rules, all
// are held.
func (b *Tab) Violations(rules ...string) []string {
	b.t.Helper()
	Eval[bool](b, axe+";true")
	only := ""
	if len(rules) > 0 {
		only = `, runOnly: ["` + strings.Join(rules, `", "`) + `"]`
	}
	return Eval[[]string](b, `axe.run(document, {resultTypes: ["violations"], iframes: false`+only+`}).then(r => r.violations.map(v => v.id + " ×" + v.nodes.length + ": " + v.nodes[0].html.slice(0, 200) + " – " + (v.nodes[0].failureSummary || "").replace(/\s+/g, " ").slice(0, 300)))`)
}

// Problems are what the page complained of: errors, exceptions, breaches of its own policy.
func (b *Tab) Problems() []string {
	Eval[bool](b, "true") // what the page said before this is here now
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.problems)
}

// Foreign are the addresses asked for that don't begin with home.
func (b *Tab) Foreign(home string) []string {
	Eval[bool](b, "true")
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, r := range b.requests {
		if !strings.HasPrefix(r, home) && !strings.HasPrefix(r, "data:") && r != "about:blank" {
			out = append(out, r)
		}
	}
	return out
}

func short(js string) string { return fmt.Sprintf("%.120s", js) }
