//go:build unix

package git

import (
	"os/exec"
	"syscall"
)

// alone gives git a process group of its own: Ctrl-C reaches bench only, which
// then ends git and whatever git started, together.
func alone(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
