package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/benchfile/bench/cmd/bench/early"
	"github.com/benchfile/bench/pipeline/engine"
	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/store"
	"github.com/benchfile/bench/render"
)

// trackerName is the artifact that people write in, too.
const trackerName = "TRACKER.md"

func (a *app) renderCommand() *cobra.Command {
	return &cobra.Command{
		Use: "render", Short: "Write the artifacts from what is recorded; run nothing", Args: most(0),
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.open(c.Context(), true)
			if err != nil {
				return err
			}
			defer s.close()
			st, err := s.engine.Survey(c.Context(), engine.Options{})
			if err != nil {
				return err
			}
			a.warnings(st)
			st.Note = "rendered" // nothing runs while only rendering
			changes, err := s.write(st)
			if err != nil {
				return err
			}
			if a.json {
				a.emit("render", changes)
				return nil
			}
			for _, f := range changes.Written {
				fmt.Fprintln(a.out, filepath.Join(artifactsDir, f))
			}
			if len(changes.Written) == 0 {
				fmt.Fprintln(a.err, "everything is as it was")
			}
			return nil
		},
	}
}

// publish is what the engine calls when there is something new to see. While steps are left it takes at most a tenth of
// the time: rendering is quick, but a study of hundreds of experiments may have steps that are quicker.
// People who are elsewhere are told at the same moment.
func (s *session) publish(ctx context.Context, st engine.State, people *notifier) error {
	if people.waits(st) {
		r, err := s.report(st, s.artifact(trackerName))
		if err != nil {
			return err
		}
		people.publish(ctx, st, &r)
	}
	if st.Note == "" && time.Since(s.published) < 9*s.publishing {
		return nil
	}
	began := time.Now()
	_, err := s.write(st)
	s.published, s.publishing = time.Now(), time.Since(began)
	return err
}

// running is what the report says of the step that comes next; nil when nothing runs.
func running(st engine.State) *report.Live {
	p := st.Plan
	if st.Note != "" || p.Next < 0 {
		return nil
	}
	return begun(p, p.Steps[p.Next].Address)
}

// write renders and publishes. People's words in TRACKER.md are read first and merged; when they change between the
// reading and the writing, it is done once more.
func (s *session) write(st engine.State) (store.Changes, error) {
	var all store.Changes
	for range 3 {
		tracker := s.artifact(trackerName)
		r, err := s.report(st, tracker)
		if err != nil {
			return all, err
		}
		s.overview = r.Overview
		files := map[string][]byte{}
		maps.Copy(files, s.foreign) // sessions that this bench can't read stay as they are
		for _, f := range render.All(r, s.artifact) {
			files[f.Name] = f.Bytes
		}
		publish := s.publishTo
		if publish == nil {
			publish = func(files map[string][]byte, o store.PublishOptions) (store.Changes, error) {
				return s.store.Publish(filepath.Join(s.root, artifactsDir), files, o)
			}
		}
		changes, err := publish(files, store.PublishOptions{
			Marker:    render.Generated,
			Normalise: map[string]func([]byte) []byte{trackerName: render.GeneratedPart},
			Seen:      map[string][]byte{trackerName: tracker},
		})
		if err != nil {
			return all, err
		}
		for _, w := range changes.Warnings {
			fmt.Fprintf(s.app.err, "%s %s\n", paint(s.app.colour(s.app.err), yellow, "warning:"), printable(w))
		}
		all.Written = append(all.Written, changes.Written...)
		if len(changes.Stale) == 0 {
			return all, nil
		}
	}
	return all, fmt.Errorf("%s keeps changing while it is written; close the editor that saves it and run bench render", trackerName)
}

// artifact reads a file that was published before; nil when there is none.
func (s *session) artifact(name string) []byte {
	b, err := os.ReadFile(filepath.Join(s.root, artifactsDir, filepath.FromSlash(name)))
	if err != nil {
		return nil
	}
	return b
}

// report joins what is known into what people read.
func (s *session) report(st engine.State, tracker []byte) (report.Report, error) {
	info, past, err := s.sessions(st)
	if err != nil {
		return report.Report{}, err
	}
	return report.Build(report.Input{
		Study: st.Study, Facts: *st.Facts, Plan: st.Plan, Past: past, Notes: render.HumanRegions(tracker), Session: info, Live: running(st),
		Blob: func(sum string) ([]byte, bool) {
			b, err := s.store.Blob(sum)
			return b, err == nil
		},
	}), nil
}

// sessions reads the sessions that were, and says which one this is. A session begins with the first record that its
// plan rests on: so the same records are the same session, however often they are rendered, and a baseline that is
// measured anew begins a new one.
func (s *session) sessions(st engine.State) (report.SessionInfo, []report.Session, error) {
	info := report.SessionInfo{Tool: early.Version, Command: "bench apply", Started: began(st)}
	info.Date = info.Started.UTC().Format(time.DateOnly)
	dir := filepath.Join(s.root, artifactsDir, "sessions")
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return info, nil, fmt.Errorf("read past sessions: %w", err)
	}
	var past []report.Session
	number := 1
	s.foreign = map[string][]byte{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".json") {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return info, nil, fmt.Errorf("read a past session: %w", err)
		}
		old, err := report.DecodeSession(b)
		if err != nil {
			fmt.Fprintf(s.app.err, "warning: %s is left out: %v\n", filepath.Join(artifactsDir, "sessions", e.Name()), err)
			s.foreign["sessions/"+e.Name()] = b
			continue
		}
		if old.Started.Equal(info.Started) {
			info.ID = old.ID
			continue
		}
		var n int
		if rest, ok := strings.CutPrefix(old.ID, info.Date+"-"); ok {
			if _, err := fmt.Sscanf(rest, "%d", &n); err == nil && n >= number {
				number = n + 1
			}
		}
		past = append(past, old)
	}
	if info.ID == "" {
		info.ID = fmt.Sprintf("%s-%d", info.Date, number)
	}
	return info, past, nil
}

// began is when the first step that the plan rests on started; without any, now.
func began(st engine.State) time.Time {
	var first time.Time
	for _, i := range st.Plan.Baseline.Steps {
		r := st.Plan.Steps[i].Record
		if r != nil && (first.IsZero() || r.Started.Before(first)) {
			first = r.Started
		}
	}
	if first.IsZero() {
		return st.Facts.Now
	}
	return first
}

// reportPath is where the report is, as people would type it from here.
func (s *session) reportPath() string {
	p := filepath.Join(s.root, artifactsDir, "report", "index.html")
	if here, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(here, p); err == nil {
			return rel
		}
	}
	return p
}
