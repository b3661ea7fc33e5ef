//go:build linux && (amd64 || arm64)

package process

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// arenaSize bounds the tape, the arguments and the environment of a run together. The kernel's own limit for the last two
// is 6 MiB. Only pages that are written to cost memory.
const arenaSize = 16 << 20

// arena is memory that the runner and the spawner share. It is not Go's: nothing in it moves or is collected, and addresses
// in it mean the same to both.
type arena struct {
	mem  []byte
	used int
}

func newArena() (*arena, error) {
	mem, err := unix.Mmap(-1, 0, arenaSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("map shared memory: %w", err)
	}
	return &arena{mem: mem}, nil
}

// take reserves n bytes, aligned for any word.
func (a *arena) take(n int) (unsafe.Pointer, error) {
	at := (a.used + 15) &^ 15
	if n > len(a.mem)-at {
		return nil, unix.E2BIG
	}
	a.used = at + n
	return unsafe.Pointer(&a.mem[at]), nil
}

// text writes a zero-terminated string.
func (a *arena) text(s string) (uintptr, error) {
	p, err := a.take(len(s) + 1)
	if err != nil {
		return 0, err
	}
	b := unsafe.Slice((*byte)(p), len(s)+1)
	copy(b, s)
	b[len(s)] = 0
	return uintptr(p), nil
}

// texts writes strings, and says where they are.
func (a *arena) texts(ss []string) ([]uintptr, error) {
	at := make([]uintptr, len(ss))
	for i, s := range ss {
		var err error
		if at[i], err = a.text(s); err != nil {
			return nil, err
		}
	}
	return at, nil
}

// table writes an array of addresses as execve wants it.
func (a *arena) table(at []uintptr) (uintptr, error) {
	p, err := a.take((len(at) + 1) * int(unsafe.Sizeof(uintptr(0))))
	if err != nil {
		return 0, err
	}
	t := unsafe.Slice((*uintptr)(p), len(at)+1)
	copy(t, at)
	t[len(at)] = 0
	return uintptr(p), nil
}

// placed reserves a zeroed T.
func placed[T any](a *arena) (*T, error) {
	var zero T
	p, err := a.take(int(unsafe.Sizeof(zero)))
	if err != nil {
		return nil, err
	}
	t := (*T)(p)
	*t = zero
	return t, nil
}

func address[T any](p *T) uintptr { return uintptr(unsafe.Pointer(p)) }
