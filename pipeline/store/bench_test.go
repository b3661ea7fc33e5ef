package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkUnchanged is what a session with nothing to do costs: one statx a file.
func BenchmarkUnchanged(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := open(b)
			later(s)
			dir := b.TempDir()
			for i := range n {
				path := filepath.Join(dir, fmt.Sprintf("%03d", i/1000), fmt.Sprintf("%03d", i%1000))
				if i%1000 == 0 {
					ok(b, os.Mkdir(filepath.Dir(path), 0o755))
				}
				ok(b, os.WriteFile(path, nil, 0o644))
				ok(b, s.Look(path))
			}
			looks := s.Looked()
			b.ReportAllocs()
			for b.Loop() {
				if !s.Unchanged(looks) {
					b.Fatal("changed")
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/file")
		})
	}
}

// BenchmarkReadSettled loads the memo of 20,000 files: to be under 5 ms.
func BenchmarkReadSettled(b *testing.B) {
	s := open(b)
	memo := Settled{Fingerprint: "f", Message: "nothing to do"}
	for i := range 20_000 {
		memo.Looks = append(memo.Looks, Look{Path: fmt.Sprintf("/home/somebody/project/.bench/actions/%02x/%064x.json", i%256, i), Stat: Stat{1, 2, 3, 4, 5, 6}})
	}
	ok(b, s.WriteSettled(memo))
	for b.Loop() {
		if _, found := s.ReadSettled(); !found {
			b.Fatal("not settled")
		}
	}
}

// BenchmarkLoadStats loads the stat cache of 20,000 files: to be under 5 ms.
func BenchmarkLoadStats(b *testing.B) {
	s := open(b)
	s.loadStats()
	for i := range 20_000 {
		s.stats.put(fmt.Sprintf("/home/somebody/project/inputs/some/folder/%06d.bin", i), fileSum{stat: Stat{1, 2, 3, 4, 5, 6}}, false, testDay())
	}
	ok(b, s.SaveStat())
	for b.Loop() {
		s.stats = statCache{}
		s.loadStats()
		if len(s.stats.base) != 20_000 {
			b.Fatal(s.Warnings())
		}
	}
}

// BenchmarkRecord is blob, action and event, each durable: what recording one result costs.
func BenchmarkRecord(b *testing.B) {
	s := open(b)
	n := 0
	for b.Loop() {
		_, err := writeRecord(s, n)
		ok(b, err)
		n++
	}
}

// BenchmarkAction reads and verifies one result.
func BenchmarkAction(b *testing.B) {
	s := open(b)
	key := sumOf("key")
	ok(b, s.PutAction(key, []byte(`{"manifest":"`+strings.Repeat("x", 2000)+`"}`)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Action(key); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSum1GiB hashes a file in the page cache, beside openssl on the same file.
func BenchmarkSum1GiB(b *testing.B) {
	const size = 1 << 30
	path := filepath.Join(b.TempDir(), "input")
	f, err := os.Create(path)
	ok(b, err)
	chunk := []byte(strings.Repeat("0123456789abcdef", bufferSize/16))
	for range size / bufferSize {
		_, err = f.Write(chunk)
		ok(b, err)
	}
	ok(b, f.Close())
	b.Run("store", func(b *testing.B) {
		s := open(b)
		b.SetBytes(size)
		for b.Loop() {
			s.Rehash()
			_, err := s.Sum(path)
			ok(b, err)
		}
	})
	b.Run("openssl", func(b *testing.B) {
		openssl, err := onPath("openssl")
		if err != nil {
			b.Skip("openssl is not installed: nothing to stand beside (Debian: apt-get install openssl)")
		}
		b.SetBytes(size)
		for b.Loop() {
			p, err := os.StartProcess(openssl, []string{"openssl", "dgst", "-sha256", path}, &os.ProcAttr{Files: make([]*os.File, 3)})
			ok(b, err)
			state, err := p.Wait()
			ok(b, err)
			if !state.Success() {
				b.Fatal(state)
			}
		}
	})
}

// BenchmarkSumAll hashes eight files of 64 MiB side by side.
func BenchmarkSumAll(b *testing.B) {
	const size, files = 64 << 20, 8
	s := open(b)
	var paths []string
	for n := range files {
		paths = append(paths, write(b, filepath.Join(b.TempDir(), fmt.Sprint(n)), strings.Repeat("x", size)))
	}
	b.SetBytes(size * files)
	for b.Loop() {
		s.Rehash()
		_, err := s.SumAll(paths)
		ok(b, err)
	}
}

// onPath finds a program; os/exec, which has this, is for executors only.
func onPath(name string) (string, error) {
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, errors.Join(fs.ErrNotExist))
}

// BenchmarkState is what it costs apply to say what it does: once a second, between runs.
func BenchmarkState(b *testing.B) {
	s, err := Open(b.TempDir()+"/.bench", time.Now)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	text := bytes.Repeat([]byte("x"), 3000)
	for b.Loop() {
		if err := s.WriteState(text); err != nil {
			b.Fatal(err)
		}
	}
}
