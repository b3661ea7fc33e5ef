package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestUnchangedSeesEveryKindOfChange(t *testing.T) {
	for name, change := range map[string]func(dir string) error{
		"edited":            func(d string) error { return os.WriteFile(d+"/file", []byte("longer"), 0o644) },
		"removed":           func(d string) error { return os.Remove(d + "/file") },
		"replaced":          func(d string) error { os.WriteFile(d+"/n", []byte("x"), 0o644); return os.Rename(d+"/n", d+"/file") },
		"made runnable":     func(d string) error { return os.Chmod(d+"/file", 0o755) },
		"appeared":          func(d string) error { return os.WriteFile(d+"/missing", nil, 0o644) },
		"appeared as link":  func(d string) error { return os.Symlink("nowhere", d+"/missing") },
		"target edited":     func(d string) error { return os.WriteFile(d+"/target", []byte("longer"), 0o644) },
		"target removed":    func(d string) error { return os.Remove(d + "/target") },
		"folder got a file": func(d string) error { return os.WriteFile(d+"/dir/x", nil, 0o644) },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			later(s)
			dir := plant(t, map[string]string{"file": "x", "target": "y", "link@": "target", "dir/": ""})
			for _, n := range []string{"file", "missing", "missing/below", "link", "dir"} {
				ok(t, s.Look(filepath.Join(dir, n)))
			}
			looks := s.Looked()
			if len(looks) != 6 || !s.Unchanged(looks) { // the link twice
				t.Fatalf("%d looks, unchanged %v", len(looks), s.Unchanged(looks))
			}
			ok(t, change(dir))
			if s.Unchanged(looks) {
				t.Error("not noticed")
			}
		})
	}
}

func TestRacyLooksVouchForNothing(t *testing.T) {
	s := open(t)
	ok(t, s.Look(write(t, filepath.Join(t.TempDir(), "fresh"), "x")))
	looks := s.Looked()
	if !looks[0].Racy || s.Unchanged(looks) {
		t.Errorf("a file written just now: %+v", looks)
	}
	ok(t, s.WriteSettled(Settled{Looks: looks}))
	if _, found := s.ReadSettled(); found {
		t.Error("a memo that cannot be believed was kept")
	}
	s.ForgetLooks()
	if len(s.Looked()) != 0 {
		t.Error("not forgotten")
	}
}

func TestWhatCannotBeLookedAtVouchesForNothing(t *testing.T) {
	for _, bad := range []string{"x\x00y", strings.Repeat("long/", 1000)} {
		s := open(t)
		later(s)
		wantError(t, s.Look(filepath.Join(t.TempDir(), bad)))
		if looks := s.Looked(); len(looks) != 1 || s.Unchanged(looks) {
			t.Errorf("%.10q: %+v", bad, looks)
		}
	}
}

func TestUnchangedOverManyFilesFindsTheOne(t *testing.T) {
	s := open(t)
	later(s)
	dir := t.TempDir()
	const n = 5*statBatch + 3
	for i := range n {
		ok(t, s.Look(write(t, filepath.Join(dir, fmt.Sprintf("%04d", i)), "x")))
	}
	looks := s.Looked()
	if !s.Unchanged(looks) {
		t.Fatal("nothing changed")
	}
	for _, i := range []int{0, 1, n / 2, n - 1} {
		write(t, looks[i].Path, "longer")
		if s.Unchanged(looks) {
			t.Errorf("file %d: not noticed", i)
		}
		ok(t, s.Look(looks[i].Path))
		looks = s.Looked()
	}
}

func TestUnchangedDoesNotAllocatePerFile(t *testing.T) {
	s := open(t)
	later(s)
	dir := t.TempDir()
	for i := range 3 * statBatch {
		ok(t, s.Look(filepath.Join(dir, fmt.Sprint("missing", i))))
	}
	looks := s.Looked()
	allocs := testing.AllocsPerRun(20, func() {
		if !s.Unchanged(looks) {
			t.Error("changed")
		}
	})
	if allocs > 30 {
		t.Errorf("%v allocations for %d files", allocs, len(looks))
	}
}

// What the store read is part of what a memo stands for: an action, a blob or an artifact that is edited,
// damaged or removed in place is noticed without reading it.
func TestTheStoresOwnReadsAreLooks(t *testing.T) {
	key := sumOf("key")
	for name, path := range map[string]func(s *Store, dir, sum string) string{
		"action":   func(s *Store, dir, sum string) string { return s.folder.at(actionName(key)) },
		"blob":     func(s *Store, dir, sum string) string { return s.folder.at(blobName(sum)) },
		"journal":  func(s *Store, dir, sum string) string { return s.folder.at(journalName) },
		"artifact": func(s *Store, dir, sum string) string { return filepath.Join(dir, "PLAN.md") },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			later(s)
			dir := t.TempDir()
			sum, _, err := s.PutBlob(strings.NewReader("log"))
			ok(t, err)
			ok(t, s.PutAction(key, []byte("{}")))
			ok(t, s.Append("event"))
			_, err = s.Action(key)
			ok(t, err)
			_, err = s.Blob(sum)
			ok(t, err)
			_, _, err = s.Events()
			ok(t, err)
			_, err = s.Publish(dir, map[string][]byte{"PLAN.md": []byte("# plan\n")}, PublishOptions{})
			ok(t, err)
			if _, err := s.Action(sumOf("other")); !errors.Is(err, ErrMissing) {
				t.Fatal(err)
			}
			ok(t, s.WriteSettled(Settled{Fingerprint: "f", Looks: s.Looked(), Message: "nothing to do"}))

			s = reopen(t, s.Dir())
			memo, found := s.ReadSettled()
			if !found || memo.Message != "nothing to do" || !s.Unchanged(memo.Looks) {
				t.Fatalf("%v %v", memo, found)
			}
			file := path(s, dir, sum)
			ok(t, os.Chmod(file, 0o644))
			write(t, file, "edited")
			if s.Unchanged(memo.Looks) {
				t.Error("not noticed")
			}
			if name != "artifact" { // A→B→A of the missing kind: what was missing must still be
				return
			}
			memo.Looks = memo.Looks[:0]
			if !s.Unchanged(memo.Looks) {
				t.Error("a memo of no looks is a memo")
			}
		})
	}
}

func TestSettledRoundTripAndDamage(t *testing.T) {
	s := open(t)
	memo := Settled{Fingerprint: "f\x00\xff", Message: "2 KEEP\n", Looks: []Look{
		{Path: "/a", Stat: Stat{1, -2, 3, 4, 5, 6}}, {Path: "/b", Follow: true}, {Path: ""},
	}}
	ok(t, s.WriteSettled(memo))
	got, found := s.ReadSettled()
	if !found || !reflect.DeepEqual(got, memo) {
		t.Errorf("got %+v", got)
	}
	good := read(t, s.folder.at(settledName))
	for i := range good {
		flipped := []byte(good)
		flipped[i] ^= 4
		for what, data := range map[string]string{"cut": good[:i], "flip": string(flipped)} {
			ok(t, os.WriteFile(s.folder.at(settledName), []byte(data), 0o644))
			if _, found := s.ReadSettled(); found {
				t.Errorf("%s at %d is believed", what, i)
			}
		}
	}
	ok(t, s.DropSettled())
	ok(t, s.DropSettled())
}

func FuzzSettled(f *testing.F) {
	f.Add(encodeSettled(Settled{"f", []Look{{Path: "/a", Stat: Stat{1, 2, 3, 4, 5, 6}}}, "m"})[len(settledMagic)+4:])
	f.Fuzz(func(t *testing.T, body []byte) {
		memo, err := readSettled(&frameReader{body: body})
		if err != nil {
			return
		}
		if again := encodeSettled(memo)[len(settledMagic)+4:]; string(again) != string(body) {
			t.Fatalf("two forms of one memo: %q, %q", body, again)
		}
	})
}
