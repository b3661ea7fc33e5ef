package host

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/benchfile/bench/pipeline"
)

// Readings says how the machine is now. Without a GPU it costs a few dozen small reads of /proc and /sys, well under a
// millisecond; with one, a run of nvidia-smi. The only error is ctx.
func (h *Host) Readings(ctx context.Context) (pipeline.Readings, error) {
	r := pipeline.Readings{
		At:             h.now(),
		Load:           reading(h.read("proc/loadavg")),
		CPUPressure:    parsePressure(h.read("proc/pressure/cpu")),
		MemPressure:    parsePressure(h.read("proc/pressure/memory")),
		Busy:           h.busy(),
		MemoryFree:     parseMemory(h.read("proc/meminfo"), "MemAvailable"),
		DiskFree:       h.diskFree(),
		CPUTemperature: h.cpuTemperature(),
		Governor:       h.governor(),
		Turbo:          h.turbo(),
		Uptime:         reading(h.read("proc/uptime")),
	}
	temperatures, note := h.gpuTemperatures(ctx)
	if ctx.Err() != nil {
		return pipeline.Readings{}, context.Cause(ctx)
	}
	r.GPUTemperature = temperatures
	if note != "" {
		r.Notes = append(r.Notes, note)
	}
	return r, nil
}

// diskFree is what an ordinary user may still write where the disk path is, or would be.
func (h *Host) diskFree() int64 {
	dir, err := filepath.Abs(h.disk)
	if err != nil {
		return -1
	}
	for {
		free, err := freeBytes(dir)
		if err == nil {
			return free
		}
		if !os.IsNotExist(err) || filepath.Dir(dir) == dir {
			return -1
		}
		dir = filepath.Dir(dir)
	}
}

// cpuTemperature is the hottest sensor of the processor in °C; where none is known to be the processor's, the hottest
// thermal zone. -1 unknown.
func (h *Host) cpuTemperature() float64 {
	processor, any := -1.0, -1.0
	for _, zone := range h.glob("sys/class/thermal/thermal_zone[0-9]*") {
		t := milliCelsius(h.read(filepath.Join(zone, "temp")))
		any = max(any, t)
		if isProcessor(h.read(filepath.Join(zone, "type"))) {
			processor = max(processor, t)
		}
	}
	if processor >= 0 {
		return processor
	}
	for _, sensor := range h.glob("sys/class/hwmon/hwmon[0-9]*") {
		if isProcessor(h.read(filepath.Join(sensor, "name"))) {
			processor = max(processor, milliCelsius(h.read(filepath.Join(sensor, "temp1_input"))))
		}
	}
	if processor >= 0 {
		return processor
	}
	return any
}

// isProcessor says whether a sensor of that name is the processor's: Intel's package and cores, AMD's, ARM boards'.
func isProcessor(sensor string) bool {
	switch sensor {
	case "x86_pkg_temp", "coretemp", "k10temp", "zenpower":
		return true
	}
	return strings.HasPrefix(sensor, "cpu")
}

// governor is the frequency governor, or all that are in use: "performance+powersave". "" unknown.
func (h *Host) governor() string {
	files := h.glob("sys/devices/system/cpu/cpufreq/policy[0-9]*/scaling_governor")
	if len(files) == 0 {
		files = h.glob("sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor")
	}
	var names []string
	for _, f := range files {
		names = appendNew(names, h.read(f))
	}
	slices.Sort(names)
	return strings.Join(names, "+")
}

// turbo is whether the processor may clock above its base. intel_pstate asks the other way round.
func (h *Host) turbo() string {
	const cpu = "sys/devices/system/cpu/"
	switch h.read(cpu + "intel_pstate/no_turbo") {
	case "0":
		return "on"
	case "1":
		return "off"
	}
	for _, file := range [...]string{"cpufreq/boost", "cpufreq/policy0/boost"} {
		switch h.read(cpu + file) {
		case "1":
			return "on"
		case "0":
			return "off"
		}
	}
	return ""
}

// busy is the share of all CPU time that was in use since it was last asked, what the hypervisor took included; −1 the first
// time and where it cannot be read.
func (h *Host) busy() float64 {
	now := parseCPUTimes(h.read("proc/stat"))
	h.mu.Lock()
	defer h.mu.Unlock()
	was := h.cpu
	h.cpu = now
	if was.total <= 0 || now.total <= was.total || now.idle < was.idle {
		return -1
	}
	return 1 - min(1, (now.idle-was.idle)/(now.total-was.total))
}
