package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// later makes every file that is there now old enough to be trusted.
func later(s *Store) { s.clock.fake = func() int64 { return time.Now().Add(time.Hour).UnixNano() } }

// reads counts the files that are read for hashing, by their access in the cache: what is not known is read.
func cached(t *testing.T, s *Store, path string) bool {
	t.Helper()
	s.loadStats()
	st, err := statPath(path, true)
	ok(t, err)
	_, hit := s.stats.get(path, st, s.now())
	return hit
}

func sum(t testing.TB, s *Store, path string) string {
	t.Helper()
	d, err := s.Sum(path)
	ok(t, err)
	return d.Sum
}

func TestSumIsSha256AndRemembered(t *testing.T) {
	s := open(t)
	later(s)
	path := write(t, filepath.Join(t.TempDir(), "in"), "block")
	d, err := s.Sum(path)
	ok(t, err)
	if d != (Digest{sumOf("block"), 5}) {
		t.Errorf("%+v", d)
	}
	if !cached(t, s, path) {
		t.Error("hashed and not remembered")
	}
	ok(t, s.SaveStat())
	s = reopen(t, s.Dir())
	if !cached(t, s, path) {
		t.Error("not remembered by the next process")
	}
	// An answer from the cache reads nothing: a wrong sum put there comes back.
	e, _ := s.stats.find(path)
	e.sum[0] ^= 1
	s.stats.set(path, e)
	if got := sum(t, s, path); got == sumOf("block") {
		t.Error("the file was read again")
	}
	s.Rehash()
	if got := sum(t, s, path); got != sumOf("block") {
		t.Errorf("after Rehash: %s", got)
	}
}

func TestSumFollowsALinkAndRefusesTheRest(t *testing.T) {
	s := open(t)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "real"), "a")
	write(t, filepath.Join(dir, "other"), "b")
	link := filepath.Join(dir, "link")
	ok(t, os.Symlink("real", link))
	if got := sum(t, s, link); got != sumOf("a") {
		t.Errorf("through a link: %s", got)
	}
	ok(t, os.Remove(link))
	ok(t, os.Symlink("other", link))
	if got := sum(t, s, link); got != sumOf("b") {
		t.Errorf("through the link that leads elsewhere now: %s", got)
	}
	fifo, loop := filepath.Join(dir, "fifo"), filepath.Join(dir, "loop")
	ok(t, syscall.Mkfifo(fifo, 0o644))
	ok(t, os.Symlink("loop", loop))
	for path, what := range map[string]string{
		dir: "it is a folder", fifo: "named pipe", "/dev/zero": "a device", loop: "symbolic links",
		filepath.Join(dir, "absent"): "does not exist", link + "\x00": "invalid argument",
	} {
		_, err := s.Sum(path)
		wantError(t, err, what)
	}
}

func TestSumAllKeepsOrderAndReportsTheFirstError(t *testing.T) {
	s := open(t)
	dir := t.TempDir()
	var paths []string
	for n := range 50 {
		paths = append(paths, write(t, filepath.Join(dir, fmt.Sprint(n)), fmt.Sprint("file ", n)))
	}
	for range 2 {
		sums, err := s.SumAll(paths)
		ok(t, err)
		for n, d := range sums {
			if d.Sum != sumOf(fmt.Sprint("file ", n)) {
				t.Errorf("%d: %+v", n, d)
			}
		}
		later(s)
	}
	ok(t, os.Remove(paths[7]))
	ok(t, os.Remove(paths[30]))
	_, err := s.SumAll(paths)
	wantError(t, err, paths[7])
}

// CACHE: a same-size edit with its mtime put back, which make, ninja, SCons and Snakemake miss.
func TestSoundSameSizeEditWithRestoredMtime(t *testing.T) {
	s := open(t)
	later(s)
	path := write(t, filepath.Join(t.TempDir(), "in"), "aaaa")
	old := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	ok(t, os.Chtimes(path, old, old))
	sum(t, s, path)
	before, err := statPath(path, false)
	ok(t, err)
	waitForTick(t, path, before)
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	ok(t, err)
	_, err = f.WriteString("bbbb")
	ok(t, err)
	ok(t, f.Close())
	ok(t, os.Chtimes(path, old, old))
	if got := sum(t, s, path); got != sumOf("bbbb") {
		t.Error("the edit was missed")
	}
}

// waitForTick returns when the file system's clock has moved on from the file's own times, so that the edit
// that follows is not in their tick. (Edits in the same tick are the racy guard's, tested below.)
func waitForTick(t *testing.T, path string, st Stat) {
	t.Helper()
	probe := path + ".tick"
	for range 100_000 {
		write(t, probe, "x")
		now, err := statPath(probe, false)
		ok(t, err)
		if now.Mtime > st.newest() {
			return
		}
	}
	t.Fatal("the file system's clock stands still")
}

// CACHE: an older file moved in, which whatever compares with "newer than" misses.
func TestSoundOlderFileMovedIn(t *testing.T) {
	s := open(t)
	later(s)
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "in"), "new")
	sum(t, s, path)
	older := write(t, filepath.Join(dir, "backup"), "old")
	long := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	ok(t, os.Chtimes(older, long, long))
	ok(t, os.Rename(older, path))
	if got := sum(t, s, path); got != sumOf("old") {
		t.Error("the older file was missed")
	}
}

// CACHE: an edit in the same second (in the same tick, even) as the hashing: what is fresh is not trusted, so
// that equal stat records with other bytes behind them do no harm.
func TestSoundEditInTheSameSecond(t *testing.T) {
	s := open(t)
	path := write(t, filepath.Join(t.TempDir(), "in"), "aaaa")
	sum(t, s, path)
	e, _ := s.stats.find(path)
	if !e.racy {
		t.Fatal("a file written just now is trusted")
	}
	// The worst case made certain: the edit left exactly the record that the cache has.
	write(t, path, "bbbb")
	st, err := statPath(path, false)
	ok(t, err)
	e.stat = st
	s.stats.set(path, e)
	ok(t, s.SaveStat())
	s = reopen(t, s.Dir())
	later(s)
	if got := sum(t, s, path); got != sumOf("bbbb") {
		t.Error("the edit was missed")
	}
	if e, _ := s.stats.find(path); e.racy {
		t.Error("hashed again when it was old enough, and still not trusted")
	}
}

func TestSoundRacyBoundary(t *testing.T) {
	st := Stat{Mode: 1, Mtime: 10e9, Ctime: 12e9}
	for now, want := range map[int64]bool{0: true, 12e9: true, 14e9: true, 14e9 + 1: false} {
		if racy(st, now) != want {
			t.Errorf("newest 12 s, now %d ns: racy is %v", now, !want)
		}
	}
	if racy(Stat{}, 0) {
		t.Error("a missing file is racy")
	}
}

func TestFsClockIsTheFileSystemsAndMoves(t *testing.T) {
	s := open(t)
	a := s.fsNow()
	path := write(t, filepath.Join(s.Dir(), "x"), "")
	st, err := statPath(path, false)
	ok(t, err)
	if d := time.Duration(st.Mtime - a); a == 0 || d < -time.Minute || d > time.Minute {
		t.Errorf("clock %d, file %d", a, st.Mtime)
	}
	reader, err := OpenReadOnly(s.Dir())
	ok(t, err)
	defer reader.Close()
	if reader.fsNow() != 0 {
		t.Error("a read-only store wrote to read the clock")
	}
}

// A writer is at work: each time the file is looked at it is another.
func TestFileThatChangesWhileItIsReadIsRefused(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "in"), strings.Repeat("a", 3*bufferSize))
	f, before, err := openRegular(path)
	ok(t, err)
	defer f.Close()
	ok(t, os.Truncate(path, 10))
	after, err := statFile(f)
	ok(t, err)
	if before == after {
		t.Error("a truncation left the same record")
	}
	wantError(t, changedWhileRead(path), path, "changed while it was being read", "then run")

	// Through the front door: a file under /proc has no size and other times at each look.
	s := open(t)
	_, err = s.Sum("/proc/self/stat")
	wantError(t, err, "/proc/self/stat", "changed while it was being read")
}

func TestStatCacheOfAnyDamageIsEmptyWithANote(t *testing.T) {
	s := open(t)
	later(s)
	path := write(t, filepath.Join(t.TempDir(), "in"), "x")
	sum(t, s, path)
	ok(t, s.SaveStat())
	name := filepath.Join(s.Dir(), statName)
	good := read(t, name)
	check := func(what, data string) {
		t.Helper()
		write(t, name, data)
		r, err := OpenReadOnly(s.Dir())
		ok(t, err)
		defer r.Close()
		r.loadStats()
		if len(r.stats.base) != 0 || len(r.Warnings()) != 1 {
			t.Errorf("%s: %d entries, warnings %v", what, len(r.stats.base), r.Warnings())
		}
	}
	for i := range good {
		check(fmt.Sprint("cut at ", i), good[:i])
		flipped := []byte(good)
		flipped[i] ^= 0x10
		check(fmt.Sprint("flipped at ", i), string(flipped))
	}
	check("longer", good+"x")
}

func TestStatCacheIsWrittenOnlyWhenChangedAndForgetsTheUnused(t *testing.T) {
	s := open(t)
	later(s)
	path := write(t, filepath.Join(t.TempDir(), "in"), "x")
	name := filepath.Join(s.Dir(), statName)
	ok(t, s.SaveStat())
	if _, err := os.Stat(name); err == nil {
		t.Error("written without a change")
	}
	sum(t, s, path)
	ok(t, s.SaveStat())
	first, err := statPath(name, false)
	ok(t, err)
	s = reopen(t, s.Dir())
	later(s)
	sum(t, s, path)
	ok(t, s.SaveStat())
	if again, _ := statPath(name, false); again != first {
		t.Error("written again without a change")
	}
	s.now = func() time.Time { return testDay().Add(31 * 24 * time.Hour) }
	sum(t, s, write(t, path+"2", "y"))
	ok(t, s.SaveStat())
	s = reopen(t, s.Dir())
	s.loadStats()
	if len(s.stats.base) != 1 {
		t.Errorf("%d entries a month later, want the one in use", len(s.stats.base))
	}
}

func FuzzStatFile(f *testing.F) {
	e := statEntry{stat: Stat{1, 2, 3, 4, 5, 6}, used: 7, racy: true}
	f.Add(encodeStats([]namedEntry{{"", e}, {"/a", e}})[len(statMagic)+4:])
	f.Fuzz(func(t *testing.T, body []byte) {
		entries, err := readStats(&frameReader{body: body})
		if err != nil {
			return
		}
		if again := encodeStats(entries)[len(statMagic)+4:]; string(again) != string(body) {
			t.Fatalf("two forms of one cache: %q, %q", body, again)
		}
		c := statCache{base: entries}
		for _, e := range entries {
			if found, ok := c.find(e.path); !ok || found != e.statEntry {
				t.Fatalf("%q is not found", e.path)
			}
		}
	})
}
