package main

import (
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/benchfile/bench/pipeline/report"
)

const (
	logLines = 50       // shown of a log
	logBytes = 64 << 10 // read of it: a line may be a gigabyte
)

// logTail is the end of what the running step wrote last, in lines that can be shown. folder is where its output lies
// below bench; nothing outside of that folder is read, whatever the state says. No lines: nothing is known.
func logTail(bench, folder string) []string {
	if !servable(folder) {
		return nil
	}
	root, err := os.OpenRoot(bench)
	if err != nil {
		return nil
	}
	defer root.Close()
	jobs, err := root.OpenRoot(folder)
	if err != nil {
		return nil
	}
	defer jobs.Close()
	name := newest(jobs)
	if name == "" {
		return nil
	}
	f, err := jobs.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	text, err := io.ReadAll(io.NewSectionReader(f, max(0, info.Size()-logBytes), logBytes))
	if err != nil {
		return nil
	}
	lines := strings.Split(strings.TrimRight(report.Clean(string(text)), "\n"), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return nil
	}
	return lines[max(0, len(lines)-logLines):]
}

// newest is the output that was written to last, "" when nothing was written.
func newest(jobs *os.Root) string {
	entries, err := fs.ReadDir(jobs.FS(), ".")
	if err != nil {
		return ""
	}
	name, at := "", time.Time{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".stdout") && !strings.HasSuffix(e.Name(), ".stderr") {
			continue
		}
		info, err := e.Info()
		if err == nil && info.Mode().IsRegular() && info.Size() > 0 && !info.ModTime().Before(at) {
			name, at = e.Name(), info.ModTime()
		}
	}
	return name
}
