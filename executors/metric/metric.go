// Package metric finds a metric's number in what a run left: a pattern in its output, a filter over its JSON, a
// "key=number", or the size of a file. It does not know what is measured, who ran it, or whether the number is good.
//
// What holds for every kind:
//
//   - A number is found or there is an error that says why not. Nothing is ever guessed, and nothing absent is zero.
//   - A value is in the base unit of the metric's unit (Base): seconds, bytes, or the unit itself.
//   - Where the output has several different values that fit, that is an error which names two of them: a metric whose
//     meaning depends on which line came first would change silently with the program. The same value twice is fine.
//   - Terminal colours are removed before anything is matched; a program that ran under a pty still has its number.
package metric

import (
	"errors"
	"fmt"
	"os"

	"github.com/benchfile/bench/pipeline"
)

// Output is what a run left.
type Output struct {
	Stdout, Stderr string // paths of what it wrote there; "" = nothing was written
	// File says where a file that the run wrote lies, by its path relative to the worktree. nil: no files are kept.
	File func(rel string) (path string, ok bool)
}

// Extract finds the metric's value, in the base unit of m.Unit. The error is one line for people: it says what was
// looked for, where, and what is there instead. It does not repeat the metric's name.
func Extract(m pipeline.Metric, out Output) (float64, error) {
	if m.From == nil {
		return 0, errors.New("the metric is built in: its value does not come from the output")
	}
	for _, k := range kinds {
		if k.name == m.From.Kind {
			return k.extract(m, out)
		}
	}
	return 0, fmt.Errorf("no way to extract a metric is called %q; there are regex, jq, key and file_size", m.From.Kind)
}

// kinds is the one table of ways in which a number is found.
var kinds = [...]struct {
	name    string
	extract func(pipeline.Metric, Output) (float64, error)
}{
	{"regex", fromRegex},
	{"jq", fromJQ},
	{"key", fromKey},
	{"file_size", fromFileSize},
}

// open opens the output that the metric is in. A stream to which nothing was written is an empty file.
func open(m pipeline.Metric, out Output) (*os.File, error) {
	path := ""
	switch source := m.From.Source; source {
	case "stdout", "":
		path = out.Stdout
	case "stderr":
		path = out.Stderr
	default:
		var err error
		if path, err = file(source, out); err != nil {
			return nil, err
		}
	}
	if path == "" {
		path = os.DevNull
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", source(m), err)
	}
	return f, nil
}

// file finds a file that the run wrote.
func file(rel string, out Output) (string, error) {
	if out.File != nil {
		if path, ok := out.File(rel); ok {
			return path, nil
		}
	}
	return "", fmt.Errorf("the run left no file %q", rel)
}

// source names where the metric is, for messages.
func source(m pipeline.Metric) string {
	if m.From.Source == "" {
		return "stdout"
	}
	return m.From.Source
}

// fromFileSize is the size of a file in bytes, whatever the metric's unit is: sizes are bytes.
func fromFileSize(m pipeline.Metric, out Output) (float64, error) {
	rel := m.From.Source
	path, err := sizePath(rel, out)
	if err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, fmt.Errorf("size of %s: %w", rel, err)
	}
	if !info.Mode().IsRegular() {
		return 0, fmt.Errorf("size of %s: it is no regular file but %s; name a file", rel, info.Mode().Type())
	}
	return float64(info.Size()), nil
}

// sizePath also allows the streams: the size of what a program prints is a metric too.
func sizePath(rel string, out Output) (string, error) {
	switch {
	case rel == "":
		return "", errors.New("file_size names no file")
	case rel == "stdout" && out.Stdout != "":
		return out.Stdout, nil
	case rel == "stderr" && out.Stderr != "":
		return out.Stderr, nil
	}
	return file(rel, out)
}
