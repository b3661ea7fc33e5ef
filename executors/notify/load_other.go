//go:build !unix

package notify

import (
	"fmt"
	"io/fs"
	"os"
)

func open(path string) (*os.File, error) { return os.Open(path) }

// private refuses: who else may read the file cannot be found out here, and a webhook that others read is theirs, too.
func private(path string, _ fs.FileInfo) error {
	return fmt.Errorf("%s: this system does not say who may read it, so that no webhook is read from it; notify from a Unix machine", path)
}
