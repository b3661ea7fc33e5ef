package host

import (
	"path"
	"strconv"
	"strings"
)

// hypervisors are what the firmware of virtual machines calls itself (DMI sys_vendor and product_name), in the words of
// systemd-detect-virt.
var hypervisors = [...]struct{ dmi, name string }{
	{"KVM", "kvm"}, {"QEMU", "qemu"}, {"OpenStack", "kvm"}, {"Amazon EC2", "amazon"}, {"Google", "google"},
	{"VMware", "vmware"}, {"VMW", "vmware"}, {"innotek GmbH", "oracle"}, {"VirtualBox", "oracle"}, {"Xen", "xen"},
	{"Bochs", "bochs"}, {"Parallels", "parallels"}, {"BHYVE", "bhyve"}, {"Virtual Machine", "microsoft"},
	{"Apple Virtualization", "apple"}, {"DigitalOcean", "kvm"}, {"Hetzner", "kvm"},
}

// clocks are the clock sources that only guests of a hypervisor have: a guest without firmware tables has these.
var clocks = [...]struct{ source, name string }{
	{"kvm-clock", "kvm"}, {"hyperv_clocksource", "microsoft"}, {"xen", "xen"},
}

// hypervisor says which virtual machine this is, "vm" when that cannot be told, "" for hardware. On x86 the processor
// says whether it is one; firmware alone is not trusted there (EC2's bare metal calls itself Amazon EC2 too). Elsewhere
// the firmware is all there is.
func (h *Host) hypervisor(cpu processor) string {
	release := strings.ToLower(h.read("proc/sys/kernel/osrelease"))
	if strings.Contains(release, "microsoft") {
		return "wsl"
	}
	if cpu.x86 && !cpu.hypervisor {
		return ""
	}
	const dmi = "sys/class/dmi/id/"
	firmware := h.read(dmi+"sys_vendor") + "\n" + h.read(dmi+"product_name")
	for _, v := range hypervisors {
		if strings.Contains(firmware, v.dmi) && (cpu.x86 || v.name != "amazon" && v.name != "google") {
			return v.name
		}
	}
	sources := h.read("sys/devices/system/clocksource/clocksource0/available_clocksource")
	for _, c := range clocks {
		if strings.Contains(sources, c.source) {
			return c.name
		}
	}
	if cpu.hypervisor {
		return "vm"
	}
	return h.read("sys/hypervisor/type")
}

// container says which container this is, "" for none.
func (h *Host) container() string {
	switch {
	case h.has("run/.containerenv"):
		return "podman"
	case h.has(".dockerenv"):
		return "docker"
	}
	if name := h.read("run/systemd/container"); name != "" {
		return firstLine(name)
	}
	groups := h.read("proc/1/cgroup")
	for _, c := range [...]struct{ mark, name string }{
		{"kubepods", "kubernetes"}, {"/docker", "docker"}, {"libpod", "podman"}, {"/lxc", "lxc"}, {"containerd", "containerd"},
	} {
		if strings.Contains(groups, c.mark) {
			return c.name
		}
	}
	return ""
}

// cpuLimit is how many CPUs' time this process's control groups grant it in all, -1 when they do not limit it. The
// narrowest of a group and its parents counts.
func (h *Host) cpuLimit() float64 {
	least := -1.0
	for line := range strings.Lines(h.read("proc/self/cgroup")) {
		_, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, group, ok := strings.Cut(rest, ":")
		if !ok {
			continue
		}
		for _, limit := range h.groupLimits(controllers, group) {
			if limit > 0 && (least < 0 || limit < least) {
				least = limit
			}
		}
	}
	return least
}

// groupLimits are the limits of a control group and its parents. The path is cleaned as an absolute one, so that it
// cannot lead out of the folder of control groups.
func (h *Host) groupLimits(controllers, group string) []float64 {
	var limits []float64
	for dir := path.Clean("/" + group); ; dir = path.Dir(dir) {
		if controllers == "" { // version 2; under "unified" where version 1 is in use as well
			for _, base := range [...]string{"sys/fs/cgroup", "sys/fs/cgroup/unified"} {
				limits = append(limits, parseCPUMax(h.read(path.Join(base, dir, "cpu.max"))))
			}
		} else if hasWord(controllers, "cpu") {
			for _, base := range [...]string{"sys/fs/cgroup/cpu", "sys/fs/cgroup/cpu,cpuacct"} {
				quota := h.read(path.Join(base, dir, "cpu.cfs_quota_us"))
				limits = append(limits, parseCPUMax(quota+" "+h.read(path.Join(base, dir, "cpu.cfs_period_us"))))
			}
		}
		if dir == "/" {
			return limits
		}
	}
}

// hasWord says whether a list with commas has a word.
func hasWord(list, word string) bool { return strings.Contains(","+list+",", ","+word+",") }

// parseCPUMax reads "QUOTA PERIOD" in microseconds: the CPUs that are granted, -1 for "max" and for what is none.
func parseCPUMax(text string) float64 {
	quota, period, _ := strings.Cut(text, " ")
	q, err := strconv.ParseInt(quota, 10, 64)
	p, err2 := strconv.ParseInt(strings.TrimSpace(period), 10, 64)
	if err != nil || err2 != nil || q <= 0 || p <= 0 {
		return -1
	}
	return float64(q) / float64(p)
}
