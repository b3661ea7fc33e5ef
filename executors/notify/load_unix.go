//go:build unix

package notify

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// open does not wait for somebody to write when the path is a pipe.
func open(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// private says why a file is not the user's alone: another owner, or a mode beyond 0600. Where a file has an access
// list, the group's bits are its mask, so that it is seen here, too.
func private(path string, st fs.FileInfo) error {
	s, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("%s: its owner cannot be found out here", path)
	}
	return owned(path, st.Mode(), int(s.Uid), os.Geteuid())
}

func owned(path string, mode fs.FileMode, owner, me int) error {
	if owner != me {
		return fmt.Errorf("%s belongs to user %d and bench runs as user %d; whoever owns it decides where messages go. Make it your own: chown %d %s && chmod 600 %s", path, owner, me, me, word(path), word(path))
	}
	if mode.Perm()&^0o600 != 0 {
		return fmt.Errorf("%s has mode %04o, which lets others at it: chmod 600 %s", path, mode.Perm(), word(path))
	}
	return nil
}
