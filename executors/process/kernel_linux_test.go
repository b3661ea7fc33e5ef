//go:build linux && (amd64 || arm64)

package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/benchfile/bench/pipeline"
)

func TestCgroupPlaces(t *testing.T) {
	const (
		hybrid  = "30 23 0:26 / /sys/fs/cgroup/freezer rw,relatime shared:9 - cgroup cgroup rw,freezer\n31 23 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n32 23 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
		unified = "31 23 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
		bound   = "31 23 0:27 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n"
	)
	for _, c := range []struct{ name, mounts, own, want string }{
		{"both versions", hybrid, "6:freezer:/f\n0::/u\n", "[{/sys/fs/cgroup/unified/u true} {/sys/fs/cgroup/freezer/f false}]"},
		{"the unified one", unified, "0::/user.slice/a b.scope\n", "[{/sys/fs/cgroup/user.slice/a b.scope true}]"},
		{"a part of it is mounted", bound, "0::/docker/abc/x\n", "[{/sys/fs/cgroup/x true}]"},
		{"another part of it is mounted", bound, "0::/\n", "[]"},
		{"none", "", "", "[]"},
		{"odd lines", "a b - \n - cgroup2\n\n", "::\nx\n", "[]"},
	} {
		if got := fmt.Sprint(cgroupPlaces(c.mounts, c.own)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestParentOf(t *testing.T) {
	for stat, want := range map[string]string{
		"12 (cat) S 7 12 12 0":       "7 S",
		"12 (a) b) Z 1 (c) R 99 1 1": "99 R",
		"12 (x":                      "0 \x00",
		"":                           "0 \x00",
		"12 (cat) S":                 "0 \x00",
		"12 (cat) S x":               "0 \x00",
	} {
		ppid, state := parentOf([]byte(stat))
		if got := fmt.Sprintf("%d %c", ppid, state); got != want {
			t.Errorf("%q: %q, want %q", stat, got, want)
		}
	}
}

func TestAround(t *testing.T) {
	total, busy, steal := cpuTimes([]byte("cpu  100 20 30 1000 50 1 2 7 90 3\ncpu0 1 2 3\n"))
	if total != 12.1 || busy != 1.53 || steal != 0.07 {
		t.Errorf("total %v, busy %v, steal %v", total, busy, steal)
	}
	if got := someTotal([]byte("some avg10=1.00 avg60=0.00 avg300=0.00 total=2500000\nfull avg10=0.00 total=1\n")); got != 2.5 {
		t.Errorf("pressure %v", got)
	}
	for _, junk := range []string{"", "cpu", "cpu 1 2", "some total=", "some total=x"} {
		if total, _, _ := cpuTimes([]byte(junk)); total != -1 || someTotal([]byte(junk)) != -1 {
			t.Errorf("%q was taken for a number", junk)
		}
	}
	at := time.Unix(100, 0)
	begin := reading{at: at, load: 0.5, cpuWait: 1, memWait: -1, throttled: 3, total: 10, busy: 4, steal: 0, ours: 1}
	end := reading{at: at.Add(2 * time.Second), cpuWait: 1.5, memWait: 3, throttled: 5, total: 14, busy: 7, steal: 1, ours: 1.5}
	got := begin.until(end, 2)
	if want := (pipeline.Around{Load: 0.5, CPUPressure: 0.25, MemPressure: -1, Steal: 0.25, Foreign: 0.25, Throttled: 2, Span: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	nothing := reading{at: at, load: -1, cpuWait: -1, memWait: -1, throttled: -1, total: -1}
	if got := nothing.until(nothing, 1); got != pipeline.Unknown() {
		t.Errorf("a machine that says nothing: %+v", got)
	}
}

// The hardware's counters are not everywhere; the kernel's own take the same way: on the spawner, inherited, from execve on.
func TestCountersCountCommandsOnly(t *testing.T) {
	tr, err := newTree()
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSpawner(tr)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	defer s.end()
	c := newCounter("faults", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_PAGE_FAULTS)
	if err := c.open(s.pid); err != nil {
		t.Skipf("no counters here: %v", err)
	}
	dir, err := unix.Open("/", unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	count := func(argv ...string) float64 {
		s.clear()
		if err := s.load(&ready{folder: dir, path: argv[0], argv: argv}, 1, 2, ""); err != nil {
			t.Fatal(err)
		}
		c.close()
		if err := c.open(s.pid); err != nil {
			t.Fatal(err)
		}
		if err := s.begin(); err != nil {
			t.Fatal(err)
		}
		<-s.results
		if _, failed := s.failure(0); failed != 0 {
			t.Fatal(failed)
		}
		v, err := c.take()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	sh, err := lookup("sh", "/", nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 { // whether the kernel swaps the counter with its copy is up to it
		one := count(sh, "-c", ":")
		two := count(sh, "-c", sh+" -c :; :")
		if one < 10 || two < one*1.5 || one > 1000 {
			t.Errorf("one shell: %v, one within another: %v", one, two)
		}
	}
}

func TestRelieveKeepsHeadAndTail(t *testing.T) {
	for _, onDisk := range []bool{false, true} {
		relieveKeepsHeadAndTail(t, &stream{dir: t.TempDir(), name: "stdout", cap: 16 << 10, onDisk: onDisk})
	}
}

func relieveKeepsHeadAndTail(t *testing.T, s *stream) {
	if _, err := s.open(); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for i := 0; all.Len() < 1<<20; i++ {
		fmt.Fprintf(&all, "%015d\n", i)
	}
	if _, err := s.file.WriteString(all.String()); err != nil {
		t.Fatal(err)
	}
	if err := s.relieve(s.size()); err != nil {
		t.Skipf("this file system cannot give back the middle of a file: %v", err)
	}
	var st unix.Stat_t
	if err := unix.Fstat(s.fd, &st); err != nil || st.Blocks*512 > 64<<10 {
		t.Errorf("%d bytes are still there (%v)", st.Blocks*512, err)
	}
	if _, err := s.file.WriteString("the end\n"); err != nil {
		t.Fatal(err)
	}
	path, cut, err := s.keep(3)
	if err != nil || cut != int64(all.Len())+8-16<<10 || path != filepath.Join(s.dir, "000003.stdout") {
		t.Errorf("%s, %d cut, %v", path, cut, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole := all.String() + "the end\n"
	if got := string(text); !strings.HasPrefix(got, whole[:8<<10]) || !strings.HasSuffix(got, whole[len(whole)-8<<10:]) || strings.Contains(got, "\x00") {
		t.Error("head or tail is not what was written")
	}
}

func TestASuspendedMachineIsNoticed(t *testing.T) {
	at := func(seconds, millis int64) unix.Timespec { return unix.Timespec{Sec: seconds, Nsec: millis * 1e6} }
	e := entry{began: at(100, 0), ended: at(102, 0), boot: at(500, 0), bootEnd: at(502, 0), real: at(9000, 0), realEnd: at(9002, 0)}
	r := &runner{tree: &tree{}}
	if why, notes := r.halted(&e), e.clockSet(); why != "" || notes != nil {
		t.Errorf("a run that nothing happened to: %q, %q", why, notes)
	}
	e.bootEnd, e.realEnd = at(562, 0), at(9062, 0)
	if why, notes := r.halted(&e), e.clockSet(); why != "the machine was suspended for 60.0 s during the run" || notes != nil {
		t.Errorf("suspended: %q, %q", why, notes)
	}
	e.bootEnd, e.realEnd = at(502, 0), at(5402, 0)
	if why, notes := r.halted(&e), e.clockSet(); why != "" || fmt.Sprint(notes) != "[the clock was set by -3600.0 s during the run]" {
		t.Errorf("an hour back: %q, %q", why, notes)
	}
}

// The pauses follow the growth, so that between two looks about as much is written as is kept.
func TestNap(t *testing.T) {
	for _, c := range []struct {
		last  time.Duration
		grown int64
		want  time.Duration
	}{
		{firstLook, 0, longestNap}, {firstLook, 1 << 10, longestNap}, {firstLook, 160 << 20, 10 * time.Millisecond},
		{10 * time.Millisecond, 16 << 20, 10 * time.Millisecond}, {10 * time.Millisecond, 4 << 20, 40 * time.Millisecond},
		{shortestNap, 1 << 30, shortestNap}, {longestNap, -1, longestNap},
	} {
		if got := nap(c.last, c.grown, 16<<20); got != c.want {
			t.Errorf("%d bytes in %v: look again after %v, want %v", c.grown, c.last, got, c.want)
		}
	}
}
