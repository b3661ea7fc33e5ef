package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/plan"
)

// place is a folder that holds the code of one arm, ready to run.
type place struct {
	work    plan.Work
	top     string   // .bench/work/<id>
	dir     string   // the study's folder in it
	tracked []string // files of the tree, absolute, less those that are inputs
}

// prepare makes the folders of a job's arms and puts them into the job.
func (e *Engine) prepare(ctx context.Context, st State, job *pipeline.Job) ([]place, error) {
	var places []place
	for i, w := range st.Plan.Work {
		p, err := e.place(ctx, st, w)
		if err != nil {
			return nil, err
		}
		job.Arms[i].Dir = p.dir
		places = append(places, p)
	}
	return places, nil
}

// place makes one folder: the tree, what was built of it, and the inputs.
func (e *Engine) place(ctx context.Context, st State, w plan.Work) (place, error) {
	p := place{work: w, top: filepath.Join(e.Store.Dir(), "work", w.ID)}
	built := e.marked(p) == w.Build && !w.Rebuild
	co, err := e.World.Code.Checkout(ctx, w.Tree, p.top, w.Rebuild || !built)
	if err != nil {
		return p, err
	}
	p.dir = co.Dir
	if w.Rebuild {
		return p, e.unmark(p)
	}
	if w.Build != "" && !(built && e.intact(p)) {
		if err := e.restore(ctx, st, &p); err != nil {
			return p, err
		}
	}
	inputs, err := e.link(st, p)
	if err != nil {
		return p, err
	}
	for _, f := range co.Tracked {
		if !inputs[f] {
			p.tracked = append(p.tracked, f)
		}
	}
	return p, nil
}

// intact says whether what was built still lies there as it was recorded.
func (e *Engine) intact(p place) bool {
	for name, a := range p.work.Artifacts {
		d, err := e.Store.Sum(filepath.Join(p.dir, filepath.FromSlash(name)))
		if err != nil || d.Sum != a.Sum {
			return false
		}
	}
	return true
}

// restore puts back what was built: from the store, or, when the Benchfile names no outputs, by building again.
func (e *Engine) restore(ctx context.Context, st State, p *place) error {
	for name, a := range p.work.Artifacts {
		to := filepath.Join(p.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return fmt.Errorf("restore %s: %w", name, err)
		}
		if err := e.Store.Restore(a.Sum, to, os.FileMode(a.Mode)); err != nil {
			return err
		}
	}
	if len(p.work.Artifacts) == 0 {
		if err := e.rebuild(ctx, st, p); err != nil {
			return err
		}
	}
	return e.mark(*p, p.work.Build)
}

// rebuild runs the recorded build once more in a folder that has lost it.
func (e *Engine) rebuild(ctx context.Context, st State, p *place) error {
	r, _ := e.recorded(p.work.Build)
	if r == nil {
		return fmt.Errorf("the record of the build %s is gone; apply again", p.work.Build.Short())
	}
	b := st.Study.Build
	job := pipeline.Job{
		Step: r.Address, Kind: pipeline.StepBuild, Inputs: []string{""}, Visits: []pipeline.Visit{{}}, LogCap: 1 << 20,
		Limits: []time.Duration{time.Hour},
		Arms:   []pipeline.Arm{{Name: "build", Dir: p.dir, Commands: []pipeline.Command{b.Command}, Env: e.buildEnv(st, p)}},
	}
	if b.Timeout > 0 {
		job.Limits[0] = b.Timeout
	}
	var err error
	if job.Scratch, err = os.MkdirTemp(filepath.Join(e.Store.Dir(), "tmp"), "job-"); err != nil {
		return fmt.Errorf("make a folder for the output of %s: %w", r.Address, err)
	}
	defer os.RemoveAll(job.Scratch)
	e.tell(Event{Kind: EventStarted, Step: r.Address, Text: "building again: its folder is gone", Plan: st.Plan, Study: st.Study, Job: &job})
	o, err := e.World.Executor.Run(ctx, job, quiet{})
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", r.Address, err)
	case o.Status == pipeline.StatusInterrupted:
		return errInterrupted
	case o.Status != pipeline.StatusOK:
		return fmt.Errorf("%s built before and does not now: %s\n%s", r.Address, o.Reason, o.Tail)
	}
	return nil
}

// buildEnv is the environment of the arm that the folder is for.
func (e *Engine) buildEnv(st State, p *place) []string {
	for i, w := range st.Plan.Work {
		if w.ID == p.work.ID {
			return st.Plan.Job.Arms[i].Env
		}
	}
	return st.Facts.Env
}

// The mark beside a folder says which build it holds. Without it the folder counts as not built.

func (e *Engine) markFile(p place) string { return p.top + ".built" }

func (e *Engine) marked(p place) pipeline.Key {
	b, err := os.ReadFile(e.markFile(p))
	if err != nil {
		return ""
	}
	return pipeline.Key(b)
}

func (e *Engine) mark(p place, k pipeline.Key) error {
	if err := os.WriteFile(e.markFile(p), []byte(k), 0o644); err != nil {
		return fmt.Errorf("mark %s as built: %w", p.top, err)
	}
	return nil
}

func (e *Engine) unmark(p place) error {
	if err := os.Remove(e.markFile(p)); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("mark %s as not built: %w", p.top, err)
	}
	return nil
}

// link makes the study's inputs available under their declared paths. A folder whose tree holds an input as it is
// needs nothing; else a link to the user's own file is laid there, the same for every arm. It returns what it laid.
func (e *Engine) link(st State, p place) (map[string]bool, error) {
	laid := map[string]bool{}
	for i := range st.Study.Inputs {
		in := &st.Study.Inputs[i]
		if in.Path == "" || filepath.IsAbs(in.Path) {
			continue
		}
		from, to := e.at(in.Path), filepath.Join(p.dir, filepath.FromSlash(in.Path))
		if in.Generate != nil {
			if err := e.regenerate(st, in, from); err != nil {
				return nil, err
			}
		}
		laid[to] = true
		if e.holds(st, in, to) {
			continue
		}
		if err := os.RemoveAll(to); err != nil {
			return nil, fmt.Errorf("make room for the input %q: %w", in.Name, err)
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return nil, fmt.Errorf("make room for the input %q: %w", in.Name, err)
		}
		if err := os.Symlink(from, to); err != nil {
			return nil, fmt.Errorf("link the input %q: %w", in.Name, err)
		}
	}
	return laid, nil
}

// holds says whether the path has the input's content already.
func (e *Engine) holds(st State, in *pipeline.Input, at string) bool {
	want := st.Facts.Inputs[in.Name].Sum
	if in.Generate != nil {
		link, err := os.Readlink(at)
		return err == nil && link == e.at(in.Path)
	}
	info, err := os.Stat(at)
	if err != nil {
		return false
	}
	sum := e.Store.Sum
	if info.IsDir() {
		sum = e.Store.SumTree
	}
	d, err := sum(at)
	return err == nil && d.Sum == want
}

// regenerate restores a generated input whose file is gone or changed.
func (e *Engine) regenerate(st State, in *pipeline.Input, to string) error {
	for i := range st.Plan.Steps {
		s := &st.Plan.Steps[i]
		if s.Kind != pipeline.StepGenerate || s.Input != in.Name || s.Record == nil {
			continue
		}
		a := s.Record.Outcome.Artifacts[in.Path]
		if d, err := e.Store.Sum(to); err == nil && d.Sum == a.Sum {
			return nil
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return fmt.Errorf("restore the input %q: %w", in.Name, err)
		}
		return e.Store.Restore(a.Sum, to, 0o644)
	}
	return nil // its generator has not run yet: this is a step before it
}

// stats is how the files of some folders are: what a change during a run would alter.
func (e *Engine) stats(places []place) map[string]string {
	out := map[string]string{}
	for _, p := range places {
		files := p.tracked
		for name := range p.work.Artifacts {
			files = append(files, filepath.Join(p.dir, filepath.FromSlash(name)))
		}
		for _, f := range files {
			out[f] = statLine(f)
		}
	}
	return out
}

// changed is the first file that differs, "" for none.
func changed(before, after map[string]string) string {
	first := ""
	for f, was := range before {
		if after[f] != was && (first == "" || f < first) {
			first = f
		}
	}
	return first
}
