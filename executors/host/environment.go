package host

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/benchfile/bench/pipeline"
)

// Environment says what the machine is: what it has, not what this process may use of it, except that a limit on CPU
// time (a container's) is part of Virtual, since everything measured is slower for it. Tools are run in dir with env.
//
// The only errors are a tool that does not answer, and ctx. A machine with GPUs whose nvidia-smi hangs says so in GPUs,
// so that what is measured meanwhile is not taken for a result of a machine without.
func (h *Host) Environment(ctx context.Context, tools []pipeline.Tool, dir string, env []string) (pipeline.Environment, error) {
	cpu := parseCPU(h.read("proc/cpuinfo"))
	e := pipeline.Environment{
		Hostname: h.hostname(),
		CPU:      or(cpu.model, "unknown"),
		Cores:    h.cores(cpu),
		Memory:   max(0, parseMemory(h.read("proc/meminfo"), "MemTotal")),
		OS:       h.os(),
		Kernel:   h.read("proc/sys/kernel/osrelease"),
		Arch:     or(h.read("proc/sys/kernel/arch"), arch(runtime.GOARCH)),
		Virtual:  h.virtual(cpu),
	}
	e.GPUs, e.Driver = h.gpuIdentity(ctx)
	if err := ctx.Err(); err != nil {
		return pipeline.Environment{}, context.Cause(ctx)
	}
	var err error
	e.Tools, err = h.versions(ctx, tools, dir, env)
	if err != nil {
		return pipeline.Environment{}, err
	}
	return e, nil
}

// or is the first text that is not empty.
func or(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// hostname is the machine's name.
func (h *Host) hostname() string {
	if name := h.read("proc/sys/kernel/hostname"); name != "" || h.root != "/" {
		return name
	}
	name, _ := os.Hostname() // "" is what an unknown name looks like
	return name
}

// cores is how many logical CPUs are online. /proc/cpuinfo is asked second: lxcfs shows containers a shortened one.
func (h *Host) cores(cpu processor) int {
	if n := parseCPUList(h.read("sys/devices/system/cpu/online")); n > 0 {
		return n
	}
	if cpu.processors > 0 {
		return cpu.processors
	}
	return runtime.NumCPU()
}

// os is the system's own name for itself.
func (h *Host) os() string {
	for _, path := range [...]string{"etc/os-release", "usr/lib/os-release"} {
		if name := parseOSRelease(h.read(path)); name != "" {
			return name
		}
	}
	return runtime.GOOS
}

// arch is the kernel's word for an architecture of Go's: /proc/sys/kernel/arch is there from Linux 6.1 only, and the same
// machine must say the same before and after.
func arch(goarch string) string {
	switch goarch {
	case "amd64":
		return "x86_64"
	case "arm64":
		return "aarch64"
	case "386":
		return "i686"
	}
	return goarch
}

// virtual says what is between bench and the hardware: "kvm, docker, 1.5 CPUs at most", or "" when nothing was seen.
func (h *Host) virtual(cpu processor) string {
	var layers []string
	if vm := h.hypervisor(cpu); vm != "" {
		layers = append(layers, vm)
	}
	if c := h.container(); c != "" {
		layers = append(layers, c)
	}
	if limit := h.cpuLimit(); limit > 0 {
		layers = append(layers, strconv.FormatFloat(limit, 'g', 4, 64)+" CPUs at most")
	}
	return strings.Join(layers, ", ")
}
