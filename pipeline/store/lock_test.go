package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestSecondProcessIsToldWhoHoldsTheRepository(t *testing.T) {
	dir := filepath.Join(t.TempDir(), ".bench")
	c := spawn(t, "lock", dir)
	if c.line() != "ready" {
		t.Fatal("the first process did not get the lock")
	}
	_, err := LockRepo(dir, Holder{})
	var busy *Busy
	if !errors.As(err, &busy) || busy.Holder.PID != c.Pid {
		t.Fatalf("got %v", err)
	}
	host, _ := os.Hostname()
	wantError(t, err, dir, "pid "+strconv.Itoa(c.Pid), host, `"bench apply"`, "since 20", "measure 004-arena heavy", "kill -INT "+strconv.Itoa(c.Pid))

	c.kill() // and its lock with it: nothing is stale, nobody forces anything
	l, err := LockRepo(dir, Holder{Command: "bench plan"})
	ok(t, err)
	if _, err := LockRepo(dir, Holder{}); !errors.As(err, &busy) || busy.Holder.PID != os.Getpid() || busy.Holder.Command != "bench plan" {
		t.Errorf("got %v", err)
	}
	ok(t, l.Close())
	l, err = LockRepo(dir, Holder{})
	ok(t, err)
	ok(t, l.Close())
	if _, err := os.Stat(filepath.Join(dir, lockName)); err != nil {
		t.Errorf("the lock's file went with the lock: %v", err)
	}
}

func TestRepositoryLockIsNotHeldByItsFormerFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), ".bench")
	a, err := LockRepo(dir, Holder{})
	ok(t, err)
	defer a.Close()
	ok(t, os.Remove(filepath.Join(dir, lockName)))
	ok(t, os.Symlink("elsewhere", filepath.Join(dir, lockName)))
	_, err = LockRepo(dir, Holder{})
	wantError(t, err, "not a regular file", "remove it")
}

func TestHolderTextIsOnlyText(t *testing.T) {
	dir := filepath.Join(t.TempDir(), ".bench")
	l, err := LockRepo(dir, Holder{})
	ok(t, err)
	defer l.Close()
	for text, want := range map[string]string{
		"": "a process that left no name", "{": "no name", `{"pid":-1}`: "no name", `{"pid":"x"}`: "no name",
		`{"pid":7,"command":"\u001b]0;owned\u0007\u202e"}`: `"?]0;owned??"`,
		strings.Repeat(" ", maxHolder) + `{"pid":7}`:       "no name",
	} {
		write(t, filepath.Join(dir, holderName), text)
		_, err := LockRepo(dir, Holder{})
		wantError(t, err, want)
	}
	ok(t, os.Remove(filepath.Join(dir, holderName)))
	_, err = LockRepo(dir, Holder{})
	wantError(t, err, "no name", "wait until it has ended")
}

func TestOrphanKeepsTheMachineLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "measure.lock")
	c := spawn(t, "machine", path)
	orphan, err := strconv.Atoi(c.line())
	ok(t, err)
	defer syscall.Kill(orphan, syscall.SIGKILL)
	busy := func(when string) {
		t.Helper()
		_, err := TryLockMachine(path, Holder{})
		var b *Busy
		if !errors.As(err, &b) || b.Holder.PID != c.Pid || b.Holder.Command != "bench apply" {
			t.Fatalf("%s: %v", when, err)
		}
	}
	busy("while the holder lives")
	c.kill()
	busy("while the orphan lives")
	ok(t, syscall.Kill(orphan, syscall.SIGKILL))
	// The orphan is nobody's child here: the lock is free when the kernel has ended it.
	l, err := LockMachine(context.Background(), path, Holder{}, time.Minute)
	ok(t, err)
	ok(t, l.Close())
}

func TestMachineLockPassesOnByItsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "measure.lock")
	l, err := TryLockMachine(path, Holder{Command: "bench apply"})
	ok(t, err)
	c := spawn(t, "inherited", "", l.File())
	ok(t, l.Close())
	if _, err := TryLockMachine(path, Holder{}); err == nil {
		t.Error("free while a process that inherited it lives")
	}
	c.kill()
	l, err = TryLockMachine(path, Holder{})
	ok(t, err)
	ok(t, l.Close())
}

func TestMachineLockFileIsForEverybody(t *testing.T) {
	path := filepath.Join(t.TempDir(), "measure.lock")
	old := syscall.Umask(0o077)
	l, err := TryLockMachine(path, Holder{Command: strings.Repeat("long ", 50)})
	syscall.Umask(old)
	ok(t, err)
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o666 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	ok(t, l.Close())
	l, err = TryLockMachine(path, Holder{Command: "short"})
	ok(t, err)
	defer l.Close()
	_, err = TryLockMachine(path, Holder{})
	wantError(t, err, `running "short" since`)
}

func TestMachineLockRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	link, fifo, sub := filepath.Join(dir, "link"), filepath.Join(dir, "fifo"), filepath.Join(dir, "dir")
	ok(t, os.Symlink(filepath.Join(dir, "target"), link))
	ok(t, syscall.Mkfifo(fifo, 0o666))
	ok(t, os.Mkdir(sub, 0o777))
	for path, what := range map[string]string{
		link: "symbolic link", fifo: "named pipe", sub: "a folder", "/dev/null": "a device",
		filepath.Join(dir, "absent/lock"): "no such file",
	} {
		_, err := TryLockMachine(path, Holder{})
		wantError(t, err, path, what)
	}
	if _, err := os.Lstat(filepath.Join(dir, "target")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a lock was made through a link")
	}
}

// flock goes with the file: whoever locks one that was removed or replaced in the meantime locks out nobody, so
// that he has to look again.
func TestLockOfAFileThatIsGoneIsNoLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "measure.lock")
	old, err := OpenMachineLock(path)
	ok(t, err)
	defer old.Close()
	ok(t, os.Remove(path))
	if locked, err := take(old, path); locked || err != nil {
		t.Errorf("removed: %v %v", locked, err)
	}
	l, err := TryLockMachine(path, Holder{})
	ok(t, err)
	defer l.Close()
	if locked, err := take(old, path); locked || err != nil {
		t.Errorf("replaced: %v %v", locked, err)
	}
	if !sameFile(l.File(), path) {
		t.Error("locked a file that nobody will find")
	}
}

func TestWaitingForTheMachineEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "measure.lock")
	l, err := TryLockMachine(path, Holder{})
	ok(t, err)
	var busy *Busy
	if _, err := LockMachine(context.Background(), path, Holder{}, 0); !errors.As(err, &busy) {
		t.Errorf("not to wait: %v", err)
	}
	if _, err := LockMachine(context.Background(), path, Holder{}, time.Millisecond); !errors.As(err, &busy) {
		t.Errorf("to wait a moment: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := LockMachine(ctx, path, Holder{}, time.Hour); !errors.As(err, &busy) || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	done := make(chan error)
	go func() {
		l, err := LockMachine(context.Background(), path, Holder{}, time.Minute)
		if err == nil {
			l.Close()
		}
		done <- err
	}()
	ok(t, l.Close())
	ok(t, <-done)
}

func TestMachineLockPathIsAbsolute(t *testing.T) {
	if path := MachineLockPath(); !filepath.IsAbs(path) || path != MachineLockPath() {
		t.Errorf("%q", path)
	}
}
