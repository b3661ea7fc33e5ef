package host

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/benchfile/bench/pipeline"
)

// firecracker is a guest of 2 CPUs without firmware tables, frequency scaling or sensors, as captured there; of
// /proc/cpuinfo the fields that are read, of /proc/meminfo the first.
var firecracker = map[string]string{
	"proc/cpuinfo":                  strings.Repeat("processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel\t\t: 17\nmodel name\t: AMD EPYC\nflags\t\t: fpu vme de x2apic hypervisor lahf_lm\n\n", 2),
	"proc/meminfo":                  "MemTotal:       24684092 kB\nMemFree:        22534696 kB\nMemAvailable:   24148368 kB\n",
	"proc/loadavg":                  "1.04 5.08 5.16 2/117 20336\n",
	"proc/uptime":                   "1563.21 2102.33\n",
	"proc/pressure/cpu":             "some avg10=0.02 avg60=7.19 avg300=53.72 total=1040915877\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
	"proc/pressure/memory":          "some avg10=0.00 avg60=0.00 avg300=0.00 total=71390\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=2131\n",
	"proc/self/cgroup":              "9:name=systemd:/\n4:memory:/process_api/719eea\n2:cpuacct:/\n1:cpu:/\n0::/\n",
	"proc/sys/kernel/hostname":      "box\n",
	"proc/sys/kernel/osrelease":     "6.18.44\n",
	"proc/sys/kernel/arch":          "x86_64\n",
	"etc/os-release":                "NAME=\"Debian GNU/Linux\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
	"sys/devices/system/cpu/online": "0-1\n",
	"sys/devices/system/clocksource/clocksource0/available_clocksource": "tsc kvm-clock acpi_pm \n",
	".dockerenv": "",
}

// desktop is a machine with everything: the values are invented, the files are as the kernel's documentation has them.
var desktop = map[string]string{
	"proc/cpuinfo":                                            "processor\t: 0\nmodel name\t: AMD Ryzen 9   5950X 16-Core Processor\nflags\t\t: fpu vme\n",
	"proc/meminfo":                                            "MemTotal:       65769972 kB\nMemAvailable:   53477376 kB\n",
	"proc/loadavg":                                            "0.30 0.20 0.10 1/900 1\n",
	"proc/uptime":                                             "86400.00 1.00\n",
	"proc/sys/kernel/hostname":                                "office-2\n",
	"proc/sys/kernel/osrelease":                               "6.5.0-44-generic\n",
	"proc/sys/kernel/arch":                                    "x86_64\n",
	"usr/lib/os-release":                                      "PRETTY_NAME='Ubuntu 22.04.4 LTS'\n",
	"sys/devices/system/cpu/online":                           "0-31\n",
	"sys/class/dmi/id/sys_vendor":                             "Amazon EC2\n", // a bare-metal instance
	"proc/self/cgroup":                                        "0::/user.slice/user-1000.slice\n",
	"sys/fs/cgroup/user.slice/cpu.max":                        "150000 100000\n",
	"sys/fs/cgroup/user.slice/user-1000.slice/cpu.max":        "max 100000\n",
	"sys/class/thermal/thermal_zone0/type":                    "acpitz\n",
	"sys/class/thermal/thermal_zone0/temp":                    "96000\n",
	"sys/class/hwmon/hwmon0/name":                             "nvme\n",
	"sys/class/hwmon/hwmon0/temp1_input":                      "88000\n",
	"sys/class/hwmon/hwmon1/name":                             "k10temp\n",
	"sys/class/hwmon/hwmon1/temp1_input":                      "51250\n",
	"sys/devices/system/cpu/cpufreq/policy0/scaling_governor": "powersave\n",
	"sys/devices/system/cpu/cpufreq/policy1/scaling_governor": "performance\n",
	"sys/devices/system/cpu/cpufreq/policy2/scaling_governor": "powersave\n",
	"sys/devices/system/cpu/cpufreq/boost":                    "1\n",
}

// root writes files below a folder of the test's.
func root(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		write(t, filepath.Join(dir, name), text, 0o644)
	}
	return dir
}

// write writes a file and the folders it lies in.
func write(t testing.TB, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// script writes a shell script and returns its path.
func script(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	write(t, path, "#!/bin/sh\n"+text+"\n", 0o755)
	return path
}

func TestEnvironment(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  pipeline.Environment
	}{
		{"a guest in a container", firecracker, pipeline.Environment{
			Hostname: "box", CPU: "AMD EPYC", Cores: 2, Memory: 24684092 << 10, OS: "Debian GNU/Linux 12 (bookworm)",
			Kernel: "6.18.44", Arch: "x86_64", Virtual: "kvm, docker"}},
		{"hardware with a limit on CPU time in a parent group", desktop, pipeline.Environment{
			Hostname: "office-2", CPU: "AMD Ryzen 9 5950X 16-Core Processor", Cores: 32, Memory: 65769972 << 10, OS: "Ubuntu 22.04.4 LTS",
			Kernel: "6.5.0-44-generic", Arch: "x86_64", Virtual: "1.5 CPUs at most"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := New(Options{Root: root(t, tt.files)})
			got, err := h.Environment(t.Context(), nil, t.TempDir(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestVirtual(t *testing.T) {
	const x86, guest = "flags : fpu\n", "flags : fpu hypervisor\n"
	tests := []struct {
		name, cpuinfo string
		files         map[string]string
		want          string
	}{
		{"hardware", x86, nil, ""},
		{"a guest that says no more", guest, nil, "vm"},
		{"qemu", guest, map[string]string{"sys/class/dmi/id/sys_vendor": "QEMU"}, "qemu"},
		{"hyper-v", guest, map[string]string{"sys/class/dmi/id/product_name": "Virtual Machine"}, "microsoft"},
		{"firmware alone is not believed", x86, map[string]string{"sys/class/dmi/id/sys_vendor": "Amazon EC2"}, ""},
		{"an ARM guest has only its firmware", "CPU part : 0xd0c\n", map[string]string{"sys/class/dmi/id/product_name": "KVM Virtual Machine"}, "kvm"},
		{"wsl", guest, map[string]string{"proc/sys/kernel/osrelease": "5.15.90.1-microsoft-standard-WSL2"}, "wsl"},
		{"xen", guest, map[string]string{"sys/devices/system/clocksource/clocksource0/available_clocksource": "xen tsc"}, "xen"},
		{"podman", x86, map[string]string{"run/.containerenv": ""}, "podman"},
		{"nspawn", x86, map[string]string{"run/systemd/container": "systemd-nspawn\n"}, "systemd-nspawn"},
		{"kubernetes", x86, map[string]string{"proc/1/cgroup": "0::/kubepods/besteffort/pod1\n"}, "kubernetes"},
		{"a limit of version 1", x86, map[string]string{"proc/self/cgroup": "3:cpu,cpuacct:/docker/ab\n",
			"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "50000", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000"}, "0.5 CPUs at most"},
		{"no limit of version 1", x86, map[string]string{"proc/self/cgroup": "3:cpu,cpuacct:/\n",
			"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000"}, ""},
		{"a group outside is looked for inside", x86, map[string]string{"proc/self/cgroup": "0::/../../etc\n",
			"sys/fs/cgroup/etc/cpu.max": "200000 100000"}, "2 CPUs at most"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := New(Options{Root: root(t, tt.files)})
			if got := h.virtual(parseCPU(tt.cpuinfo)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestReadings(t *testing.T) {
	now := time.Date(2026, 1, 16, 10, 0, 0, 0, time.UTC)
	unknown := pipeline.Readings{At: now, Load: -1, CPUPressure: -1, MemPressure: -1, Busy: -1, MemoryFree: -1, CPUTemperature: -1, Uptime: -1}
	tests := []struct {
		name  string
		files map[string]string
		want  pipeline.Readings
	}{
		{"a guest", firecracker, pipeline.Readings{At: now, Load: 1.04, CPUPressure: 0.0002, MemPressure: 0, Busy: -1, MemoryFree: 24148368 << 10,
			CPUTemperature: -1, Uptime: 1563.21}},
		{"hardware", desktop, pipeline.Readings{At: now, Load: 0.3, CPUPressure: -1, MemPressure: -1, Busy: -1, MemoryFree: 53477376 << 10,
			CPUTemperature: 51.25, Governor: "performance+powersave", Turbo: "on", Uptime: 86400}},
		{"nothing is there", nil, unknown},
		{"nothing makes sense", map[string]string{"proc/loadavg": "NaN", "proc/uptime": "-5", "proc/meminfo": "MemAvailable: lots\n",
			"proc/pressure/cpu": "some avg10=1e9\n", "proc/pressure/memory": "some\n", "sys/devices/system/cpu/intel_pstate/no_turbo": "?",
			"sys/class/thermal/thermal_zone0/temp": "-273000"}, unknown},
		{"intel asks the other way round", map[string]string{"sys/devices/system/cpu/intel_pstate/no_turbo": "1",
			"sys/class/thermal/thermal_zone0/type": "x86_pkg_temp", "sys/class/thermal/thermal_zone0/temp": "40000",
			"sys/class/thermal/thermal_zone1/type": "iwlwifi_1", "sys/class/thermal/thermal_zone1/temp": "60000"},
			pipeline.Readings{At: now, Load: -1, CPUPressure: -1, MemPressure: -1, Busy: -1, MemoryFree: -1, CPUTemperature: 40, Turbo: "off", Uptime: -1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := New(Options{Root: root(t, tt.files), DiskPath: t.TempDir(), Now: func() time.Time { return now }})
			got, err := h.Readings(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got.DiskFree <= 0 {
				t.Errorf("free disk space %d", got.DiskFree)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(pipeline.Readings{}, "DiskFree")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDiskOfAFolderThatIsNotThereYet(t *testing.T) {
	dir := t.TempDir()
	h := New(Options{DiskPath: filepath.Join(dir, "a", ".bench")})
	if got := h.diskFree(); got <= 0 {
		t.Errorf("free disk space %d", got)
	}
	write(t, filepath.Join(dir, "file"), "", 0o600)
	if got := New(Options{DiskPath: filepath.Join(dir, "file", "x")}).diskFree(); got != -1 {
		t.Errorf("below a file: %d, want -1", got)
	}
}

// TestThisMachine holds that the machine which runs the test can be looked at, and says the same twice.
func TestThisMachine(t *testing.T) {
	h := New(Options{})
	first, err := h.Environment(t.Context(), nil, t.TempDir(), os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	second, err := New(Options{}).Environment(t.Context(), nil, t.TempDir(), os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("the same machine says (-first +second):\n%s", diff)
	}
	if first.Cores < 1 || first.CPU == "" || first.OS == "" || first.Arch == "" {
		t.Errorf("%+v", first)
	}
	r, err := h.Readings(t.Context())
	if err != nil || r.DiskFree <= 0 || r.At.IsZero() {
		t.Errorf("%+v, %v", r, err)
	}
	t.Logf("%+v\n%+v", first, r)
}

func TestAskedToStop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h := New(Options{Root: root(t, nil)})
	if _, err := h.Environment(ctx, nil, t.TempDir(), nil); err == nil {
		t.Error("an environment")
	}
	if _, err := h.Readings(ctx); err == nil {
		t.Error("readings")
	}
}

func TestLongFileEndsInAWholeLine(t *testing.T) {
	block := "processor : 1\nmodel name : The Same Long Name\n"
	h := New(Options{Root: root(t, map[string]string{"proc/cpuinfo": strings.Repeat(block, readCap/len(block)+10)})})
	if got := parseCPU(h.read("proc/cpuinfo")).model; got != "The Same Long Name" {
		t.Errorf("model %q", got)
	}
}

func BenchmarkReadings(b *testing.B) {
	h := New(Options{})
	for b.Loop() {
		if _, err := h.Readings(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEnvironment(b *testing.B) {
	h := New(Options{})
	for b.Loop() {
		if _, err := h.Environment(b.Context(), nil, "/", nil); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzProc(f *testing.F) {
	for _, files := range []map[string]string{firecracker, desktop} {
		for _, text := range files {
			f.Add([]byte(text))
		}
	}
	f.Add([]byte("0-1048575,5-4"))
	f.Add([]byte("1.5 0"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		text := string(bytes.TrimSpace(raw))
		for what, v := range map[string]float64{
			"pressure": parsePressure(text), "reading": reading(text), "temperature": milliCelsius(text), "quota": parseCPUMax(text),
			"memory": float64(parseMemory(text, "MemTotal")),
		} {
			if v != -1 && !(v >= 0 && v <= 1e300*1e8) {
				t.Errorf("%s: %v", what, v)
			}
		}
		if n := parseCPUList(text); n < 0 || n > 1<<20 {
			t.Errorf("%d CPUs", n)
		}
		if p := parsePressure(text); p > 1 {
			t.Errorf("pressure %v", p)
		}
		c := parseCPU(text)
		if strings.ContainsAny(c.model+parseOSRelease(text), "\n") {
			t.Errorf("several lines: %+v", c)
		}
		if gpus, err := parseGPUs(text); err == nil {
			for _, g := range gpus {
				if fmt.Sprint(g) != printable(fmt.Sprint(g)) {
					t.Errorf("%+v would act on a terminal", g)
				}
			}
		}
	})
}
