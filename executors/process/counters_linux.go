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

// counter counts one kind of event in all commands that the spawner starts. It hangs on the spawner, which never executes
// anything and so never counts; commands inherit it and begin to count at their execve. So a run costs no set-up, and what
// one run counted is the difference of two reads.
type counter struct {
	name string
	fd   int
	last sample
}

// sample is what the kernel says: how often, and for how long it was on and really counting (it takes turns when there are
// more counters than the processor has).
type sample struct{ count, enabled, running uint64 }

// openCounters opens what the job asks for. absent says why a counter is not to be had here.
func openCounters(metrics []pipeline.Metric, spawner int) (counters []*counter, absent map[string]string) {
	absent = map[string]string{}
	kinds := counterKinds()
	for _, m := range metrics {
		config, ok := kinds[m.Name]
		if m.From != nil || !ok {
			continue
		}
		c, err := openCounter(m.Name, unix.PERF_TYPE_HARDWARE, config, spawner)
		if err != nil {
			absent[m.Name] = err.Error()
			continue
		}
		counters = append(counters, c)
	}
	return counters, absent
}

func openCounter(name string, kind uint32, config uint64, pid int) (*counter, error) {
	attr := unix.PerfEventAttr{
		Type: kind, Config: config, Size: uint32(unsafe.Sizeof(unix.PerfEventAttr{})),
		Read_format: unix.PERF_FORMAT_TOTAL_TIME_ENABLED | unix.PERF_FORMAT_TOTAL_TIME_RUNNING,
		// In user mode only: that is what everybody may count, so that the number does not depend on who asks.
		Bits: unix.PerfBitDisabled | unix.PerfBitInherit | unix.PerfBitEnableOnExec | unix.PerfBitExcludeKernel | unix.PerfBitExcludeHv,
	}
	fd, err := unix.PerfEventOpen(&attr, pid, -1, -1, unix.PERF_FLAG_FD_CLOEXEC)
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENODEV):
		return nil, errors.New("this machine has no such hardware counter")
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return nil, errors.New("not permitted: kernel.perf_event_paranoid is above 2, or this is a container without CAP_PERFMON")
	case err != nil:
		return nil, fmt.Errorf("perf_event_open: %w", err)
	}
	c := &counter{name: name, fd: fd}
	c.last, err = c.read()
	return c, err
}

func (c *counter) read() (sample, error) {
	var b [24]byte
	n, err := unix.Read(c.fd, b[:])
	if err != nil || n != len(b) {
		return sample{}, fmt.Errorf("read the counter: %w", errors.Join(err, unix.EIO))
	}
	word := func(i int) uint64 { return binary.NativeEndian.Uint64(b[8*i:]) }
	return sample{word(0), word(1), word(2)}, nil
}

// since is what was counted after the last call, scaled up to the whole time where the counter had to share.
func (c *counter) since() (float64, error) {
	now, err := c.read()
	if err != nil {
		return 0, err
	}
	before := c.last
	c.last = now
	running := now.running - before.running
	if running == 0 {
		return 0, errors.New("the counter never ran: too many are asked for at once")
	}
	return float64(now.count-before.count) * float64(now.enabled-before.enabled) / float64(running), nil
}
