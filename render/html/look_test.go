package html

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/benchfile/bench/executors/browsertest"
	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/report/reporttest"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

// site writes a study's report to a folder, where people would find it.
func site(t testing.TB, in report.Input) string {
	t.Helper()
	r := report.Build(in)
	files := map[string][]byte{}
	for _, f := range Site(&r) {
		files[f.Name] = f.Bytes
	}
	data, err := r.Data()
	if err != nil {
		t.Fatal(err)
	}
	files["data.json"] = data
	return browsertest.Folder(t, files)
}

// TestLook writes pictures of every kind of page for people to look at, when BENCH_LOOK names a folder.
func TestLook(t *testing.T) {
	dir := os.Getenv("BENCH_LOOK")
	if dir == "" {
		t.Skip("BENCH_LOOK names no folder for pictures")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{"index": "index.html", "compare": "compare.html#a=001&b=004", "history": "history.html"}
	for _, x := range []string{"001-mpt-hash-cache", "003-batch-signatures", "006-u256-intrinsics", "007-prefetch", "008-unchecked", "009-segments", "010-pool", "012-kept-001-004"} {
		pages[x[:3]] = "experiments/" + x + ".html"
	}
	b := browsertest.Open(t)
	shot := func(name, url string, width int, scheme string, print bool) {
		b.Size(width, 900)
		if print {
			b.Print()
		} else {
			b.Scheme(scheme)
		}
		b.Go("about:blank")
		b.Go(url)
		if err := os.WriteFile(filepath.Join(dir, name+".png"), b.PNG(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	home := site(t, reporttest.Full())
	for name, page := range pages {
		shot(name+"-light", home+"/"+page, 1400, "light", false)
	}
	for _, name := range []string{"index", "001", "compare"} {
		shot(name+"-dark", home+"/"+pages[name], 1400, "dark", false)
		shot(name+"-phone", home+"/"+pages[name], 390, "light", false)
		shot(name+"-print", home+"/"+pages[name], 1000, "light", true)
	}
	for name, study := range map[string]func() report.Input{"running": reporttest.Running, "empty": reporttest.Empty, "baseline": reporttest.BaselineOnly, "stopped": reporttest.Stopped} {
		shot(name, site(t, study())+"/index.html", 1400, "light", false)
	}
}
