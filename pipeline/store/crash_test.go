package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Kill -9 at any moment: what was acknowledged is there, and nothing is there half. (It shows atomicity, not
// durability: a write without any fsync passes it too, and only a power cut tells the two apart.)
func TestKill9LosesNothingAcknowledged(t *testing.T) {
	const kills = 50
	dir := filepath.Join(t.TempDir(), ".bench")
	random := rand.New(rand.NewPCG(4, 5))
	acknowledged := -1
	for range kills {
		c := spawn(t, "write", dir)
		for range random.IntN(4) {
			if n, err := strconv.Atoi(c.line()); err == nil {
				acknowledged = n
			}
		}
		time.Sleep(time.Duration(random.IntN(2000)) * time.Microsecond) // anywhere in the next record
		c.kill()
		for text := c.line(); text != ""; text = c.line() { // what it still said before it died
			n, err := strconv.Atoi(text)
			ok(t, err)
			acknowledged = n
		}
	}
	s := reopen(t, dir)
	events, warnings, err := s.Events()
	ok(t, err)
	if len(events) <= acknowledged || len(events) > acknowledged+1+kills || len(warnings) > 0 {
		t.Errorf("%d events, %d acknowledged, %v", len(events), acknowledged+1, warnings)
	}
	for n := range events {
		var r record
		ok(t, json.Unmarshal(events[n], &r))
		if r.N != n {
			t.Fatalf("event %d is of record %d", n, r.N)
		}
		if err := checkRecord(s, n); err != nil {
			t.Errorf("record %d: %v", n, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "quarantine")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("something was found damaged")
	}
	t.Logf("%d records through %d kills", len(events), kills)
}

// faultRun is one session through every kind of write; done holds what was acknowledged.
type faultRun struct {
	s    *Store
	site string
	done map[string]bool
}

var faultSteps = []string{"record 0", "record 1", "stat", "settled", "publish", "restore", "record 2", "publish again"}

func (r *faultRun) step(name string) (err error) {
	switch name {
	case "stat":
		if _, err = r.s.Sum(filepath.Join(r.site, "input")); err == nil {
			err = r.s.SaveStat()
		}
	case "settled":
		err = r.s.WriteSettled(Settled{Fingerprint: "new"})
	case "publish":
		_, err = r.s.Publish(filepath.Join(r.site, "out"), siteFiles("two"), PublishOptions{})
	case "publish again":
		_, err = r.s.Publish(filepath.Join(r.site, "out"), map[string][]byte{"PLAN.md": []byte("three")}, PublishOptions{})
	case "restore":
		err = r.s.Restore(sumOf(record{N: 0}.text()), filepath.Join(r.site, "bin/prove"), 0o755)
	default:
		n, _ := strconv.Atoi(strings.TrimPrefix(name, "record "))
		_, err = writeRecord(r.s, n)
	}
	if err == nil {
		r.done[name] = true
	}
	return err
}

func siteFiles(text string) map[string][]byte {
	return map[string][]byte{"PLAN.md": []byte(text), "report/index.html": []byte(text), "TRACKER.md": []byte(text)}
}

// faults is what a disk can do: one bad sector, a disk that fills up or goes read-only and stays so, a write that
// takes half.
var faults = []struct {
	name    string
	err     error
	forEver bool
}{
	{"EIO once", syscall.EIO, false},
	{"ENOSPC from then on", syscall.ENOSPC, true},
	{"EROFS from then on", syscall.EROFS, true},
	{"a short write", errShort, false},
	{"short writes from then on", errShort, true},
}

// TestEveryOperationFailing fails operation 1, then 2, … until a session passes untouched; each time once, and
// each time for ever after. After it, the store opened again holds all that was acknowledged, nothing half, and
// takes the same session to its end.
func TestEveryOperationFailing(t *testing.T) {
	for n, fault := range faults {
		if n > 0 && testing.Short() {
			break
		}
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			for k := 1; ; k++ {
				if !faultSession(t, k, fault.err, fault.forEver) {
					t.Logf("%d operations", k-1)
					return
				}
			}
		})
	}
}

// faultSession returns whether operation k was reached.
func faultSession(t *testing.T, k int, fault error, forEver bool) bool {
	base := fastDir(t)
	defer os.RemoveAll(base)
	dir, site := filepath.Join(base, ".bench"), filepath.Join(base, "site")
	write(t, filepath.Join(site, "input"), "input")
	s, err := Open(dir, testDay)
	ok(t, err)
	_, err = s.Publish(filepath.Join(site, "out"), siteFiles("one"), PublishOptions{})
	ok(t, err)
	ok(t, s.WriteSettled(Settled{Fingerprint: "old"}))
	count, hit := 0, ""
	s.folder.trip = func(op, name string) error {
		if fault == errShort && op != "write" {
			return nil
		}
		if count++; count == k || forEver && count > k {
			if hit == "" {
				hit = op + " " + name
			}
			return fault
		}
		return nil
	}
	r := &faultRun{s, site, map[string]bool{}}
	for _, step := range faultSteps {
		// Each step is tried whatever became of the one before: the engine may go on to write a report.
		if err := r.step(step); err != nil {
			if !explains(err, fault) {
				t.Errorf("op %d (%s): %s: %v", k, hit, step, err)
			}
		}
	}
	s.folder.trip = nil
	s.Close()
	checkAfterFault(t, r, dir, fmt.Sprintf("op %d (%s)", k, hit))
	return hit != ""
}

// explains says whether an error is the fault's own, or of a blob that the fault kept from being written.
func explains(err, fault error) bool {
	if fault == errShort {
		fault = io.ErrShortWrite
	}
	return errors.Is(err, fault) || errors.Is(err, ErrMissing)
}

func checkAfterFault(t *testing.T, r *faultRun, dir, when string) {
	s, err := Open(dir, testDay)
	ok(t, err)
	defer s.Close()
	events, _, err := s.Events()
	ok(t, err)
	for n := range 3 {
		event := fmt.Sprintf(`{"n":%d,"blob":"%s"}`, n, sumOf(record{N: n}.text()))
		there := slices.Contains(texts(events), event)
		if r.done[fmt.Sprint("record ", n)] && !there {
			t.Errorf("%s: record %d was acknowledged and its event is lost", when, n)
		}
		err := checkRecord(s, n)
		if there && err != nil || errors.Is(err, ErrDamaged) {
			t.Errorf("%s: record %d: %v", when, n, err)
		}
	}
	memo, found := s.ReadSettled()
	if !found || r.done["settled"] && memo.Fingerprint != "new" {
		t.Errorf("%s: memo %v %v", when, memo, found)
	}
	checkSite(t, r, when)
	// And the same session runs to its end, without taking our own files for a person's.
	again := &faultRun{s, r.site, map[string]bool{}}
	for _, step := range faultSteps {
		if err := again.step(step); err != nil {
			t.Errorf("%s: afterwards, %s: %v", when, step, err)
		}
	}
	checkSite(t, again, when+", afterwards")
	for n := range 3 {
		if err := checkRecord(s, n); err != nil {
			t.Errorf("%s: afterwards: %v", when, err)
		}
	}
}

// checkSite looks at the published files as any reader would: whole ones only, and no copies that say a person
// had edited something.
func checkSite(t *testing.T, r *faultRun, when string) {
	err := filepath.WalkDir(filepath.Join(r.site, "out"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasPrefix(e.Name(), tmpPrefix) {
			return err
		}
		if text := read(t, path); text != "one" && text != "two" && text != "three" || strings.Contains(path, ".orig") {
			t.Errorf("%s: %s holds %q", when, path, text)
		}
		return nil
	})
	ok(t, err)
	if r.done["publish again"] {
		if got := read(t, filepath.Join(r.site, "out/PLAN.md")); got != "three" {
			t.Errorf("%s: published %q", when, got)
		}
		if _, err := os.Stat(filepath.Join(r.site, "out/report")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: what is no longer produced is still there", when)
		}
	}
	if r.done["restore"] {
		if got := read(t, filepath.Join(r.site, "bin/prove")); got != (record{N: 0}).text() {
			t.Errorf("%s: restored %q", when, got)
		}
	}
}

// fastDir is a folder in memory where there is one: the loop of faults does ten thousands of fsyncs.
func fastDir(t *testing.T) string {
	if dir, err := os.MkdirTemp("/dev/shm", "bench-store-test-"); err == nil {
		return dir
	}
	dir, err := os.MkdirTemp(t.TempDir(), "")
	ok(t, err)
	return dir
}
