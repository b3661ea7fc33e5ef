package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// StepKind is what a step does.
type StepKind string

// The kinds of steps, in the order in which a variant goes through them.
const (
	StepBuild    StepKind = "build"
	StepGenerate StepKind = "generate"
	StepCheck    StepKind = "check"
	StepMeasure  StepKind = "measure"
	StepProfile  StepKind = "profile"
)

// Key is the SHA-256 of a manifest, in lower-case hex. It is the name under which an outcome is recorded.
type Key string

// Short is the key as people see it.
func (k Key) Short() string {
	if len(k) < 8 {
		return string(k)
	}
	return string(k[:8])
}

// Field is one line of a manifest.
type Field struct{ Name, Value string }

// Manifest is everything that a step's outcome depends on, in clear. Order matters and is fixed by the planner.
type Manifest []Field

// Add appends a line.
func (m *Manifest) Add(name, value string) { *m = append(*m, Field{name, value}) }

// Addf appends a formatted line.
func (m *Manifest) Addf(name, format string, args ...any) { m.Add(name, fmt.Sprintf(format, args...)) }

// String is the manifest's text. Values that could be mistaken for something else are quoted, so that two different
// manifests never have the same text.
func (m Manifest) String() string {
	var b strings.Builder
	for _, f := range m {
		b.WriteString(f.Name)
		b.WriteByte(' ')
		if plain(f.Value) {
			b.WriteString(f.Value)
		} else {
			b.WriteString(strconv.Quote(f.Value))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// plain says whether a value may stand unquoted: not empty, printable ASCII, and not beginning with a quote.
func plain(s string) bool {
	if s == "" || s[0] == '"' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// ParseManifest reads what String wrote.
func ParseManifest(text string) (Manifest, error) {
	var m Manifest
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if line == "" && text == "" {
			break
		}
		name, value, ok := strings.Cut(line, " ")
		if !ok || name == "" {
			return nil, fmt.Errorf("manifest line %d: no value after %q", n+1, name)
		}
		if strings.HasPrefix(value, `"`) {
			v, err := strconv.Unquote(value)
			if err != nil {
				return nil, fmt.Errorf("manifest line %d: %q is badly quoted", n+1, name)
			}
			value = v
		}
		m.Add(name, value)
	}
	return m, nil
}

// Key hashes the text.
func (m Manifest) Key() Key {
	sum := sha256.Sum256([]byte(m.String()))
	return Key(hex.EncodeToString(sum[:]))
}

// Difference is a line that two manifests do not share. An empty side means that the line is not there.
type Difference struct{ Name, Old, New string }

// Diff lists what changed from old to new, in the order of new, then what is gone.
func (m Manifest) Diff(old Manifest) []Difference {
	before := make(map[string]string, len(old))
	for _, f := range old {
		before[f.Name] = f.Value
	}
	now := make(map[string]bool, len(m))
	var out []Difference
	for _, f := range m {
		now[f.Name] = true
		if v, ok := before[f.Name]; !ok || v != f.Value {
			out = append(out, Difference{f.Name, v, f.Value})
		}
	}
	for _, f := range old {
		if !now[f.Name] {
			out = append(out, Difference{f.Name, f.Value, ""})
		}
	}
	return out
}

// Record is an outcome as it lies on disk, with what it depended on.
type Record struct {
	Version  int       `json:"version"` // of this format
	Address  string    `json:"address"` // the step's name when it ran; a name, not content
	Key      Key       `json:"key"`
	Manifest string    `json:"manifest"`
	Host     string    `json:"host"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	Outcome  Outcome   `json:"outcome"`
}
