//go:build linux

package process

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// ownSession takes the runner away from the terminal: Ctrl-C is bench's to hear.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// signalName is "SIGSEGV" for 11, "" for what is no signal.
func signalName(n int) string { return unix.SignalName(syscall.Signal(n)) }
