package host

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// processor is what /proc/cpuinfo says.
type processor struct {
	model      string // "" unknown
	processors int
	x86        bool
	hypervisor bool // the processor says that it is virtual (x86)
}

// parseCPU reads /proc/cpuinfo. x86, s390 and LoongArch have a model name; ARM has numbers of who made which part;
// POWER has "cpu", RISC-V "uarch" or "isa".
func parseCPU(text string) processor {
	var c processor
	var models, parts []string
	fallback := ""
	implementer := ""
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(line, ":")
		name, value = strings.TrimSpace(name), strings.Join(strings.Fields(value), " ")
		if !ok {
			continue
		}
		switch name {
		case "processor":
			c.processors++
		case "model name", "Model Name":
			models = appendNew(models, value)
		case "flags":
			c.x86 = true
			c.hypervisor = c.hypervisor || slices.Contains(strings.Fields(value), "hypervisor")
		case "CPU implementer":
			implementer = value
		case "CPU part":
			parts = appendNew(parts, "ARM implementer "+implementer+" part "+value)
		case "cpu", "uarch", "isa":
			fallback = or(fallback, value)
		}
	}
	c.model = or(strings.Join(models, " + "), strings.Join(parts, " + "), fallback)
	return c
}

// appendNew appends a text that is not empty and not there.
func appendNew(list []string, text string) []string {
	if text == "" || slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}

// parseCPUList counts the CPUs of a list as the kernel writes it, "0-3,8"; 0 when it is none.
func parseCPUList(text string) int {
	const most = 1 << 20 // far beyond any kernel's CONFIG_NR_CPUS
	n := 0
	for part := range strings.SplitSeq(strings.TrimSpace(text), ",") {
		lo, hi, isRange := strings.Cut(part, "-")
		if !isRange {
			hi = lo
		}
		a, err := strconv.ParseUint(lo, 10, 20)
		b, err2 := strconv.ParseUint(hi, 10, 20)
		if err != nil || err2 != nil || b < a {
			return 0
		}
		if n += int(b - a + 1); n > most {
			return 0
		}
	}
	return n
}

// parseMemory is a line of /proc/meminfo in bytes, -1 when it is not there.
func parseMemory(text, name string) int64 {
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, name+":")
		if !ok {
			continue
		}
		fields := strings.Fields(rest)
		if len(fields) != 2 || fields[1] != "kB" {
			return -1
		}
		kib, err := strconv.ParseInt(fields[0], 10, 64)
		if err != nil || kib < 0 || kib > math.MaxInt64>>10 {
			return -1
		}
		return kib << 10
	}
	return -1
}

// parseOSRelease is PRETTY_NAME of an os-release file, or NAME; "" when neither is there.
func parseOSRelease(text string) string {
	name := ""
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		value = strings.TrimSpace(strings.Trim(value, `"'`))
		switch {
		case key == "PRETTY_NAME" && value != "":
			return value
		case key == "NAME":
			name = value
		}
	}
	return name
}

// parsePressure is "some avg10" of a /proc/pressure file as a fraction of time, -1 when it is not there.
func parsePressure(text string) float64 {
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, "some ")
		if !ok {
			continue
		}
		for _, field := range strings.Fields(rest) {
			if percent, ok := strings.CutPrefix(field, "avg10="); ok {
				if v := reading(percent); v >= 0 && v <= 100 {
					return v / 100
				}
			}
		}
	}
	return -1
}

// cpuTimes are ticks since the boot, over all CPUs.
type cpuTimes struct{ total, idle float64 }

// parseCPUTimes reads the first line of /proc/stat: user nice system idle iowait irq softirq steal. The guests' times after
// them are in user and nice already. Zero when it is not there.
func parseCPUTimes(text string) cpuTimes {
	fields := strings.Fields(firstLine(text))
	if len(fields) < 9 || fields[0] != "cpu" {
		return cpuTimes{}
	}
	var t cpuTimes
	for i, word := range fields[1:9] {
		v := reading(word)
		if v < 0 {
			return cpuTimes{}
		}
		t.total += v
		if i == 3 || i == 4 {
			t.idle += v
		}
	}
	return t
}

// reading is the first word of text as a number that is finite and not negative, else -1.
func reading(text string) float64 {
	first, _, _ := strings.Cut(text, " ")
	v, err := strconv.ParseFloat(strings.TrimSpace(first), 64)
	if err != nil || !(v >= 0) || math.IsInf(v, 0) {
		return -1
	}
	return v
}

// milliCelsius is a temperature of /sys in °C. Sensors that are off answer 0, -273 or nonsense: -1.
func milliCelsius(text string) float64 {
	v, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32)
	if err != nil || v <= 0 || v > 150_000 {
		return -1
	}
	return float64(v) / 1000
}

// firstLine is the first line of text that is not empty.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}
