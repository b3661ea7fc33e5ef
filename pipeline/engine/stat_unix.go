package engine

import (
	"fmt"
	"os"
	"syscall"
)

// statLine is everything about a file that an edit alters, change time and inode included: an edit that restores size
// and modification time is an edit still.
func statLine(path string) string {
	info, err := os.Lstat(path)
	if err != nil {
		return "gone"
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Sprint(info.Mode(), info.Size(), info.ModTime().UnixNano())
	}
	return fmt.Sprint(info.Mode(), info.Size(), info.ModTime().UnixNano(), st.Ctim.Nano(), st.Ino)
}
