package store

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// plant makes a tree: "name": text, "name/": folder, "name*": executable, "name@": link.
func plant(t testing.TB, entries map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range entries {
		path := filepath.Join(dir, strings.TrimRight(name, "/*@"))
		ok(t, os.MkdirAll(filepath.Dir(path), 0o755))
		switch name[len(name)-1] {
		case '/':
			ok(t, os.MkdirAll(path, 0o755))
		case '@':
			ok(t, os.Symlink(text, path))
		case '*':
			write(t, path, text)
			ok(t, os.Chmod(path, 0o755))
		default:
			write(t, path, text)
		}
	}
	return dir
}

func treeSum(t testing.TB, s *Store, dir string) string {
	t.Helper()
	d, err := s.SumTree(dir)
	ok(t, err)
	return d.Sum
}

// CACHE: names that collide and unframed concatenation, which make Task take different trees for one.
func TestSoundDifferentTreesHaveDifferentSums(t *testing.T) {
	s := open(t)
	trees := []map[string]string{
		{},
		{"1": "x", "2": "y"},
		{"1": "x2y"},
		{"1": "x", "2": ""},
		{"12": "xy"},
		{"a/x": "", "b/": ""},
		{"b/x": "", "a/": ""},
		{"a/": ""},
		{"a": ""},
		{"a*": ""},
		{"a@": "nowhere"},
		{"a@": "else"},
		{"a": "nowhere"},
		{"a-b": "1", "a_b": "2"},
		{"a_b": "1", "a-b": "2"},
		{"a/b": "c"},
		{"a": "b", "b": "a"},
		{"a": "x", "b@": "a"},
		{"a": "x", "b": "x"},
		{"a": "y", "b@": "a"},
		{"A": "x", "a": "x"},
		{"a@": "x", "b@": "y"},
		{"a@": "xbl-y"}, // the same bytes as the one before, were it not for the lengths
		{"d/e/": ""},
		{"d/": "", "e/": ""},
	}
	seen := map[string]int{}
	for n, entries := range trees {
		a := treeSum(t, s, plant(t, entries))
		if b := treeSum(t, s, plant(t, entries)); a != b {
			t.Errorf("tree %d has two sums", n)
		}
		if other, ok := seen[a]; ok {
			t.Errorf("trees %v and %v have the same sum", trees[other], entries)
		}
		seen[a] = n
	}
}

func TestTreeSkipsGitAndBenchAndCountsBytes(t *testing.T) {
	s := open(t)
	plain := plant(t, map[string]string{"a": "12345", "sub/b": "123"})
	with := plant(t, map[string]string{
		"a": "12345", "sub/b": "123", ".git/config": "x", ".bench/stat": "x", "sub/.git": "gitdir: ../..", "sub/.bench/x": "y",
	})
	d, err := s.SumTree(plain)
	ok(t, err)
	if d.Size != 8 || d.Sum != treeSum(t, s, with) {
		t.Errorf("%+v, with .git and .bench %s", d, treeSum(t, s, with))
	}
}

func TestTreeSeesWhatLinksLeadTo(t *testing.T) {
	s := open(t)
	outside := plant(t, map[string]string{"data.bin": "one", "dir/part": "one", "dir/back@": "../dir"})
	dir := plant(t, map[string]string{
		"in/file@": filepath.Join(outside, "data.bin"), "in/folder@": filepath.Join(outside, "dir"),
		"in/round@": "..", "in/inside@": "../in",
	})
	first := treeSum(t, s, dir)
	write(t, filepath.Join(outside, "data.bin"), "two")
	second := treeSum(t, s, dir)
	write(t, filepath.Join(outside, "dir/part"), "two")
	third := treeSum(t, s, dir)
	if first == second || second == third {
		t.Errorf("a change behind a link was missed: %s %s %s", first, second, third)
	}
	if treeSum(t, s, filepath.Join(dir, "in", "..")) != third {
		t.Error("the same tree by another name has another sum")
	}
}

func TestTreeRefusesWhatHasNoBytes(t *testing.T) {
	s := open(t)
	fifo := plant(t, nil)
	ok(t, syscall.Mkfifo(filepath.Join(fifo, "pipe"), 0o644))
	up := plant(t, map[string]string{"sub/up@": ".."})
	for dir, parts := range map[string][]string{
		fifo:                                   {"pipe", "named pipe"},
		plant(t, map[string]string{"l@": "l"}): {"leads to itself"},
		plant(t, map[string]string{"l@": "/dev/null"}): {"leads to a device"},
		filepath.Join(up, "sub"):                       {"holds the tree itself"},
		write(t, filepath.Join(up, "file"), ""):        {"not a folder"},
		filepath.Join(up, "absent"):                    {"absent"},
	} {
		_, err := s.SumTree(dir)
		wantError(t, err, parts...)
	}
}

func TestTreeUsesTheStatCacheAndRecordsItsLooks(t *testing.T) {
	s := open(t)
	later(s)
	dir := plant(t, map[string]string{"a": "1", "sub/b": "2", "empty/": "", "l@": "a"})
	treeSum(t, s, dir)
	if !cached(t, s, filepath.Join(dir, "sub/b")) {
		t.Error("a file of the tree is not in the stat cache")
	}
	looks := s.Looked()
	if !s.Unchanged(looks) {
		t.Fatal("nothing changed")
	}
	for what, change := range map[string]func(dir string) error{
		"new file":      func(d string) error { return os.WriteFile(filepath.Join(d, "empty/new"), nil, 0o644) },
		"removed":       func(d string) error { return os.Remove(filepath.Join(d, "sub/b")) },
		"edited":        func(d string) error { return os.WriteFile(filepath.Join(d, "a"), []byte("longer"), 0o644) },
		"made runnable": func(d string) error { return os.Chmod(filepath.Join(d, "a"), 0o755) },
		"link elsewhere": func(d string) error {
			os.Remove(filepath.Join(d, "l"))
			return os.Symlink("sub/b", filepath.Join(d, "l"))
		},
	} {
		t.Run(what, func(t *testing.T) {
			s := open(t)
			later(s)
			dir := plant(t, map[string]string{"a": "1", "sub/b": "2", "empty/": "", "l@": "a"})
			treeSum(t, s, dir)
			ok(t, change(dir))
			if s.Unchanged(s.Looked()) {
				t.Error("not noticed")
			}
		})
	}
}
