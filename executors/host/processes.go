package host

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/benchfile/bench/pipeline"
)

const (
	noteworthy = 0.05 // CPU seconds per second from which a process is named
	named      = 3    // so many processes are named at most
	userHZ     = 100  // ticks of /proc/<pid>/stat in a second, on every architecture that Go runs on
)

// lived is a process that is told from a later one with the same pid by when it began.
type lived struct {
	pid   int
	begun string
}

// used is what a process has used so far.
type used struct {
	name    string
	seconds float64
}

// Watch begins to watch who uses the processors. The function that it returns says who did since, the greediest first and
// itself aside; empty when nobody used a twentieth of a CPU. Processes that began and ended in between are not seen.
func (h *Host) Watch() func() []pipeline.Process {
	before, begun := h.processes(), h.now()
	return func() []pipeline.Process {
		out, wall := []pipeline.Process{}, h.now().Sub(begun).Seconds()
		for id, now := range h.processes() {
			if cpu := (now.seconds - before[id].seconds) / wall; cpu >= noteworthy && id.pid != os.Getpid() {
				out = append(out, pipeline.Process{PID: id.pid, Name: now.name, CPU: cpu})
			}
		}
		slices.SortFunc(out, func(a, b pipeline.Process) int { return cmp.Or(cmp.Compare(b.CPU, a.CPU), cmp.Compare(a.PID, b.PID)) })
		return out[:min(named, len(out))]
	}
}

func (h *Host) processes() map[lived]used {
	entries, err := os.ReadDir(filepath.Join(h.root, "proc"))
	if err != nil {
		return nil
	}
	out := make(map[lived]used, len(entries))
	buf := make([]byte, 1024) // the fields that are read end long before
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if p, begun, ok := parseProcess(string(readSome(filepath.Join(h.root, "proc", e.Name(), "stat"), buf))); ok {
			out[lived{pid, begun}] = p
		}
	}
	return out
}

// parseProcess reads a file /proc/<pid>/stat. The name may hold blanks and parentheses: it ends at the last one.
func parseProcess(text string) (p used, begun string, ok bool) {
	open, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return p, "", false
	}
	fields := strings.Fields(text[end+1:]) // from the third on, as proc(5) counts
	if len(fields) < 20 {
		return p, "", false
	}
	user, system := reading(fields[11]), reading(fields[12])
	if user < 0 || system < 0 {
		return p, "", false
	}
	return used{printable(text[open+1 : end]), (user + system) / userHZ}, fields[19], true
}
