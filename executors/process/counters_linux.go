//go:build linux

package process

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/benchfile/bench/pipeline"
)

// counterKinds are the hardware counters that a job may ask for.
func counterKinds() map[string]uint64 {
	return map[string]uint64{
		"instructions":  unix.PERF_COUNT_HW_INSTRUCTIONS,
		"cycles":        unix.PERF_COUNT_HW_CPU_CYCLES,
		"cache_misses":  unix.PERF_COUNT_HW_CACHE_MISSES,
		"branch_misses": unix.PERF_COUNT_HW_BRANCH_MISSES,
	}
}

// counter counts one kind of event in a command and all its descendants. It is opened on the spawner, which never executes
// anything and so never counts; the command inherits it and begins to count at its execve. It has to be a new one for each
// run: the kernel may hand the spawner's own to the command instead of a copy (it swaps equal sets of counters where it
// switches between parent and child), and then it goes down with the command.
type counter struct {
	name string
	attr unix.PerfEventAttr
	fd   int // −1 between runs
}

// newCounters are those that a job asks for. absent says why one is not to be had here.
func newCounters(metrics []pipeline.Metric, spawner int) (counters []*counter, absent map[string]string) {
	absent = map[string]string{}
	kinds := counterKinds()
	for _, m := range metrics {
		config, ok := kinds[m.Name]
		if m.From != nil || !ok {
			continue
		}
		c := newCounter(m.Name, unix.PERF_TYPE_HARDWARE, config)
		if err := c.open(spawner); err != nil {
			absent[m.Name] = err.Error()
			continue
		}
		c.close()
		counters = append(counters, c)
	}
	return counters, absent
}

func newCounter(name string, kind uint32, config uint64) *counter {
	return &counter{name: name, fd: -1, attr: unix.PerfEventAttr{
		Type: kind, Config: config, Size: uint32(unsafe.Sizeof(unix.PerfEventAttr{})),
		Read_format: unix.PERF_FORMAT_TOTAL_TIME_ENABLED | unix.PERF_FORMAT_TOTAL_TIME_RUNNING,
		// In user mode only: that is what everybody may count, so that the number does not depend on who asks.
		Bits: unix.PerfBitDisabled | unix.PerfBitInherit | unix.PerfBitEnableOnExec | unix.PerfBitExcludeKernel | unix.PerfBitExcludeHv,
	}}
}

// open has the counter ready for the spawner's next command.
func (c *counter) open(spawner int) error {
	fd, err := unix.PerfEventOpen(&c.attr, spawner, -1, -1, unix.PERF_FLAG_FD_CLOEXEC)
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENODEV):
		return errors.New("this machine has no such hardware counter")
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return errors.New("not permitted: kernel.perf_event_paranoid is above 2, or this is a container without CAP_PERFMON")
	case err != nil:
		return fmt.Errorf("perf_event_open: %w", err)
	}
	c.fd = fd
	return nil
}

func (c *counter) close() {
	if c.fd >= 0 {
		_ = unix.Close(c.fd)
	}
	c.fd = -1
}

// take reads what the command counted, scaled up to its whole time where the counter had to share the processor's, and
// closes the counter.
func (c *counter) take() (float64, error) {
	defer c.close()
	if c.fd < 0 {
		return 0, errors.New("the counter could not be opened again")
	}
	var b [24]byte
	if n, err := unix.Read(c.fd, b[:]); err != nil || n != len(b) {
		return 0, fmt.Errorf("read the counter: %d bytes, %w", n, err)
	}
	word := func(i int) float64 { return float64(binary.NativeEndian.Uint64(b[8*i:])) }
	count, enabled, running := word(0), word(1), word(2)
	if running == 0 {
		return 0, errors.New("the counter never ran: too many are asked for at once")
	}
	return count * enabled / running, nil
}
