package store

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCleanRemovesWhatNobodyKeeps(t *testing.T) {
	s := open(t)
	s.now = time.Now
	old := time.Now().Add(-48 * time.Hour)
	var sums []string
	for _, text := range []string{"kept", "old", "young"} {
		sum, _, err := s.PutBlob(strings.NewReader(text))
		ok(t, err)
		ok(t, s.PutAction(sumOf(text), []byte(`"`+text+`"`)))
		sums = append(sums, sum)
		if text != "young" {
			ok(t, os.Chtimes(s.folder.at(blobName(sum)), old, old))
			ok(t, os.Chtimes(s.folder.at(actionName(sum)), old, old))
		}
	}
	sealed := filepath.Join(s.Dir(), "work/001-a/mod")
	write(t, filepath.Join(sealed, "file"), "12345")
	ok(t, os.Chmod(sealed, 0o555))
	write(t, filepath.Join(s.Dir(), "tmp", "left"), "123")
	outside := write(t, filepath.Join(t.TempDir(), "outside"), "theirs")
	ok(t, os.Symlink(filepath.Dir(outside), filepath.Join(s.Dir(), "work/link")))
	write(t, filepath.Join(s.Dir(), "blobs/stray"), "x")
	write(t, filepath.Join(s.Dir(), "quarantine/bad"), "x")
	s.fsNow()

	opts := CleanOptions{Keep: map[string]bool{sums[0]: true}, OlderThan: 24 * time.Hour, DryRun: true}
	dry, err := s.Clean(opts)
	ok(t, err)
	if _, err := s.Blob(sums[1]); err != nil {
		t.Errorf("a dry run removed: %v", err)
	}
	opts.DryRun = false
	done, err := s.Clean(opts)
	ok(t, err)
	for _, dir := range []string{"work", "tmp"} {
		if left, err := os.ReadDir(filepath.Join(s.Dir(), dir)); err != nil || len(left) > 0 {
			t.Errorf("%s: %v %v", dir, left, err)
		}
	}
	if dry.Bytes != done.Bytes || dry.Files != done.Files || done.Bytes < 8 {
		t.Errorf("dry %+v, done %+v", dry, done)
	}
	if want := []string{sums[1]}; !slices.Equal(done.Blobs, want) || !slices.Equal(done.Actions, want) {
		t.Errorf("%+v", done)
	}
	for i, want := range []error{nil, ErrMissing, nil} {
		if _, err := s.Blob(sums[i]); !errors.Is(err, want) {
			t.Errorf("blob %d: %v", i, err)
		}
		if _, err := s.Action(sums[i]); !errors.Is(err, want) {
			t.Errorf("action %d: %v", i, err)
		}
	}
	if read(t, outside) != "theirs" || read(t, s.folder.at("quarantine/bad")) != "x" {
		t.Error("more was removed")
	}
	if s.fsNow() == 0 {
		t.Error("the clock does not go on after clean")
	}
	ok(t, s.PutAction(sums[1], []byte("{}")))
}

func TestCleanOfWorkAlone(t *testing.T) {
	s := open(t)
	sum, _, err := s.PutBlob(strings.NewReader("x"))
	ok(t, err)
	write(t, filepath.Join(s.Dir(), "work/a"), "12345")
	done, err := s.Clean(CleanOptions{OlderThan: -1, KeepWork: true})
	ok(t, err)
	if _, gone := os.Stat(s.folder.at(blobName(sum))); done.Files != 0 || gone != nil {
		t.Errorf("%+v %v", done, gone)
	}
	if done, err = s.Clean(CleanOptions{OlderThan: -1}); err != nil || done.Bytes != 5 {
		t.Errorf("%+v %v", done, err)
	}
}
