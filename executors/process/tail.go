package process

import (
	"bytes"
	"io"
	"os"

	"github.com/benchfile/bench/pipeline"
)

const (
	tailLines = 50
	tailBytes = 64 << 10 // a line may be a gigabyte
)

// tail is the end of what a run said: of its stderr, or of its stdout when it said nothing there.
func tail(run pipeline.Run) string {
	for _, path := range []string{run.Stderr, run.Stdout} {
		if path == "" {
			continue
		}
		if text := lastLines(path); len(bytes.TrimSpace(text)) > 0 {
			return string(text)
		}
	}
	return ""
}

// lastLines is the end of a file; nothing when it cannot be read, for then the run's status must do.
func lastLines(path string) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil
	}
	text, err := io.ReadAll(io.NewSectionReader(f, max(0, info.Size()-tailBytes), tailBytes))
	if err != nil {
		return nil
	}
	text = bytes.TrimRight(text, "\n")
	end := len(text)
	for range tailLines {
		if end = bytes.LastIndexByte(text[:end], '\n'); end < 0 {
			return text
		}
	}
	return text[end+1:]
}
