//go:build !(linux || darwin || freebsd)

package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
)

// stamp is a file's state: another text when the file was replaced or written. "" when it is not there.
func stamp(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprint(info.Size(), info.Mode(), info.ModTime().UnixNano())
}

// readSome reads nothing: there is no /proc here.
func readSome(string, []byte) []byte { return nil }

// freeBytes is not known here.
func freeBytes(string) (int64, error) { return -1, errors.ErrUnsupported }

// mayExecute leaves it to the system to say no.
func mayExecute(string, fs.FileMode) bool { return true }

// isNotDir cannot be told here.
func isNotDir(error) bool { return false }

// alone leaves the program as it is.
func alone(*exec.Cmd) {}
