package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary be its own second process.
func TestMain(m *testing.M) {
	if role := os.Getenv("BENCH_STORE_CHILD"); role != "" {
		if err := children[role](os.Getenv("BENCH_STORE_DIR")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// testDay is the day it always is in these tests.
func testDay() time.Time { return time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC) }

func open(t testing.TB) *Store {
	t.Helper()
	return reopen(t, filepath.Join(t.TempDir(), ".bench"))
}

func reopen(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(dir, testDay)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, path, text string) string {
	t.Helper()
	ok(t, os.MkdirAll(filepath.Dir(path), 0o755))
	ok(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

func read(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	ok(t, err)
	return string(data)
}

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func wantError(t testing.TB, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}

func TestOpenMakesTheFolderAndGitIgnoresIt(t *testing.T) {
	s := open(t)
	for _, name := range []string{"actions", "blobs", "work", "tmp"} {
		if info, err := os.Stat(filepath.Join(s.Dir(), name)); err != nil || !info.IsDir() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := read(t, filepath.Join(s.Dir(), ".gitignore")); got != "*\n" {
		t.Errorf(".gitignore holds %q", got)
	}
	write(t, filepath.Join(s.Dir(), ".gitignore"), "mine\n")
	reopen(t, s.Dir())
	if got := read(t, filepath.Join(s.Dir(), ".gitignore")); got != "mine\n" {
		t.Errorf("opening again wrote .gitignore: %q", got)
	}
}

func TestOpenRefusesWhatIsNotItsOwnFolder(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	ok(t, os.Symlink(t.TempDir(), link))
	file := write(t, filepath.Join(dir, "file"), "")
	for name, open := range map[string]func(string) error{
		"writing": func(d string) error { _, err := Open(d, testDay); return err },
		"reading": func(d string) error { _, err := OpenReadOnly(d); return err },
		"locking": func(d string) error { _, err := LockRepo(d, Holder{}); return err },
	} {
		t.Run(name, func(t *testing.T) {
			wantError(t, open(link), link, "symbolic link", "remove the link")
			wantError(t, open(file), file, "not a folder", "move it away")
		})
	}
}

func TestAnotherUsersFolderIsRefused(t *testing.T) {
	d, err := openFolder(t.TempDir())
	ok(t, err)
	ok(t, ownedByMe(d, os.Geteuid()))
	wantError(t, ownedByMe(d, os.Geteuid()+1), d.path, "belongs to user", "run it as its owner")
}

func TestReadOnlyStoreWritesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), ".bench")
	s, err := OpenReadOnly(dir)
	ok(t, err)
	defer s.Close()
	key := sumOf("k")
	if _, err := s.Action(key); !errors.Is(err, ErrMissing) {
		t.Errorf("action of an empty store: %v", err)
	}
	if _, err := s.Blob(key); !errors.Is(err, ErrMissing) {
		t.Errorf("blob of an empty store: %v", err)
	}
	if events, warnings, err := s.Events(); events != nil || warnings != nil || err != nil {
		t.Errorf("events of an empty store: %v %v %v", events, warnings, err)
	}
	if _, found := s.ReadSettled(); found {
		t.Error("an empty store is settled")
	}
	if _, err := s.Sum(write(t, filepath.Join(t.TempDir(), "in"), "x")); err != nil {
		t.Error(err)
	}
	for what, err := range map[string]error{
		"PutAction":    s.PutAction(key, []byte("1")),
		"Append":       s.Append(1),
		"SaveStat":     s.SaveStat(),
		"WriteSettled": s.WriteSettled(Settled{}),
		"SweepTmp":     s.SweepTmp(),
		"PutBlob":      errOf2(s.PutBlob(bytes.NewReader(nil))),
		"Publish":      errOf(s.Publish(t.TempDir(), nil, PublishOptions{})),
		"Clean":        errOf(s.Clean(CleanOptions{})),
	} {
		if !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading made the folder: %v", err)
	}
}

func errOf[T any](_ T, err error) error          { return err }
func errOf2[T, U any](_ T, _ U, err error) error { return err }

func TestDamageIsAMissThatIsKept(t *testing.T) {
	s := open(t)
	sum, _, err := s.PutBlob(strings.NewReader("a log"))
	ok(t, err)
	path := filepath.Join(s.Dir(), "blobs", sum[:2], sum)
	for n := 1; n <= 2; n++ {
		ok(t, os.Remove(path))
		write(t, path, fmt.Sprintf("damage %d", n))
		reader, err := OpenReadOnly(s.Dir())
		ok(t, err)
		if _, err := reader.Blob(sum); !errors.Is(err, ErrDamaged) {
			t.Errorf("read-only: %v", err)
		}
		reader.Close()
		if _, err := os.Stat(path); err != nil {
			t.Errorf("a read-only store moved the damaged blob: %v", err)
		}
		_, err = s.Blob(sum)
		var damaged *DamagedError
		if !errors.As(err, &damaged) {
			t.Fatalf("got %v", err)
		}
		if got := read(t, damaged.KeptAs); got != fmt.Sprintf("damage %d", n) {
			t.Errorf("kept %q as %s", got, damaged.KeptAs)
		}
		if _, err := s.Blob(sum); !errors.Is(err, ErrMissing) {
			t.Errorf("after quarantine: %v", err)
		}
		_, _, err = s.PutBlob(strings.NewReader("a log"))
		ok(t, err)
	}
}

func TestBlobs(t *testing.T) {
	s := open(t)
	big := strings.Repeat("0123456789abcdef", 200_000)
	for _, text := range []string{"", "x", big} {
		for range 2 {
			sum, size, err := s.PutBlob(strings.NewReader(text))
			ok(t, err)
			if sum != sumOf(text) || size != int64(len(text)) {
				t.Errorf("%d bytes: sum %s, size %d", len(text), sum, size)
			}
			got, err := s.Blob(sum)
			ok(t, err)
			if string(got) != text {
				t.Errorf("%d bytes came back as %d", len(text), len(got))
			}
			info, err := os.Stat(filepath.Join(s.Dir(), "blobs", sum[:2], sum))
			ok(t, err)
			if info.Mode() != 0o444 {
				t.Errorf("mode %v", info.Mode())
			}
			if err := s.CheckBlob(sum); err != nil {
				t.Errorf("CheckBlob: %v", err)
			}
		}
	}
	if left, err := os.ReadDir(filepath.Join(s.Dir(), "tmp")); err != nil || len(left) > 1 { // the clock
		t.Errorf("left in tmp: %v, %v", left, err)
	}
	for _, bad := range []string{"", "ab", "../../../../etc/passwd", strings.ToUpper(sumOf("x")), sumOf("x") + "/"} {
		if _, err := s.Blob(bad); err == nil || errors.Is(err, ErrMissing) {
			t.Errorf("sum %q: %v", bad, err)
		}
	}
}

func TestPuttingABlobAgainMendsAWrongOne(t *testing.T) {
	s := open(t)
	sum, _, err := s.PutBlob(strings.NewReader("right"))
	ok(t, err)
	path := filepath.Join(s.Dir(), "blobs", sum[:2], sum)
	for _, wrong := range []string{"wrong", "longer than right", ""} {
		ok(t, os.Remove(path))
		write(t, path, wrong)
		_, _, err = s.PutBlob(strings.NewReader("right"))
		ok(t, err)
		if got, err := s.Blob(sum); err != nil || string(got) != "right" {
			t.Errorf("over %q: %q, %v", wrong, got, err)
		}
	}
}

func TestPutFileAndRestore(t *testing.T) {
	s := open(t)
	dir := t.TempDir()
	sum, size, err := s.PutFile(write(t, filepath.Join(dir, "prove"), "#!/bin/sh\n"))
	ok(t, err)
	if size != 10 {
		t.Errorf("size %d", size)
	}
	dst := filepath.Join(dir, "target", "release", "prove")
	for range 2 {
		ok(t, s.Restore(sum, dst, 0o755))
		info, err := os.Stat(dst)
		ok(t, err)
		if read(t, dst) != "#!/bin/sh\n" || info.Mode() != 0o755 {
			t.Errorf("restored %q with mode %v", read(t, dst), info.Mode())
		}
	}
	if left, _ := os.ReadDir(filepath.Dir(dst)); len(left) != 1 {
		t.Errorf("left beside it: %v", left)
	}
	if err := s.Restore(sumOf("absent"), dst, 0o644); !errors.Is(err, ErrMissing) {
		t.Errorf("absent: %v", err)
	}
	fifo := filepath.Join(dir, "fifo")
	ok(t, syscall.Mkfifo(fifo, 0o644))
	for path, what := range map[string]string{fifo: "named pipe", dir: "a folder", "/dev/null": "a device"} {
		_, _, err := s.PutFile(path)
		wantError(t, err, path, what)
	}
}

func TestActions(t *testing.T) {
	s := open(t)
	key := sumOf("key")
	if _, err := s.Action(key); !errors.Is(err, ErrMissing) {
		t.Errorf("before: %v", err)
	}
	for _, record := range []string{`{"manifest":"a b\n<c> & \u00e9","runs":[1,2.50,1e3]}`, `{}`, `[]`, `null`, `"x"`} {
		ok(t, s.PutAction(key, []byte(record)))
		got, err := s.Action(key)
		ok(t, err)
		var compact bytes.Buffer
		ok(t, json.Compact(&compact, got))
		if compact.String() != record {
			t.Errorf("put %s, got %s", record, got)
		}
	}
	wantError(t, s.PutAction(key, []byte("{")), key, "not a JSON value")
	wantError(t, s.PutAction("../x", []byte("{}")), "not a lower-case hex sha256")
	if got, err := s.Action(key); err != nil || string(got) != `"x"` {
		t.Errorf("after a refused record: %s, %v", got, err)
	}
}

// Names that collide: a record found under another's key is not taken for that one's.
func TestActionUnderAnothersKeyIsAMiss(t *testing.T) {
	s := open(t)
	a, b := sumOf("a"), sumOf("b")
	ok(t, s.PutAction(a, []byte(`{"of":"a"}`)))
	write(t, filepath.Join(s.Dir(), actionName(b)), read(t, filepath.Join(s.Dir(), actionName(a))))
	if _, err := s.Action(b); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v", err)
	}
}

func TestEveryFlippedByteAndEveryCutIsAMiss(t *testing.T) {
	key := sumOf("key")
	action, err := encodeAction(key, []byte(`{"manifest":"command prove","runs":[1.5,2]}`))
	ok(t, err)
	s := open(t)
	sum, _, err := s.PutBlob(strings.NewReader("the raw output of a run\n"))
	ok(t, err)
	blob := []byte("the raw output of a run\n")
	reader, err := OpenReadOnly(s.Dir()) // which does not spend its time on quarantine
	ok(t, err)
	defer reader.Close()
	check := func(what string, action, blob []byte) {
		t.Helper()
		if _, reason := decodeAction(key, action); reason == "" {
			t.Errorf("action with %s is believed", what)
		}
		path := filepath.Join(s.Dir(), blobName(sum))
		_ = os.Remove(path)
		ok(t, os.WriteFile(path, blob, 0o644))
		if _, err := reader.Blob(sum); !errors.Is(err, ErrDamaged) {
			t.Errorf("blob with %s: %v", what, err)
		}
	}
	for i := range max(len(action), len(blob)) {
		a, b := bytes.Clone(action), bytes.Clone(blob)
		ai, bi := i%len(a), i%len(b)
		for _, bit := range []byte{0x01, 0x20, 0x80} {
			a[ai], b[bi] = action[ai]^bit, blob[bi]^bit
			check(fmt.Sprintf("byte %d/%d flipped by %#x", ai, bi, bit), a, b)
		}
		check(fmt.Sprintf("length %d/%d", ai, bi), action[:ai], blob[:bi])
	}
	if record, reason := decodeAction(key, action); reason != "" || len(record) == 0 {
		t.Errorf("the sound action: %s", reason)
	}
}

func TestErrorsNameThePathAndTheMend(t *testing.T) {
	for errno, mend := range map[error]string{
		syscall.ENOSPC: "free some space",
		syscall.EDQUOT: "quota",
		syscall.EROFS:  "read-only",
		syscall.EACCES: "right to write",
		syscall.EIO:    "dmesg",
	} {
		s := open(t)
		s.folder.trip = func(op, name string) error {
			if op == "create" {
				return &fs.PathError{Op: "openat", Path: "tmp/x", Err: errno}
			}
			return nil
		}
		err := s.PutAction(sumOf("k"), []byte("{}"))
		wantError(t, err, s.Dir(), mend, errno.Error())
		if !errors.Is(err, errno) || strings.Count(err.Error(), "tmp/x") > 0 {
			t.Errorf("%v", err)
		}
	}
}

func TestSweepTmpRemovesWhatTheDeadLeft(t *testing.T) {
	s := open(t)
	left := write(t, filepath.Join(s.Dir(), "tmp", tmpPrefix+"X"), "half")
	other := write(t, filepath.Join(s.Dir(), "tmp", "theirs"), "")
	ok(t, s.SweepTmp())
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("still there: %v", err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
}

func TestFreeSpaceIsKnown(t *testing.T) {
	if n, err := open(t).Free(); err != nil || n <= 0 {
		t.Errorf("%d, %v", n, err)
	}
}
