//go:build !linux

package process

import "syscall"

func ownSession() *syscall.SysProcAttr { return nil }

func signalName(int) string { return "" }
