//go:build linux || darwin || freebsd

package host

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// stamp is a file's state: another text when the file was replaced or written. "" when it is not there.
func stamp(path string) string {
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil {
		return ""
	}
	return fmt.Sprint(st.Dev, st.Ino, st.Size, st.Mode, st.Mtim, st.Ctim)
}

// readSome is the start of a file, as much as one read gives; empty when it is not there or cannot be read. It does not go
// through package os: for a small file of /proc that takes twice as long, and there are hundreds.
func readSome(path string, buf []byte) []byte {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	n, err := unix.Read(fd, buf)
	if err != nil {
		return nil
	}
	return buf[:n]
}

// freeBytes is what an ordinary user may still write to the file system that a path is on.
func freeBytes(path string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return -1, &os.PathError{Op: "statfs", Path: path, Err: err}
	}
	if free := float64(st.Bavail) * float64(st.Bsize); free < 0 || free > math.MaxInt64/2 {
		return -1, errors.New("free space is out of range")
	}
	return int64(st.Bavail) * int64(st.Bsize), nil
}

// mayExecute says whether this user may execute a file. Root may access everything, but execute only what has a bit set.
func mayExecute(path string, mode fs.FileMode) bool {
	return mode.Perm()&0o111 != 0 && unix.Access(path, unix.X_OK) == nil
}

// isNotDir says whether a path leads through a file.
func isNotDir(err error) bool { return errors.Is(err, unix.ENOTDIR) }

// alone puts a program into a process group of its own that ends with it when its time is over.
func alone(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		if err := unix.Kill(-cmd.Process.Pid, unix.SIGKILL); err != unix.ESRCH {
			return err
		}
		return os.ErrProcessDone
	}
}
