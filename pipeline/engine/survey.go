package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/plan"
)

// survey looks at the world and plans. Variants that the plan turns out to need are looked at until it needs no more.
func (e *Engine) survey(ctx context.Context, o Options) (State, error) {
	study, err := e.World.Load()
	if err != nil {
		return State{}, err
	}
	facts, err := e.facts(ctx, study)
	if err != nil {
		return State{}, err
	}
	for {
		p := plan.Make(study, facts, plan.Options{Target: o.Target, Calibrate: o.Calibrate})
		if len(p.Unresolved) == 0 {
			p.Warnings = append(p.Warnings, facts.Warnings...)
			return State{Study: study, Facts: facts, Plan: p}, nil
		}
		for _, v := range p.Unresolved {
			f, err := e.resolve(ctx, study, facts, v)
			if err != nil {
				return State{}, err
			}
			facts.Variants[v.Name] = f
		}
	}
}

// facts asks the machine, the version control and the disk.
func (e *Engine) facts(ctx context.Context, s *pipeline.Study) (*pipeline.Facts, error) {
	machine, err := e.World.Machine.Survey(ctx, s)
	if err != nil {
		return nil, err
	}
	base, code, err := e.World.Code.Baseline(ctx, s.Baseline, e.excluded(s))
	if err != nil {
		return nil, err
	}
	f := &pipeline.Facts{
		Now: e.Now(), Environment: machine.Environment, Env: machine.Env, Identity: machine.Identity, Baseline: code, Warnings: append(machine.Warnings, code.Warnings...),
		Inputs:   map[string]pipeline.InputFact{},
		Variants: map[string]pipeline.VariantFact{plan.BaselineName: base},
		Programs: map[string]string{},
		Recorded: e.recorded, Previous: e.previous, Attempts: e.attempted, Difference: e.difference,
		Changed: func(from, to string) []string { return e.changed(ctx, from, to) },
	}
	for _, in := range s.Inputs {
		if in.Path != "" && in.Generate == nil {
			f.Inputs[in.Name] = e.input(in.Path)
		}
	}
	for _, name := range plan.Programs(s) {
		f.Programs[name] = e.program(name, f.Env)
	}
	return f, e.saveStat()
}

func (e *Engine) saveStat() error {
	if e.ReadOnly {
		return nil
	}
	return e.Store.SaveStat()
}

// excluded are the paths that decide what is tried but are no part of what is measured.
func (e *Engine) excluded(s *pipeline.Study) []string {
	out := append([]string{".bench", s.File}, e.Skip...)
	for _, h := range s.Hypotheses {
		if h.Patch != "" && !path.IsAbs(h.Patch) {
			out = append(out, h.Patch)
		}
	}
	return append(out, s.Baseline.Ignore...)
}

// input hashes a file or a folder.
func (e *Engine) input(rel string) pipeline.InputFact {
	p := e.at(rel)
	info, err := os.Stat(p)
	if err != nil {
		return pipeline.InputFact{Error: err.Error()}
	}
	sum := e.Store.Sum
	if info.IsDir() {
		sum = e.Store.SumTree
	}
	d, err := sum(p)
	if err != nil {
		return pipeline.InputFact{Error: err.Error()}
	}
	return pipeline.InputFact{Sum: d.Sum, Size: d.Size}
}

// program hashes a program that commands start; "" when there is none. A missing one shows itself when its step runs.
func (e *Engine) program(name string, env []string) string {
	p, err := e.World.Machine.Program(name, env)
	if err != nil {
		return ""
	}
	d, err := e.Store.Sum(p)
	if err != nil {
		return ""
	}
	return d.Sum
}

// At is a path of the Benchfile on this machine.
func (e *Engine) At(rel string) string { return e.at(rel) }

func (e *Engine) at(rel string) string {
	if filepath.IsAbs(rel) {
		return rel
	}
	return filepath.Join(e.Root, filepath.FromSlash(rel))
}

// resolve finds out what a variant's code is. What came of putting the same changes on the same tree is remembered on
// disk, since with hundreds of patches git would otherwise be asked a thousand questions each time.
func (e *Engine) resolve(ctx context.Context, s *pipeline.Study, f *pipeline.Facts, v pipeline.Variant) (pipeline.VariantFact, error) {
	key, err := e.changeKey(f, v)
	if err != nil {
		return pipeline.VariantFact{Error: err.Error()}, nil
	}
	fact, ok := e.variants[key]
	if !ok {
		fact, ok = e.remembered(key)
	}
	if !ok {
		if fact, err = e.World.Code.Apply(ctx, v.Changes); err != nil {
			return fact, err
		}
		if err := e.rememberVariant(key, fact); err != nil {
			return fact, err
		}
	}
	e.variants[key] = fact
	return guarded(s, v, fact), nil
}

// mostChanges bounds how many pairs of trees one process compares only to say why: each asks git, about 5 ms. After a
// change of the baseline every candidate's tree is another one; their reasons are all alike.
const mostChanges = 50

// changed lists the files that differ between two trees; none when that can't be told.
func (e *Engine) changed(ctx context.Context, from, to string) []string {
	pair := [2]string{from, to}
	files, ok := e.changes[pair]
	if ok || e.World.Changed == nil || len(e.changes) >= mostChanges {
		return files
	}
	files, err := e.World.Changed(ctx, from, to)
	if err != nil {
		files = nil // the old tree was never kept, or is collected by now: its digest must do
	}
	e.changes[pair] = files
	return files
}

// changeKey names a tree with changes on it. Branches and commits are asked for each time, because they move.
func (e *Engine) changeKey(f *pipeline.Facts, v pipeline.Variant) (string, error) {
	var m pipeline.Manifest
	m.Add("kind", "variant")
	m.Add("tree", f.Variants[plan.BaselineName].Tree)
	m.Add("commit", f.Baseline.Commit)
	for i, c := range v.Changes {
		prefix := fmt.Sprintf("change.%d", i)
		m.Add(prefix, c.Hypothesis)
		switch {
		case c.Patch != "":
			d, err := e.Store.Sum(e.at(c.Patch))
			if err != nil {
				return "", fmt.Errorf("read the patch of %s: %w", c.Hypothesis, err)
			}
			m.Add(prefix+".patch", d.Sum)
		default:
			m.Add(prefix+".at", f.Now.Format("20060102150405.000000000")) // not remembered on disk beyond this moment
		}
	}
	return string(m.Key()), nil
}

// variantRecord is a VariantFact on disk.
type variantRecord struct {
	Variant pipeline.VariantFact `json:"variant"`
}

func (e *Engine) remembered(key string) (pipeline.VariantFact, bool) {
	b, err := e.Store.Action(key)
	if err != nil {
		return pipeline.VariantFact{}, false
	}
	var r variantRecord
	if json.Unmarshal(b, &r) != nil {
		return pipeline.VariantFact{}, false
	}
	return r.Variant, true
}

func (e *Engine) rememberVariant(key string, f pipeline.VariantFact) error {
	if e.ReadOnly {
		return nil
	}
	b, err := json.Marshal(variantRecord{f})
	if err != nil {
		return err
	}
	return e.Store.PutAction(key, b)
}

// guarded refuses a change to what is measured on: an optimization that edits its own inputs proves nothing.
func guarded(s *pipeline.Study, v pipeline.Variant, f pipeline.VariantFact) pipeline.VariantFact {
	for _, file := range f.Files {
		for _, in := range s.Inputs {
			if in.Path == "" || in.Generate != nil || path.IsAbs(in.Path) {
				continue
			}
			p := path.Clean(in.Path)
			if file.Path == p || strings.HasPrefix(file.Path, p+"/") {
				f.Error = fmt.Sprintf("it changes %s, which is the input %q", file.Path, in.Name)
				f.Detail = "A change may not touch what it is measured on. Measure on a copy outside of what the change edits."
				return f
			}
		}
	}
	return f
}
