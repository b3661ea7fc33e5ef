package host

import (
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/benchfile/bench/pipeline"
)

// stat is the text of a process that used so many ticks, half of them in the kernel.
func stat(pid, name, begun string, ticks string) string {
	return pid + " (" + name + ") S 1 1 1 0 -1 0 0 0 0 0 " + ticks + " " + ticks + " 0 0 20 0 1 0 " + begun + " 1000 10"
}

func TestWatch(t *testing.T) {
	now := time.Date(2026, 1, 16, 10, 0, 0, 0, time.UTC)
	dir := root(t, map[string]string{
		"proc/7/stat": stat("7", "kworker/0:1 (x) y", "5", "100"), "proc/8/stat": stat("8", "idle", "5", "100"), "proc/9/stat": stat("9", "gone", "5", "100"),
		"proc/10/stat": stat("10", "old", "5", "9000"), "proc/11/stat": "nonsense", "proc/meminfo": "MemFree: 1 kB",
	})
	h := New(Options{Root: dir, Now: func() time.Time { return now }})
	who := h.Watch()
	now = now.Add(10 * time.Second)
	for file, text := range map[string]string{
		"7": stat("7", "kworker/0:1 (x) y", "5", "400"), // 6 s of 10
		"8": stat("8", "idle", "5", "120"),              // 0.4 s
		"9": "", "10": stat("10", "new", "700", "200"),  // another process with the same pid: 4 s
		"12": stat("12", "a", "800", "50"), "13": stat("13", "b", "800", "50"), // 1 s each: the second of them is the fourth
	} {
		write(t, filepath.Join(dir, "proc", file, "stat"), text, 0o600)
	}
	want := []pipeline.Process{{PID: 7, Name: "kworker/0:1 (x) y", CPU: .6}, {PID: 10, Name: "new", CPU: .4}, {PID: 12, Name: "a", CPU: .1}}
	if diff := cmp.Diff(want, who(), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	quiet := h.Watch()
	now = now.Add(10 * time.Second)
	if got := quiet(); got == nil || len(got) != 0 {
		t.Errorf("an idle machine: %v; nil would say that nobody looked", got)
	}
}

// How busy a machine is can be told from the second reading on.
func TestBusy(t *testing.T) {
	dir := root(t, nil)
	h := New(Options{Root: dir, DiskPath: dir})
	for _, c := range []struct {
		stat string
		want float64
	}{
		{"cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1 2 3\n", -1},
		{"cpu  150 0 100 800 140 0 0 10 0 0\n", .3}, // 60 of 200
		{"cpu  150 0 100 800 140 0 0 10 0 0\n", -1}, // no time went by
		{"cpu  150 0 100 900 140 0 0 10 0 0\n", 0},
		{"intr 1 2 3\n", -1},
		{"cpu  150 0 100 900 140 0 0 10 0 0\n", -1},
		{"cpu  250 0 100 900 140 0 0 10 0 0\n", 1},
	} {
		write(t, filepath.Join(dir, "proc", "stat"), c.stat, 0o600)
		got, err := h.Readings(t.Context())
		if err != nil || math.Abs(got.Busy-c.want) > 1e-9 {
			t.Errorf("%q: %v, %v; want %v", c.stat, got.Busy, err, c.want)
		}
	}
}
