package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// gpuQuery are the fields asked of nvidia-smi. All three are in every driver since 2013.
const gpuQuery = "--query-gpu=name,driver_version,temperature.gpu"

// gpuUnknown stands for the GPUs of a machine whose nvidia-smi does not answer.
const gpuUnknown = "unknown (nvidia-smi does not answer)"

// gpuMemory is what nvidia-smi said earlier: who the GPUs are as long as program and driver are the same, and that it
// hangs for a minute, so that a stuck driver does not cost seconds at every look.
type gpuMemory struct {
	known     string // what the identity was found with
	names     []string
	driver    string
	hungUntil time.Time
}

// gpu is one line of nvidia-smi's.
type gpu struct {
	name, driver string
	temperature  float64 // °C; -1 unknown
}

// gpuIdentity are the names of the GPUs and the driver's version.
func (h *Host) gpuIdentity(ctx context.Context) (names []string, driver string) {
	program := h.nvidiaSMI()
	if program == "" {
		return nil, ""
	}
	// A module that was loaded anew may be another; the file tells its version without a process.
	known := stamp(program) + "\n" + h.read("proc/driver/nvidia/version")
	h.mu.Lock()
	memory := h.gpu
	h.mu.Unlock()
	if memory.known == known {
		return memory.names, memory.driver
	}
	gpus, err := h.gpus(ctx, program)
	if errors.Is(err, errNoAnswer) {
		return []string{gpuUnknown}, ""
	}
	if err != nil {
		return nil, "" // no device, or no driver: Readings has the words
	}
	for _, g := range gpus {
		names = append(names, g.name)
		driver = g.driver
	}
	h.mu.Lock()
	h.gpu.known, h.gpu.names, h.gpu.driver = known, names, driver
	h.mu.Unlock()
	return names, driver
}

// gpuTemperatures are the GPUs' temperatures in °C, nil without GPUs, and a note when nvidia-smi did not tell.
func (h *Host) gpuTemperatures(ctx context.Context) ([]float64, string) {
	program := h.nvidiaSMI()
	if program == "" {
		return nil, ""
	}
	gpus, err := h.gpus(ctx, program)
	if err != nil {
		return nil, "GPU: " + err.Error()
	}
	var t []float64
	for _, g := range gpus {
		t = append(t, g.temperature)
	}
	return t, ""
}

// nvidiaSMI is the program's path, "" when there is none.
func (h *Host) nvidiaSMI() string {
	if h.smi != "" {
		return h.smi
	}
	if h.root != "/" {
		return ""
	}
	path, err := exec.LookPath("nvidia-smi")
	if err != nil {
		return ""
	}
	return path
}

// gpus asks nvidia-smi.
func (h *Host) gpus(ctx context.Context, program string) ([]gpu, error) {
	h.mu.Lock()
	hung := h.now().Before(h.gpu.hungUntil)
	h.mu.Unlock()
	if hung {
		return nil, fmt.Errorf("nvidia-smi: %w a moment ago", errNoAnswer)
	}
	argv := []string{program, gpuQuery, "--format=csv,noheader,nounits"}
	out, err := capture(ctx, h.gpuLimit, program, argv, "", append(os.Environ(), "LC_ALL=C"))
	switch {
	case errors.Is(err, errNoAnswer):
		h.mu.Lock()
		h.gpu.hungUntil = h.now().Add(time.Minute)
		h.mu.Unlock()
		return nil, fmt.Errorf("nvidia-smi: %w", err)
	case err != nil: // its words are on stdout more often than on stderr
		return nil, fmt.Errorf("nvidia-smi: %w: %s", err, or(printable(firstLine(string(out.stdout))), printable(firstLine(string(out.stderr))), "not a word"))
	}
	return parseGPUs(string(out.stdout))
}

// parseGPUs reads "name, driver, temperature" lines. nvidia-smi quotes nothing, so that fields are counted from the right;
// "[N/A]", "[Not Supported]" and whatever else is no number is an unknown temperature.
func parseGPUs(text string) ([]gpu, error) {
	var gpus []gpu
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		fields := strings.Split(line, ", ")
		n := len(fields)
		if n < 3 {
			return nil, fmt.Errorf("nvidia-smi: no GPU's line: %q", printable(line))
		}
		name := printable(strings.Join(fields[:n-2], ", "))
		gpus = append(gpus, gpu{name, printable(fields[n-2]), reading(fields[n-1])})
	}
	return gpus, nil
}
