//go:build linux

package process

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/benchfile/bench/pipeline"
)

// shortest is the least time over which the kernel's counters are compared: /proc/stat counts in ticks of 10 ms, so that a
// shorter stretch would say nothing. Runs that are shorter share a stretch, and the run that completes it carries its
// readings; the ones before it have −1.
const shortest = 100 * time.Millisecond

// around watches what else goes on while runs are on.
type around struct {
	load, stat, cpuPressure, memPressure *os.File // nil where the kernel has none
	throttles                            []*os.File
	buf                                  []byte
	coordinator                          int

	open  bool // a stretch has begun
	began reading
	cpu   float64 // seconds that the commands of this stretch used
	runs  int     // of this stretch
}

// reading is the state of the counters at one moment, in seconds; −1 where there is none.
type reading struct {
	at                       time.Time
	load, cpuWait, memWait   float64
	throttled                float64 // times, of all processor packages
	total, busy, steal, ours float64 // CPU seconds: of all kinds, not idle, taken by the hypervisor, used by bench itself
}

func newAround(coordinator int) *around {
	open := func(path string) *os.File {
		f, err := os.Open(path)
		if err != nil {
			return nil
		}
		return f
	}
	return &around{buf: make([]byte, 16<<10), coordinator: coordinator,
		load: open("/proc/loadavg"), stat: open("/proc/stat"),
		cpuPressure: open("/proc/pressure/cpu"), memPressure: open("/proc/pressure/memory"), throttles: throttleCounts(open)}
}

// throttleCounts are the files that count how often a processor was throttled for its heat: one for each package, which
// all its CPUs show alike. Only Intel's processors have them, and no virtual machine.
func throttleCounts(open func(string) *os.File) (files []*os.File) {
	seen := map[string]bool{}
	found, _ := filepath.Glob("/sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/package_throttle_count")
	for _, path := range found {
		id, err := os.ReadFile(filepath.Join(filepath.Dir(path), "../topology/physical_package_id"))
		if err != nil || seen[string(id)] {
			continue
		}
		if f := open(path); f != nil {
			seen[string(id)] = true
			files = append(files, f)
		}
	}
	return files
}

// before is called before each burst of runs. A long run has a stretch of its own.
func (a *around) before() {
	if !a.open {
		a.open, a.began, a.cpu, a.runs = true, a.read(), 0, 0
	}
}

// add is called after a run of a burst that goes on, with the CPU seconds the run used.
func (a *around) add(used float64) pipeline.Around {
	a.cpu += used
	a.runs++
	out := pipeline.Unknown()
	out.Load = a.began.load
	return out
}

// after is called after each burst, with the CPU seconds its last run used.
func (a *around) after(used float64) pipeline.Around {
	begun := a.add(used)
	if time.Since(a.began.at) < shortest {
		return begun
	}
	a.open = false
	out := a.began.until(a.read(), a.cpu)
	out.Runs = a.runs
	return out
}

// until compares two readings between which commands used so many CPU seconds.
func (b reading) until(e reading, used float64) pipeline.Around {
	out := pipeline.Unknown()
	wall := e.at.Sub(b.at).Seconds()
	out.Load, out.Span = b.load, wall
	if b.cpuWait >= 0 && e.cpuWait >= 0 {
		out.CPUPressure = clamp((e.cpuWait - b.cpuWait) / wall)
	}
	if b.memWait >= 0 && e.memWait >= 0 {
		out.MemPressure = clamp((e.memWait - b.memWait) / wall)
	}
	if b.total >= 0 && e.total > b.total {
		out.Steal = clamp((e.steal - b.steal) / (e.total - b.total))
		out.Foreign = max(0, (e.busy-b.busy-(e.ours-b.ours)-used)/wall)
	}
	if b.throttled >= 0 && e.throttled >= b.throttled {
		out.Throttled = e.throttled - b.throttled
	}
	return out
}

func clamp(f float64) float64 { return min(1, max(0, f)) }

func (a *around) read() reading {
	r := reading{at: time.Now(), load: -1, cpuWait: -1, memWait: -1, total: -1, throttled: -1}
	if f := bytes.Fields(a.text(a.load)); len(f) > 0 {
		r.load = number(f[0])
	}
	r.cpuWait, r.memWait = someTotal(a.text(a.cpuPressure)), someTotal(a.text(a.memPressure))
	r.total, r.busy, r.steal = cpuTimes(a.text(a.stat))
	for _, f := range a.throttles {
		if n := number(bytes.TrimSpace(a.text(f))); n >= 0 {
			r.throttled = max(0, r.throttled) + n
		}
	}
	r.ours = ownCPU(a.coordinator)
	return r
}

// text reads a file of /proc from its beginning; its first 16 kB are more than is needed of any.
func (a *around) text(f *os.File) []byte {
	if f == nil {
		return nil
	}
	n, err := quietRead(int(f.Fd()), a.buf, 0)
	if err != 0 {
		return nil
	}
	return a.buf[:n]
}

// someTotal reads the time in which some task waited, in seconds, from a file of /proc/pressure.
func someTotal(text []byte) float64 {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	_, total, ok := bytes.Cut(line, []byte("total="))
	if !ok {
		return -1
	}
	if us := number(total); us >= 0 {
		return us / 1e6
	}
	return -1
}

// userHZ is the unit of /proc/stat: 1/100 s on every architecture that this package is for.
const userHZ = 100

// cpuTimes reads the first line of /proc/stat: user nice system idle iowait irq softirq steal guest guest_nice, in ticks
// over all CPUs. The guests' are in user and nice already.
func cpuTimes(text []byte) (total, busy, steal float64) {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	f := bytes.Fields(line)
	if len(f) < 9 || string(f[0]) != "cpu" {
		return -1, -1, -1
	}
	for i, word := range f[1:9] {
		v := number(word) / userHZ
		total += v
		switch i {
		case 3, 4: // idle, iowait
		case 7:
			steal = v
		default:
			busy += v
		}
	}
	return total, busy, steal
}

// number is −1 for what is none.
func number(word []byte) float64 {
	v, err := strconv.ParseFloat(string(word), 64)
	if err != nil || v < 0 {
		return -1
	}
	return v
}

// ownCPU is what the runner, the orphans it reaped and bench used so far, in seconds.
func ownCPU(coordinator int) float64 {
	sum := 0.0
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var ru unix.Rusage
		if unix.Getrusage(who, &ru) == nil {
			sum += seconds(ru.Utime) + seconds(ru.Stime)
		}
	}
	// The CPU clock of another process, by its pid: see clock_getcpuclockid(3).
	return sum + float64(quietClock(int32(^coordinator<<3|2)))/1e9
}

func seconds(tv unix.Timeval) float64 { return float64(tv.Nano()) / 1e9 }
