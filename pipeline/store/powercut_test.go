//go:build linux

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A power cut loses nothing that was acknowledged. Kill -9 can't show that: what a dead process wrote is in the page
// cache. So the store lies on a file system of its own, in a file; the writer is stopped at some moment, and the file is
// copied as it is then, which is what the disk would hold after the cut. The kernel writes by itself only every 300 s, so
// that whatever is there was synced.
func TestAPowerCutLosesNothingAcknowledged(t *testing.T) {
	const cuts = 8
	d := newDisk(t)
	lost, acknowledged := d.cuts(t, "write", cuts)
	if lost > 0 {
		t.Errorf("%d of %d acknowledged records were lost or damaged in %d cuts", lost, acknowledged, cuts)
	}
	t.Logf("%d acknowledged records through %d cuts", acknowledged, cuts)
}

// The test above means something only if a store that does not sync fails it.
func TestAPowerCutIsNoticedByAStoreThatDoesNotSync(t *testing.T) {
	d := newDisk(t)
	if lost, acknowledged := d.cuts(t, "careless", 3); lost == 0 {
		t.Errorf("without a sync none of %d acknowledged records were lost: this cuts no power", acknowledged)
	}
}

// careless leaves every sync out.
func careless(op, _ string) error {
	if strings.HasPrefix(op, "sync") {
		return errSkip
	}
	return nil
}

// powered is a disk: a file with a file system in it.
type powered struct{ dir, image string }

// newDisk makes a file system in a file and mounts it; the test is skipped where that may not be done.
func newDisk(t *testing.T) *powered {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a power cut needs a file system of its own, and only root may mount one")
	}
	dir := t.TempDir()
	d := &powered{dir: dir, image: filepath.Join(dir, "image")}
	if err := os.Mkdir(filepath.Join(dir, "mnt"), 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := sh(dir, "truncate -s 32M image && mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 image"); err != nil {
		t.Skipf("a power cut needs ext4 in a file: %v: %s", err, out)
	}
	if out, err := sh(dir, "mount -o loop,commit=300 image mnt"); err != nil {
		t.Skipf("a power cut needs a loop device: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := sh(dir, "umount mnt"); err != nil {
			t.Errorf("unmount: %v: %s", err, out)
		}
	})
	return d
}

// cuts writes records in a role, cuts the power in the middle of it, and counts the acknowledged records that are not
// there, whole, afterwards.
func (d *powered) cuts(t *testing.T, role string, cuts int) (lost, acknowledged int) {
	t.Helper()
	random := rand.New(rand.NewPCG(8, 15))
	for n := range cuts {
		c := spawn(t, role, filepath.Join(d.dir, "mnt", fmt.Sprintf("store%d", n)))
		last := -1
		for until := 3 + random.IntN(12); last < until; {
			number, err := strconv.Atoi(c.line())
			if err != nil {
				t.Fatalf("the writer ended: %v", err)
			}
			last = number
		}
		time.Sleep(time.Duration(random.IntN(3000)) * time.Microsecond) // anywhere in the next record
		if err := c.stop(); err != nil {
			t.Fatal(err)
		}
		if out, err := sh(d.dir, "cp --sparse=always image after"); err != nil {
			t.Fatalf("copy the disk: %v: %s", err, out)
		}
		c.kill()
		// Whatever it said before it was stopped counts; with the pipe's writer gone, the rest ends.
		for text := c.line(); text != ""; text = c.line() {
			if number, err := strconv.Atoi(text); err == nil {
				last = number
			}
		}
		lost += d.missing(t, fmt.Sprintf("store%d", n), last)
		acknowledged += last + 1
	}
	return lost, acknowledged
}

// missing mounts the copy, which replays its journal as after a cut, and counts the records up to last that are not whole.
func (d *powered) missing(t *testing.T, store string, last int) (lost int) {
	t.Helper()
	if out, err := sh(d.dir, "mkdir -p after.mnt && mount -o loop after after.mnt"); err != nil {
		t.Fatalf("mount the copy: %v: %s", err, out)
	}
	defer func() {
		if out, err := sh(d.dir, "umount after.mnt"); err != nil {
			t.Errorf("unmount the copy: %v: %s", err, out)
		}
	}()
	s, err := Open(filepath.Join(d.dir, "after.mnt", store), testDay)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	events, _, err := s.Events()
	if err != nil {
		t.Fatal(err)
	}
	for n := range last + 1 {
		if n >= len(events) || checkRecord(s, n) != nil {
			lost++
		}
	}
	return lost
}

// stop stops a child as SIGSTOP does, and waits until all of its threads stand still.
func (c *child) stop() error {
	if err := c.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	for range 1000 {
		tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", c.Pid))
		if err != nil {
			return err
		}
		standing := 0
		for _, task := range tasks {
			b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/stat", c.Pid, task.Name()))
			if errors.Is(err, fs.ErrNotExist) {
				standing++
				continue
			}
			if _, rest, ok := strings.Cut(string(b), ") "); ok && strings.HasPrefix(rest, "T") {
				standing++
			}
		}
		if standing == len(tasks) {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return errors.New("the writer does not stand still")
}

// sh runs a line of shell in a folder and gives what it wrote. (Nothing below pipeline starts programs; its tests, too,
// only start themselves and this.)
func sh(dir, line string) (string, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer r.Close()
	line = "PATH=$PATH:/usr/sbin:/sbin; " + line
	p, err := os.StartProcess("/bin/sh", []string{"sh", "-c", line}, &os.ProcAttr{Dir: dir, Files: []*os.File{nil, w, w}})
	w.Close()
	if err != nil {
		return "", err
	}
	out := make([]byte, 4096)
	n, _ := r.Read(out)
	state, err := p.Wait()
	if err == nil && !state.Success() {
		err = errors.New(state.String())
	}
	return strings.TrimSpace(string(out[:n])), err
}
