package git

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestPresentListsWhatASnapshotWouldHold(t *testing.T) {
	w := newWorld(t, "tracked.txt", "1", ".gitignore", "*.o\n")
	w.write("new.txt", "2", "ignored.o", "3")
	files, err := w.repo.Present(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"tracked.txt", ".gitignore", "new.txt"} {
		if !slices.Contains(files, want) {
			t.Errorf("%s is not listed: %q", want, files)
		}
	}
	if slices.Contains(files, "ignored.o") {
		t.Errorf("an ignored file is listed: %q", files)
	}
}

// Aside: a snapshot of uncommitted work leaves the repository's objects as they were.
func TestAsideWritesNothingIntoTheRepository(t *testing.T) {
	w := newWorld(t, "a.txt", "1")
	w.write("a.txt", "not committed")
	r := w.repo
	count := func() (n int) {
		filepath.WalkDir(filepath.Join(r.Common, "objects"), func(string, os.DirEntry, error) error { n++; return nil })
		return n
	}
	before := count()
	r.Aside(t.TempDir())
	trees, err := r.Trees(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	base, err := trees.Baseline(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	if len(base.Uncommitted) != 1 || base.Tree == "" {
		t.Errorf("baseline %+v", base)
	}
	if after := count(); after != before {
		t.Errorf("%d files below objects before, %d after", before, after)
	}
}
