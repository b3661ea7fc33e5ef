package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// SessionSchema is the version of sessions/*.json.
const SessionSchema = 1

// maxSession bounds what DecodeSession reads: far above any real session, below what hurts.
const maxSession = 256 << 20

// Session is the machine's memory of one stretch of work: one file, so that two branches merge without conflict.
type Session struct {
	Schema    int       `json:"schema"`
	Generator string    `json:"generator"`
	ID        string    `json:"id"`
	Date      string    `json:"date"`
	Started   time.Time `json:"started_at,omitzero"`
	Finished  time.Time `json:"finished_at,omitzero"`
	Tool      string    `json:"tool"`
	Command   string    `json:"command,omitempty"`
	Study     string    `json:"study"`
	Benchfile string    `json:"benchfile"`
	Commit    string    `json:"commit"`
	Branch    string    `json:"branch,omitempty"`
	Dirty     bool      `json:"dirty"`
	Status    string    `json:"status"`

	Environment Environment   `json:"environment"`
	Inputs      []StudyInput  `json:"inputs"`
	Metric      Metric        `json:"metric"` // the primary one
	Criteria    Criteria      `json:"thresholds"`
	Baseline    *Sample       `json:"baseline"` // weighted over inputs
	Best        *Best         `json:"best"`
	Kept        []string      `json:"kept"`
	Learnings   []string      `json:"learnings"`
	Verdicts    []SessionTest `json:"verdicts"`
	Samples     []Sample      `json:"samples"` // of the baseline, every metric and input
}

// SessionTest is what a session found out about one experiment.
type SessionTest struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Title   string   `json:"title"`
	Members []string `json:"members,omitempty"`
	Status  string   `json:"status"`
	Rule    string   `json:"rule,omitempty"`
	Reason  string   `json:"reason"`
	Tree    string   `json:"tree,omitempty"`
	Effect  *Effect  `json:"effect"`
	Inputs  []Effect `json:"effects"`
	Samples []Sample `json:"samples"` // of the primary metric, both arms
}

// Record is what this report leaves for later ones: sessions/<id>.json.
func (r *Report) Record() Session {
	s := Session{
		Schema: SessionSchema, Generator: r.Generator, ID: r.Session.ID, Date: r.Session.Date, Started: r.Session.Started,
		Finished: r.Written, Tool: r.Tool, Command: r.Session.Command, Study: r.Project, Benchfile: r.Benchfile,
		Commit: r.Session.Commit, Branch: r.Session.Branch, Dirty: r.Session.Dirty, Status: r.Overview.Status,
		Environment: r.Environment, Inputs: r.Inputs, Metric: r.PrimaryMetric(), Criteria: r.Criteria,
		Baseline: r.Baseline.Primary(), Best: r.Overview.Confirmed, Kept: r.Overview.Kept,
		Learnings: []string{}, Verdicts: []SessionTest{}, Samples: r.Baseline.Samples,
	}
	for _, n := range r.Learnings {
		s.Learnings = append(s.Learnings, n.Text)
	}
	for i := range r.Experiments {
		x := &r.Experiments[i]
		t := SessionTest{
			ID: x.ID, Name: x.Name, Title: x.Title, Members: x.Members, Status: x.Status, Rule: x.Rule, Reason: x.Reason,
			Tree: x.Change.Tree, Effect: x.Effect, Inputs: x.Inputs, Samples: []Sample{},
		}
		for _, p := range x.Samples {
			if p.Metric == s.Metric.Name {
				t.Samples = append(t.Samples, p)
			}
		}
		s.Verdicts = append(s.Verdicts, t)
	}
	return s
}

// Encode is the session's file.
func (s *Session) Encode() ([]byte, error) { return Encode(s) }

// DecodeSession reads a session's file. Fields that it does not know are let pass, so that an older bench reads what a
// newer one wrote; a newer schema is refused, since its fields may mean something else.
func DecodeSession(data []byte) (Session, error) {
	var s Session
	if len(data) > maxSession {
		return s, fmt.Errorf("session of %d bytes: larger than %d, so not one that bench wrote", len(data), maxSession)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&s); err != nil {
		return Session{}, fmt.Errorf("session is not readable JSON: %w", err)
	}
	if s.Schema < 1 || s.Schema > SessionSchema {
		return Session{}, fmt.Errorf("session has schema %d, this bench reads up to %d: use a newer bench", s.Schema, SessionSchema)
	}
	if !validID(s.ID) {
		return Session{}, fmt.Errorf("session has the id %q: expected a date and a number, like 2026-01-16-1", s.ID)
	}
	cleanSession(&s)
	return s, nil
}

// validID keeps ids to what can be a file name.
func validID(id string) bool {
	return id != "" && len(id) <= 64 && id[0] != '.' && strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == ""
}

// Past is a row of HISTORY.yaml.
type Past struct {
	ID        string   `json:"id"`
	Date      string   `json:"date"`
	Commit    string   `json:"commit"`
	Metric    string   `json:"metric"`
	Unit      string   `json:"unit"`
	Baseline  Number   `json:"baseline"`
	Lo        Number   `json:"baseline_low"`
	Hi        Number   `json:"baseline_high"`
	Final     Number   `json:"final"`
	Change    Number   `json:"change"`
	ChangeLo  Number   `json:"ci_low"`
	ChangeHi  Number   `json:"ci_high"`
	Kept      []string `json:"kept"`
	Tested    int      `json:"tested"`
	Learnings []string `json:"learnings"`
	Machine   string   `json:"machine"`
	Hostname  string   `json:"hostname"`
	Note      string   `json:"note,omitempty"`
	Regressed bool     `json:"regressed,omitempty"` // its baseline is worse than what the session before ended with
	Apart     bool     `json:"apart,omitempty"`     // another machine or metric than the session before: no comparison
}

// others are the earlier sessions, newest first, without the one that is being written.
func others(past []Session, id string) []Session {
	var out []Session
	for _, s := range past {
		if s.ID != id && !slices.ContainsFunc(out, func(o Session) bool { return o.ID == s.ID }) {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b Session) int { return CompareSessions(b.ID, a.ID) })
	return out
}

// CompareSessions orders ids by date, then by number: "2026-01-16-2" before "2026-01-16-10".
func CompareSessions(a, b string) int {
	da, na := splitID(a)
	db, nb := splitID(b)
	if c := strings.Compare(da, db); c != 0 {
		return c
	}
	if c := cmp.Compare(len(na), len(nb)); c != 0 {
		return c
	}
	return strings.Compare(na, nb)
}

func splitID(id string) (date, number string) {
	i := strings.LastIndexByte(id, '-')
	if i < 0 || i < len("2026-01-16") {
		return id, ""
	}
	return id[:i], id[i+1:]
}

// history lists all sessions, newest first, this one among them once it has a baseline.
func history(r *Report) []Past {
	out := []Past{}
	if r.Session.ID != "" && r.Baseline.Primary() != nil {
		out = append(out, row(r.Record()))
	}
	for _, s := range r.Sessions {
		out = append(out, row(s))
	}
	slices.SortStableFunc(out, func(a, b Past) int { return CompareSessions(b.ID, a.ID) })
	for i := range out {
		if i+1 < len(out) {
			since(&out[i], &out[i+1])
		}
	}
	for _, l := range r.Levels {
		if i := slices.IndexFunc(out, func(p Past) bool { return p.ID == l.ID }); i >= 0 {
			out[i].Note = joined("; ", out[i].Note, LevelText(&l, out[i].Metric, out[i].Unit))
		}
	}
	return out
}

func row(s Session) Past {
	p := Past{
		ID: s.ID, Date: s.Date, Commit: s.Commit, Metric: s.Metric.Name, Unit: s.Metric.Unit, Baseline: None(), Lo: None(), Hi: None(),
		Final: None(), Change: None(), ChangeLo: None(), ChangeHi: None(), Kept: list(s.Kept), Learnings: list(s.Learnings),
		Machine: s.Environment.Hash, Hostname: s.Environment.Hostname,
	}
	if s.Baseline != nil {
		p.Baseline, p.Lo, p.Hi = s.Baseline.Centre, s.Baseline.Lo, s.Baseline.Hi
		p.Final = p.Baseline
	}
	if s.Best != nil {
		p.Final, p.Change, p.ChangeLo, p.ChangeHi = s.Best.Final, s.Best.Change, s.Best.Lo, s.Best.Hi
	}
	for _, t := range s.Verdicts {
		if t.Status != StatusPending && t.Status != StatusRunning && t.Status != StatusSkipped {
			p.Tested++
		}
	}
	return p
}

// since says what happened between two sessions: a baseline that is worse than what the last session ended with has
// lost something (workflow 5.3).
func since(now, before *Past) {
	switch {
	case now.Machine != before.Machine:
		now.Apart, now.Note = true, "another machine or toolchain than the session before: not comparable"
	case now.Metric != before.Metric:
		now.Apart = true
	case now.Baseline.Known() && before.Final.Known() && now.Lo.Known() && now.Lo > before.Final*1.02:
		now.Regressed, now.Note = true, "regressed since the session before: its final was "+Quantity(before.Final, before.Unit)
	}
}
