package store

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Stat is what a file's stat record says about its content: two equal records, looked at safely (see
// fsClock), mean unchanged bytes. Compared for equality only: an input replaced by an older file is a
// changed input. ctime is in it because an edit can restore size and mtime, but not that.
type Stat struct {
	Mode  uint32 // type and exec bits (S_IFMT|0o111); 0: there is no such file
	Size  int64
	Mtime int64 // ns since 1970
	Ctime int64 // ns since 1970
	Ino   uint64
	Dev   uint64
}

const modeMask = unix.S_IFMT | 0o111

// Exists says whether there was a file.
func (st Stat) Exists() bool { return st.Mode != 0 }

func (st Stat) kind() uint32    { return st.Mode & unix.S_IFMT }
func (st Stat) isRegular() bool { return st.kind() == unix.S_IFREG }
func (st Stat) isLink() bool    { return st.kind() == unix.S_IFLNK }
func (st Stat) isDir() bool     { return st.kind() == unix.S_IFDIR }
func (st Stat) newest() int64   { return max(st.Mtime, st.Ctime) }

// what is a file's kind in words, for messages.
func (st Stat) what() string {
	switch st.kind() {
	case unix.S_IFREG:
		return "a regular file"
	case unix.S_IFDIR:
		return "a folder"
	case unix.S_IFLNK:
		return "a symbolic link"
	case unix.S_IFIFO:
		return "a named pipe (FIFO)"
	case unix.S_IFSOCK:
		return "a socket"
	case unix.S_IFCHR, unix.S_IFBLK:
		return "a device"
	}
	return "missing"
}

// statter does one statx at a time without allocating: the path is copied into its own buffer, where the
// kernel wants a NUL behind it.
type statter struct {
	raw  unix.Statx_t
	path [unix.PathMax]byte
}

// at reads the record of path, which counts from dirfd where it is not absolute; follow says whether a symbolic link at its end is followed. A missing file
// is the zero Stat and no error. statx and not stat: it is the same call on every processor.
func (t *statter) at(dirfd int, path string, follow bool, st *Stat) unix.Errno {
	if len(path) >= len(t.path) {
		return unix.ENAMETOOLONG
	}
	if strings.IndexByte(path, 0) >= 0 { // the kernel would look at what stands before it
		return unix.EINVAL
	}
	t.path[copy(t.path[:], path)] = 0
	flags := unix.AT_SYMLINK_NOFOLLOW
	if follow {
		flags = 0
	}
	return t.statx(dirfd, flags, st)
}

// fd reads the record of an open file.
func (t *statter) fd(fd int, st *Stat) unix.Errno {
	t.path[0] = 0
	return t.statx(fd, unix.AT_EMPTY_PATH, st)
}

func (t *statter) statx(dirfd, flags int, st *Stat) unix.Errno {
	for {
		_, _, errno := unix.Syscall6(unix.SYS_STATX, uintptr(dirfd), uintptr(unsafe.Pointer(&t.path[0])),
			uintptr(flags), unix.STATX_BASIC_STATS, uintptr(unsafe.Pointer(&t.raw)), 0)
		switch errno {
		case 0:
			t.fill(st)
			return 0
		case unix.ENOENT, unix.ENOTDIR:
			*st = Stat{}
			return 0
		case unix.EINTR:
			continue
		}
		return errno
	}
}

func (t *statter) fill(st *Stat) {
	*st = Stat{
		Mode:  uint32(t.raw.Mode) & modeMask,
		Size:  int64(t.raw.Size),
		Mtime: t.raw.Mtime.Sec*1e9 + int64(t.raw.Mtime.Nsec),
		Ctime: t.raw.Ctime.Sec*1e9 + int64(t.raw.Ctime.Nsec),
		Ino:   t.raw.Ino,
		Dev:   unix.Mkdev(t.raw.Dev_major, t.raw.Dev_minor),
	}
}

// statPath is one stat with an error that names the path; a missing file is the zero Stat.
func statPath(path string, follow bool) (st Stat, err error) {
	var t statter
	if errno := t.at(unix.AT_FDCWD, path, follow, &st); errno != 0 {
		return Stat{}, disk("look at", path, errno)
	}
	return st, nil
}

func statFile(f *os.File) (st Stat, err error) {
	var t statter
	if errno := t.fd(int(f.Fd()), &st); errno != 0 {
		return Stat{}, disk("look at", f.Name(), errno)
	}
	return st, nil
}

// openRegular opens a regular file for reading, following a symbolic link to one. What is not regular is
// refused unopened (opening a device can do things) and again after opening, without waiting for a
// FIFO's writer.
func openRegular(path string) (*os.File, Stat, error) {
	st, err := statPath(path, true)
	if err != nil {
		return nil, Stat{}, err
	}
	if err := wantRegular(path, st); err != nil {
		return nil, Stat{}, err
	}
	fd, err := openRetry(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOCTTY)
	if err != nil {
		return nil, Stat{}, disk("open", path, err)
	}
	f := os.NewFile(uintptr(fd), path)
	if st, err = statFile(f); err == nil {
		err = wantRegular(path, st)
	}
	if err != nil {
		f.Close()
		return nil, Stat{}, err
	}
	return f, st, nil
}

func openRetry(path string, flags int) (int, error) {
	for {
		fd, err := unix.Open(path, flags, 0)
		if err != unix.EINTR {
			return fd, err
		}
	}
}

func wantRegular(path string, st Stat) error {
	switch {
	case !st.Exists():
		return disk("read", path, fs.ErrNotExist)
	case !st.isRegular():
		return fmt.Errorf("read %s: it is %s, and only regular files can be inputs; name the file itself", path, st.what())
	}
	return nil
}

func changedWhileRead(path string) error {
	return fmt.Errorf("read %s: it changed while it was being read, twice; let whatever writes it finish, then run the same command again", path)
}
