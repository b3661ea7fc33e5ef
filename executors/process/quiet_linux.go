//go:build linux

package process

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// System calls that tell Go's scheduler nothing; they may be used for calls that do not block. Go's own wrappers, and its
// waiting, wake the scheduler's monitor, a thread that then looks around every 20 µs until all is idle again: seen of
// a thousand runs of true, it woke 1.3 to 2.3 times a run when each was waited for by Go's means, 0.2 to 0.5 times when the
// runner dozed through each, and as often, 0.1 times for the runner itself, when it dozes through bursts.

func quietRead(fd int, b []byte, at int64) (int, unix.Errno) {
	n, _, err := unix.RawSyscall6(unix.SYS_PREAD64, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), uintptr(at), 0, 0)
	return int(n), err
}

func quietWrite(fd int, b byte) unix.Errno {
	_, _, err := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&b)), 1)
	return err
}

// quietSize is a file's size, −1 when it cannot be told.
func quietSize(fd int) int64 {
	var st unix.Stat_t
	if _, _, err := unix.RawSyscall(unix.SYS_FSTAT, uintptr(fd), uintptr(unsafe.Pointer(&st)), 0); err != 0 {
		return -1
	}
	return st.Size
}

// quietClock reads a clock in nanoseconds, 0 when there is no such clock.
func quietClock(id int32) int64 {
	var ts unix.Timespec
	if _, _, err := unix.RawSyscall(unix.SYS_CLOCK_GETTIME, uintptr(id), uintptr(unsafe.Pointer(&ts)), 0); err != 0 {
		return 0
	}
	return ts.Nano()
}

// quietReap takes a piece of news of a child: that it ended, or that it goes on after it was stopped. It returns a pid, or
// ≤ 0 when there are none.
func quietReap() (pid int, status unix.WaitStatus, err unix.Errno) {
	n, _, err := unix.RawSyscall6(unix.SYS_WAIT4, ^uintptr(0), uintptr(unsafe.Pointer(&status)), unix.WNOHANG|unix.WALL|unix.WCONTINUED, 0, 0, 0)
	return int(n), status, err
}

// doze sleeps until the run that is on has ended, without Go's scheduler knowing: nothing else in the runner goes on
// meanwhile. It gives up, and says so, after patience, when the spawner died and when bench hung up; then wait as usual.
func (s *spawner) doze(hangup int, patience time.Duration) bool {
	fds := [...]unix.PollFd{{Fd: int32(s.done), Events: unix.POLLIN}, {Fd: int32(s.pidfd), Events: unix.POLLIN}, {Fd: int32(hangup)}}
	ts := unix.NsecToTimespec(int64(patience))
	_, _, err := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&fds)), uintptr(len(fds)), uintptr(unsafe.Pointer(&ts)), 0, 0, 0)
	if err != 0 || fds[0].Revents&unix.POLLIN == 0 {
		return false
	}
	// The pipe does not block; if listen took the byte first, it is on its way through results.
	var b [1]byte
	n, _, err := unix.RawSyscall(unix.SYS_READ, uintptr(s.done), uintptr(unsafe.Pointer(&b)), 1)
	return err == 0 && n == 1
}
