package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// MachineLockPath is the file that everybody on this machine locks before measuring. Which one it is depends
// on the machine alone and never on who asks, or two users would lock two files.
func MachineLockPath() string {
	const dir, name = "/run/lock", "bench.measure.lock"
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		if _, err := os.Lstat(dir + "/" + name); err == nil || info.Mode().Perm()&0o002 != 0 {
			return dir + "/" + name
		}
	}
	return "/tmp/bench-measure.lock"
}

// OpenMachineLock opens a machine-wide lock file, unlocked, and makes it writable by all if it is missing.
// Links, pipes and folders in its place are refused. An existing file is opened without O_CREAT: in a
// sticky folder the kernel may forbid that on another user's file (fs.protected_regular).
func OpenMachineLock(path string) (*os.File, error) {
	for {
		f, err := openLockFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			f, err = createLockFile(path)
		}
		if errors.Is(err, fs.ErrExist) { // made by another between our two tries
			continue
		}
		if errors.Is(err, unix.ELOOP) {
			return nil, fmt.Errorf("%s is a symbolic link, and the machine's lock must be a file; remove it", path)
		}
		if err != nil {
			return nil, disk("open", path, err)
		}
		st, err := statFile(f)
		if err != nil || !st.isRegular() {
			f.Close()
			return nil, fmt.Errorf("%s is %s, and the machine's lock must be a regular file; remove it", path, st.what())
		}
		return f, nil
	}
}

// openLockFile opens for writing the holder's text where that is allowed, else for locking only.
func openLockFile(path string) (*os.File, error) {
	const flags = unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC | unix.O_NOCTTY
	fd, err := openRetry(path, unix.O_RDWR|flags)
	if errors.Is(err, fs.ErrPermission) || err == unix.EROFS || err == unix.EISDIR || err == unix.ENXIO {
		fd, err = openRetry(path, unix.O_RDONLY|flags)
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), path), nil
}

func createLockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW, 0o666)
	if err != nil {
		return nil, err
	}
	if err := f.Chmod(0o666); err != nil { // the umask took the others' right to write their name
		f.Close()
		return nil, err
	}
	return f, nil
}

// MachineLock is the machine's measuring lock. It belongs to the open file: pass File on to the runner
// and what it measures, and it is free when the last of them is gone, whatever happens to bench.
type MachineLock struct{ f *os.File }

// File is the locked file, for inheriting.
func (l *MachineLock) File() *os.File { return l.f }

// Close lets go of this process's share of the lock; those who inherited it keep theirs.
func (l *MachineLock) Close() error { return l.f.Close() }

// TryLockMachine takes the machine's lock at path or says, as a *Busy, who measures.
func TryLockMachine(path string, h Holder) (*MachineLock, error) {
	for {
		f, err := OpenMachineLock(path)
		if err != nil {
			return nil, err
		}
		locked, err := take(f, path)
		if err != nil {
			defer f.Close()
			if !errors.Is(err, unix.EWOULDBLOCK) {
				return nil, err
			}
			return nil, &Busy{What: "this machine's measuring lock " + path, Path: path, Holder: readHolder(f)}
		}
		if locked {
			signLock(f, h.filled())
			return &MachineLock{f}, nil
		}
		f.Close()
	}
}

// take locks an open file, and says whether it is still the one that others will find at path: a file that was
// removed or replaced between open and lock keeps nobody out.
func take(f *os.File, path string) (locked bool, err error) {
	if err := flock(f); err != nil {
		return false, disk("lock", path, err)
	}
	return sameFile(f, path), nil
}

func sameFile(f *os.File, path string) bool {
	locked, err1 := statFile(f)
	named, err2 := statPath(path, false)
	return err1 == nil && err2 == nil && locked.Ino == named.Ino && locked.Dev == named.Dev
}

// signLock writes the holder into the lock's file. A file of another user's that is not ours to write keeps
// its text: then the next one to ask reads no name, or an old one.
func signLock(f *os.File, h Holder) {
	data, err := json.Marshal(h)
	if err != nil {
		return
	}
	if f.Truncate(0) == nil {
		_, _ = f.WriteAt(append(data, '\n'), 0)
	}
}

// lockPoll is how often a waiting process asks again: seldom enough not to disturb the measurement it
// waits for.
const lockPoll = 500 * time.Millisecond

// LockMachine asks for the machine's lock until it has it, ctx ends, or wait has passed (0: ask once); then
// the error is the *Busy of the last try, joined with ctx's if that ended it.
func LockMachine(ctx context.Context, path string, h Holder, wait time.Duration) (*MachineLock, error) {
	deadline := time.Now().Add(wait)
	for {
		l, err := TryLockMachine(path, h)
		var busy *Busy
		if !errors.As(err, &busy) || wait <= 0 || time.Now().After(deadline) {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), err)
		case <-time.After(min(lockPoll, max(time.Until(deadline), time.Millisecond))):
		}
	}
}
