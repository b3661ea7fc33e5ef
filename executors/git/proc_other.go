//go:build !unix

package git

import "os/exec"

// alone does nothing where there are no process groups: cancelling ends git only.
func alone(*exec.Cmd) {}
