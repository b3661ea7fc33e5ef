// Package host knows the machine that bench runs on: what it is (Environment), how it is now (Readings), which programs
// it has and what version they say they are, and which environment variables a command is given. It does not know what
// is measured, what is fit for measuring, or what a key is made of.
//
// The facts come from /proc and /sys of Linux and from nvidia-smi. Everything is three-valued: a value, nothing there,
// or there but unreadable; the last two are "unknown" as the nouns say it (-1, "" or nil), never zero. On other systems
// most is unknown and nothing fails.
package host

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Options say where a host is looked at. The zero value is the machine itself.
type Options struct {
	Root      string           // below which proc, sys, etc and run lie; "" = "/"
	DiskPath  string           // a path on the disk whose free space counts; it need not exist yet; "" = "."
	NvidiaSMI string           // the program; "" = nvidia-smi of PATH, or none when Root is another than "/"
	Now       func() time.Time // nil = time.Now
}

// Host is a machine. It remembers what programs answered, and may be used from several goroutines.
type Host struct {
	root, disk, smi string
	now             func() time.Time
	gpuLimit        time.Duration // for nvidia-smi
	toolLimit       time.Duration // for a tool's command

	mu    sync.Mutex
	tools map[string]answer // by command, folder, environment and the program's file
	gpu   gpuMemory
	cpu   cpuTimes // at the last reading
}

const (
	// gpuLimit: nvidia-smi takes 30 to 100 ms, a second or two on the first call without persistence mode, and forever
	// when the driver is stuck.
	gpuLimit = 5 * time.Second
	// toolLimit: --version takes milliseconds; rustup may first load what a rust-toolchain file asks for.
	toolLimit = 10 * time.Second
	// readCap bounds what is read of one file. 64 KiB of /proc/cpuinfo hold the first CPUs; all of 256 take milliseconds.
	readCap = 64 << 10
)

// New looks at nothing yet.
func New(o Options) *Host {
	h := &Host{root: o.Root, disk: o.DiskPath, smi: o.NvidiaSMI, now: o.Now, gpuLimit: gpuLimit, toolLimit: toolLimit, tools: map[string]answer{}}
	if h.root == "" {
		h.root = "/"
	}
	if h.disk == "" {
		h.disk = "."
	}
	if h.now == nil {
		h.now = time.Now
	}
	return h
}

// read is the start of a file below the root, without blanks around it; "" when it is not there or cannot be read.
func (h *Host) read(path string) string {
	f, err := os.Open(filepath.Join(h.root, path))
	if err != nil {
		return ""
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, readCap))
	if err != nil {
		return ""
	}
	if len(text) == readCap { // half a line says something else than the whole
		text = text[:bytes.LastIndexByte(text, '\n')+1]
	}
	return strings.TrimSpace(string(text))
}

// has says whether a file below the root is there.
func (h *Host) has(path string) bool {
	_, err := os.Stat(filepath.Join(h.root, path))
	return err == nil
}

// glob are the paths below the root that match, relative to it and sorted.
func (h *Host) glob(pattern string) []string {
	found, err := filepath.Glob(filepath.Join(h.root, pattern))
	if err != nil {
		return nil
	}
	for i := range found {
		if rel, err := filepath.Rel(h.root, found[i]); err == nil {
			found[i] = rel
		}
	}
	return found
}
