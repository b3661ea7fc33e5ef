package store

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// trace runs do and returns the operations it asked of the folder, random names left out.
func trace(t *testing.T, s *Store, do func() error) string {
	t.Helper()
	var ops []string
	s.folder.trip = func(op, name string) error {
		if i := strings.Index(name, tmpPrefix); i >= 0 {
			name = name[:i] + "new"
		}
		ops = append(ops, op+" "+name)
		return nil
	}
	defer func() { s.folder.trip = nil }()
	ok(t, do())
	return strings.Join(ops, "\n")
}

// The order is the promise: bytes are durable before they have a name, the name before anybody is told. Take
// one line away and a power cut loses an acknowledged result; no kill -9 test can see that.
func TestWriteProtocol(t *testing.T) {
	s := open(t)
	ok(t, s.Append("first"))
	key, sum := sumOf("key"), sumOf("log")
	a, b := key[:2], sum[:2]
	for _, c := range []struct {
		name, want string
		do         func() error
	}{
		{"action", `
mkdir actions/A
sync folder actions
create tmp/new
write tmp/new
sync tmp/new
close tmp/new
rename actions/A/KEY.json
sync folder actions/A
read actions/A/KEY.json`, func() error { return s.PutAction(key, []byte("{}")) }},
		{"blob", `
create tmp/new
write tmp/new
mkdir blobs/B
sync folder blobs
sync tmp/new
close tmp/new
rename blobs/B/SUM
sync folder blobs/B
read blobs/B/SUM`, func() error { return errOf2(s.PutBlob(strings.NewReader("log"))) }},
		{"the same blob", `
create tmp/new
write tmp/new
read blobs/B/SUM
remove tmp/new
sync folder blobs/B`, func() error { return errOf2(s.PutBlob(strings.NewReader("log"))) }},
		{"journal", `
write journal.jsonl
sync journal.jsonl`, func() error { return s.Append("second") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := strings.NewReplacer("/A", "/"+a, "KEY", key, "/B", "/"+b, "SUM", sum).Replace(c.want)
			if got := "\n" + trace(t, s, c.do); got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
}

// A disk that takes other bytes than it was given is caught before anybody is told that they are recorded.
func TestWhatWasWrittenIsReadBack(t *testing.T) {
	s := open(t)
	s.folder.trip = func(op, name string) error {
		if op == "read" {
			path := s.folder.at(name)
			ok(t, os.Remove(path))
			write(t, path, strings.Repeat("x", len("a blob")))
		}
		return nil
	}
	wantError(t, s.PutAction(sumOf("key"), []byte("{}")), "verify", "other bytes were read back")
	if err := errOf2(s.PutBlob(strings.NewReader("a blob"))); !errors.Is(err, ErrDamaged) {
		t.Errorf("blob: %v", err)
	}
}

func TestPublishSyncsEachFolderOnce(t *testing.T) {
	s := open(t)
	dir := filepath.Join(t.TempDir(), "out")
	files := map[string][]byte{"a": nil, "b": nil, "d/e": nil, "d/f": nil}
	got := trace(t, s, func() error { return errOf(s.Publish(dir, files, PublishOptions{})) })
	if n := strings.Count(got, "sync folder d"); n != 1 {
		t.Errorf("%d syncs of d:\n%s", n, got)
	}
	if n := strings.Count(got, "\nsync "); n-strings.Count(got, "sync folder") != len(files)+1 { // and the list of published files
		t.Errorf("not every file was synced:\n%s", got)
	}
	if strings.Index(got, "rename published") > strings.Index(got, "rename a\n") {
		t.Errorf("files were written before it was known whose they are:\n%s", got)
	}
}

// As an ordinary user (root is refused nothing): what may not be written is an error with a mend.
func TestReadOnlyFolderIsAClearError(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root is refused nothing by permissions; TestErrorsNameThePathAndTheMend injects the error instead")
	}
	dir := filepath.Join(t.TempDir(), "closed")
	ok(t, os.Mkdir(dir, 0o555))
	_, err := Open(filepath.Join(dir, ".bench"), testDay)
	wantError(t, err, dir, "right to write")
}

func TestFullDiskLosesNothingAndRecovers(t *testing.T) {
	s := open(t)
	ok(t, s.PutAction(sumOf("before"), []byte("{}")))
	full := true
	s.folder.trip = func(op, name string) error {
		if full && op == "write" {
			return syscall.ENOSPC
		}
		return nil
	}
	for range 3 {
		wantError(t, s.PutAction(sumOf("during"), []byte("{}")), "free some space")
		wantError(t, s.Append("x"), "free some space")
		wantError(t, errOf2(s.PutBlob(bytes.NewReader([]byte("x")))), "free some space")
	}
	full = false
	ok(t, s.Append("x"))
	ok(t, s.PutAction(sumOf("during"), []byte("{}")))
	for _, key := range []string{"before", "during"} {
		if _, err := s.Action(sumOf(key)); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(s.Dir(), "tmp", tmpPrefix+"*")); len(left) > 0 {
		t.Errorf("left in tmp: %v", left)
	}
	if _, err := s.folder.read("no/such"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// A blob that changes after its check and before its copy leaves no file behind.
func TestRestoreChecksWhatItCopies(t *testing.T) {
	s := open(t)
	sum, _, err := s.PutBlob(strings.NewReader("right"))
	ok(t, err)
	to, err := openFolder(t.TempDir())
	ok(t, err)
	defer to.root.Close()
	if err := s.copyBlob(strings.NewReader("wrong"), sum, to, "prove", 0o755); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(to.path); err != nil || len(left) > 0 {
		t.Errorf("left %v %v", left, err)
	}
}
