package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/store"
)

// recordVersion is the format of pipeline.Record on disk.
const recordVersion = 1

// readJournal learns which record is the newest of each address, and which steps were last given up.
func (e *Engine) readJournal() error {
	e.newest, e.attempts = map[string]pipeline.Key{}, map[pipeline.Key][]pipeline.Attempt{}
	lines, warnings, err := e.Store.Events()
	if err != nil {
		return err
	}
	for _, w := range warnings {
		e.tell(Event{Kind: EventVoid, Text: w})
	}
	for _, line := range lines {
		var x entry
		if json.Unmarshal(line, &x) != nil {
			continue
		}
		switch x.Event {
		case "recorded":
			e.newest[x.Address] = x.Key
			delete(e.attempts, x.Key)
		case "environment":
			e.attempts[x.Key] = append(e.attempts[x.Key], pipeline.Attempt{At: x.At, Why: x.Why})
		}
	}
	return nil
}

// attempted are the attempts at a step that were given up.
func (e *Engine) attempted(k pipeline.Key) []pipeline.Attempt { return e.attempts[k] }

// giveUp notes a measurement under which the machine was not fit for measuring. It is no outcome: nothing is recorded under
// its key, so that the next apply measures it anew. Its runs are kept beside the journal's line, without what they wrote.
func (e *Engine) giveUp(r *pipeline.Record, rule *pipeline.Contamination) error {
	why := r.Outcome.Reason
	for i, p := range r.Outcome.Others {
		why += []string{"; in the background: ", ", "}[min(i, 1)] + p.String()
	}
	for i := range r.Outcome.Runs {
		run := &r.Outcome.Runs[i]
		run.Stdout, run.Stderr, run.Files = "", "", nil
	}
	b, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("keep the attempt of %s: %w", r.Address, err)
	}
	sum, _, err := e.Store.PutBlob(bytes.NewReader(b))
	if err != nil {
		return err
	}
	line := entry{Event: "environment", At: r.Finished, Address: r.Address, Key: r.Key, Why: why, Runs: len(r.Outcome.Runs), Attempt: sum}
	if err := e.Store.Append(line); err != nil {
		return err
	}
	e.attempts[r.Key] = append(e.attempts[r.Key], pipeline.Attempt{At: r.Finished, Why: why})
	e.tell(Event{Kind: EventEnvironment, Step: r.Address, Text: why})
	return &disturbedError{why, rule}
}

// recorded finds an outcome under its key, and says why when what is there can't be trusted. The reason stays until the
// step is recorded anew: what failed its check was moved away, and is only missing when it is looked for again.
func (e *Engine) recorded(k pipeline.Key) (*pipeline.Record, string) {
	if r, ok := e.memory[k]; ok {
		return r, ""
	}
	r, why := e.read(k)
	switch {
	case r != nil:
		e.memory[k] = r
		delete(e.lost, k)
	case why != "":
		e.lost[k] = why
	default:
		why = e.lost[k]
	}
	return r, why
}

// read takes a record from the disk, whole: with everything that later steps, or people who ask why, need of it.
func (e *Engine) read(k pipeline.Key) (*pipeline.Record, string) {
	b, err := e.Store.Action(string(k))
	if errors.Is(err, store.ErrMissing) {
		return nil, ""
	}
	if err != nil {
		return nil, err.Error()
	}
	r := new(pipeline.Record)
	if err := json.Unmarshal(b, r); err != nil {
		return nil, fmt.Sprintf("the record %s can't be read: %v", k.Short(), err)
	}
	m, err := pipeline.ParseManifest(r.Manifest)
	if err != nil || m.Key() != k || r.Key != k {
		return nil, fmt.Sprintf("the record %s does not hold what its name says", k.Short())
	}
	if r.Version != recordVersion {
		return nil, fmt.Sprintf("the record %s has format %d; this bench reads %d", k.Short(), r.Version, recordVersion)
	}
	for name, sum := range needed(m, r) {
		switch err := e.whole(sum); {
		case errors.Is(err, store.ErrMissing):
			return nil, fmt.Sprintf("%s of the record %s is gone", name, k.Short())
		case err != nil:
			return nil, fmt.Sprintf("%s of the record %s: %v", name, k.Short(), err)
		}
	}
	return r, ""
}

// needed are the blobs without which a record is not whole: what a step left, and the outputs that a check compared. What
// measured runs wrote only explains their numbers, which are in the record itself: to measure for hours again because a
// log is damaged would be the greater loss, and "bench log" says what became of it.
func needed(m pipeline.Manifest, r *pipeline.Record) map[string]string {
	sums := map[string]string{}
	for name, a := range r.Outcome.Artifacts {
		sums[name] = a.Sum
	}
	if !slices.Contains(m, pipeline.Field{Name: "kind", Value: string(pipeline.StepCheck)}) {
		return sums
	}
	for i := range r.Outcome.Runs {
		run := &r.Outcome.Runs[i]
		for name, sum := range run.Files {
			sums[name] = sum
		}
		for name, sum := range map[string]string{"stdout": run.Stdout, "stderr": run.Stderr} {
			if sum != "" {
				sums[name+" of its run "+run.Arm] = sum
			}
		}
	}
	return sums
}

// whole checks a blob, once in a process: equal outputs are one blob.
func (e *Engine) whole(sum string) error {
	if e.checked[sum] {
		return nil
	}
	err := e.Store.CheckBlob(sum)
	e.checked[sum] = err == nil
	return err
}

// mistrust makes the engine read every record anew.
func (e *Engine) mistrust() {
	clear(e.memory)
	clear(e.checked)
}

// previous is the newest record of an address.
func (e *Engine) previous(address string) *pipeline.Record {
	k, ok := e.newest[address]
	if !ok {
		return nil
	}
	r, _ := e.recorded(k)
	return r
}

// record puts an outcome on disk: what it wrote first, then the record, then the journal's line. Only after that may
// anything be decided on it.
func (e *Engine) record(r *pipeline.Record) error {
	if err := e.keep(&r.Outcome); err != nil {
		return err
	}
	b, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("record %s: %w", r.Address, err)
	}
	if err := e.Store.PutAction(string(r.Key), b); err != nil {
		return err
	}
	if err := e.Store.Append(entry{Event: "recorded", At: r.Finished, Address: r.Address, Key: r.Key, Status: r.Outcome.Status, Runs: len(r.Outcome.Runs)}); err != nil {
		return err
	}
	e.memory[r.Key] = r
	delete(e.lost, r.Key)
	e.newest[r.Address] = r.Key
	delete(e.attempts, r.Key)
	return nil
}

// keep moves the raw output of all runs from the scratch folder into the store. Equal output is stored once.
func (e *Engine) keep(o *pipeline.Outcome) error {
	for i := range o.Runs {
		run := &o.Runs[i]
		for _, p := range []*string{&run.Stdout, &run.Stderr} {
			if *p == "" {
				continue
			}
			sum, _, err := e.Store.PutFile(*p)
			if err != nil {
				return err
			}
			*p = sum
		}
		for name, path := range run.Files {
			sum, _, err := e.Store.PutFile(path)
			if err != nil {
				return err
			}
			run.Files[name] = sum
		}
	}
	return nil
}

// buildOutputs keeps what a build left. A folder stands for every file in it.
func (e *Engine) buildOutputs(dir string, outputs []string) (map[string]pipeline.Artifact, error) {
	kept := map[string]pipeline.Artifact{}
	for _, out := range outputs {
		err := filepath.WalkDir(filepath.Join(dir, filepath.FromSlash(out)), func(p string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := os.Stat(p) // through links: what is kept is the content
			if err != nil {
				return err
			}
			sum, size, err := e.Store.PutFile(p)
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(dir, p)
			if err != nil {
				return err
			}
			kept[filepath.ToSlash(rel)] = pipeline.Artifact{Sum: sum, Size: size, Mode: uint32(info.Mode().Perm())}
			return nil
		})
		if errors.Is(err, os.ErrNotExist) {
			return nil, missingOutput(out)
		}
		if err != nil {
			return nil, err
		}
	}
	return kept, nil
}

// missingOutput is a build that ended well but did not leave what the Benchfile says it leaves.
type missingOutput string

func (m missingOutput) Error() string {
	return fmt.Sprintf("the build left no %q, which the Benchfile lists in outputs", string(m))
}

// difference says where two kept outputs first differ.
func (e *Engine) difference(base, candidate string) string {
	pair := [2]string{base, candidate}
	if d, ok := e.differ[pair]; ok {
		return d
	}
	d := e.compare(base, candidate)
	e.differ[pair] = d
	return d
}

func (e *Engine) compare(base, candidate string) string {
	read := func(sum string) (string, bool) {
		if sum == "" {
			return "", true
		}
		b, err := e.Store.Blob(sum)
		return string(b), err == nil
	}
	b, ok := read(base)
	c, ok2 := read(candidate)
	if !ok || !ok2 {
		return ""
	}
	n := 0
	for n < len(b) && n < len(c) && b[n] == c[n] {
		n++
	}
	if binary(b, n) || binary(c, n) {
		return fmt.Sprintf("first at byte %d: %s instead of %s", n+1, octets(c, n), octets(b, n))
	}
	line := strings.Count(b[:n], "\n")
	return fmt.Sprintf("first at byte %d, line %d: %s instead of %s", n+1, line+1, excerpt(c, n), excerpt(b, n))
}

// binary says whether what stands around a place is no text.
func binary(s string, at int) bool {
	around := s[max(0, at-64):min(len(s), at+64)]
	if strings.ContainsFunc(around, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\r\f\x1b", r) }) {
		return true
	}
	return strings.Count(strings.ToValidUTF8(around, "\x00"), "\x00") > 2 // a character may be cut at both ends
}

// octets are a few bytes at a place, in hex.
func octets(s string, at int) string {
	const few = 8
	switch rest := s[at:]; {
	case rest == "":
		return "the end"
	case len(rest) > few:
		return fmt.Sprintf("% x …", rest[:few])
	default:
		return fmt.Sprintf("% x", rest)
	}
}

// excerpt quotes a little of the line around a place.
func excerpt(s string, at int) string {
	if at >= len(s) {
		return "the end"
	}
	from := max(strings.LastIndexByte(s[:at], '\n')+1, at-20)
	to := len(s)
	if i := strings.IndexByte(s[at:], '\n'); i >= 0 {
		to = at + i
	}
	return fmt.Sprintf("%.40q", s[from:to])
}
