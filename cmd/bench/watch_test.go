package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/benchfile/bench/pipeline/store"
)

// BenchmarkWatch times what lies between a save and the written report, but for the quiet that is waited for:
//
//	go test ./cmd/bench -run '^$' -bench Watch -benchtime 10x
func BenchmarkWatch(b *testing.B) {
	bin := buildBench(b)
	for _, experiments := range []int{50, 1000} {
		b.Run(fmt.Sprintf("experiments=%d", experiments), func(b *testing.B) {
			dir := filepath.Join(b.TempDir(), "study")
			settledStudy(b, bin, dir, experiments*12)
			w := quietly(b, dir)
			defer w.close()
			n := 0
			refresh := func() {
				if err := w.refresh(context.Background(), context.Background(), time.Now()); err != nil {
					b.Fatal(err)
				}
			}
			refresh()
			for b.Loop() {
				b.StopTimer()
				n++
				rename(b, w.path, n)
				b.StartTimer()
				refresh()
				b.StopTimer()
				page, err := os.ReadFile(filepath.Join(dir, "benchmarks/report/index.html"))
				if want := fmt.Sprintf("many steps %d<", n); err != nil || !bytes.Contains(page, []byte(want)) {
					b.Fatalf("the report does not hold %q, %v", want, err)
				}
				b.StartTimer()
			}
		})
	}
}

// rename gives a study another objective, which is its first line.
func rename(tb testing.TB, path string, n int) {
	old, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(old), "\n")
	write(tb, path, fmt.Sprintf("study \"many\" { objective = \"many steps %d\" }\n", n)+rest)
}

// quietly is a watch that says nothing, on the Benchfile in a folder.
func quietly(tb testing.TB, dir string) *watching {
	tb.Helper()
	a := &app{out: io.Discard, err: io.Discard, file: filepath.Join(dir, "benchfile.hcl")}
	w, err := a.newWatching(watchFlags{})
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

// Whoever wants the repository's lock waits for a watch that writes the report, and for nobody else.
func TestABriefHolderIsWaitedFor(t *testing.T) {
	dir := filepath.Join(t.TempDir(), ".bench")
	h := holder()
	h.Brief = true
	l, err := store.LockRepo(dir, h)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		time.Sleep(300 * time.Millisecond)
		l.Close()
	})
	mine, err := lockRepo(dir, holder())
	wg.Wait()
	if err != nil {
		t.Fatal(err)
	}
	defer mine.Close()
	began := time.Now()
	if _, err := lockRepo(dir, holder()); err == nil || brief(err) || time.Since(began) > briefly/2 {
		t.Errorf("a holder that stays: %v after %v", err, time.Since(began))
	}
}
