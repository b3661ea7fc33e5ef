package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/judge"
)

// calibrationRounds is how many pairs the baseline is compared with itself on each input.
const calibrationRounds = 20

// Impostor is a program that does nothing and says that all went well. A check that lets it pass lets everything pass.
const Impostor = "#!/bin/sh\nexit 0\n"

// ImpostorSum is the name under which the store has it.
func ImpostorSum() string {
	sum := sha256.Sum256([]byte(Impostor))
	return hex.EncodeToString(sum[:])
}

// Calibration is what comparing the baseline with itself, and with two bad candidates, came to.
type Calibration struct {
	*judge.Calibration
	At    time.Time // when the comparison with itself was finished
	Steps []int     // indices in Plan.Steps, when this plan calibrates
}

// calibration plans the comparisons of the baseline with itself (bench calibrate), or, in any other plan, looks for what
// is recorded of them. They are no experiments: nothing of them is in any table.
func (m *maker) calibration() {
	if m.base == nil {
		return
	}
	c := m
	if !m.options.Calibrate {
		aside := *m
		aside.plan = &Plan{Next: -1}
		c = &aside
	}
	first := len(c.plan.Steps)
	same, result := c.alike()
	wrong := judge.WrongTrip(c.wrong())
	if m.study.Check.None != "" {
		wrong.Got = "not tried: there is no check (" + m.study.Check.None + "), so no wrong output can be seen"
	} else if why := m.untried(); why != "" {
		wrong.Got = "not tried: " + why
	}
	slow := judge.SlowTrip(c.slow())
	if result == nil {
		return
	}
	result.Trips = []judge.Trip{slow, wrong}
	m.plan.Calibration = &Calibration{Calibration: result, At: same.Finished}
	for i := first; m.options.Calibrate && i < len(m.plan.Steps); i++ {
		m.plan.Calibration.Steps = append(m.plan.Calibration.Steps, i)
	}
	m.tooFine(result)
}

// trial is a candidate that is the baseline in a folder of its own, as every change of the code would be.
func (m *maker) trial(name string, commands []pipeline.Command) (*Experiment, *variant) {
	e := &Experiment{Variant: pipeline.Variant{Name: "calibrate/" + name, Title: name, Commands: commands}, State: Ready}
	sum := sha256.Sum256([]byte(name + " " + m.base.work().ID))
	v := *m.base
	v.Variant, v.place = e.Variant, hex.EncodeToString(sum[:])
	return e, &v
}

// blockedTrial is what trials wait for.
func (m *maker) blockedTrial() string {
	if !m.ready {
		return "waits for the baseline"
	}
	return ""
}

// alike compares the baseline with itself. Where that is not recorded for what is there now, an earlier comparison is
// read and called stale.
func (m *maker) alike() (*pipeline.Record, *judge.Calibration) {
	e, v := m.trial("same", m.study.Measure.Commands)
	s := m.measure(e, v, 1, calibrationRounds, 1, earlier{}, m.blockedTrial())
	r, stale := s.Record, ""
	if r == nil && m.facts.Previous != nil {
		if r = m.facts.Previous(s.Address); r != nil {
			stale = "the baseline is not built yet"
			if was, err := pipeline.ParseManifest(r.Manifest); err == nil && s.Manifest != nil {
				stale = Because(m.study, m.facts, s.Manifest.Diff(was))
			}
		}
	}
	if r == nil {
		return nil, nil
	}
	ev := m.evidence(e)
	ev.Batches = []*pipeline.Outcome{&r.Outcome}
	result := judge.Calibrate(ev)
	if result != nil {
		result.Stale = stale
	}
	return r, result
}

// slow is the verdict on the baseline's command run twice: whatever it costs, that costs twice as much. Nil until decided.
func (m *maker) slow() *pipeline.Verdict {
	commands := slices.Clone(m.study.Measure.Commands)
	for i, c := range commands {
		if c.Shell {
			line := "( " + c.Argv[0] + "\n) >/dev/null 2>&1\n" + c.Argv[0]
			commands[i].Argv = append([]string{line}, c.Argv[1:]...)
			continue
		}
		commands[i].Shell = true
		commands[i].Argv = append([]string{`"$@" >/dev/null 2>&1; exec "$@"`}, c.Argv...)
	}
	e, v := m.trial("slow", commands)
	ev := m.evidence(e)
	ev.Build, ev.CheckNone = nil, "the trip-wire is not checked"
	if d := m.batches(e, v, ev, m.blockedTrial()); d != nil && !d.Continue {
		return &d.Verdict
	}
	return nil
}

// wrong is the verdict on an impostor: in place of the measured command, and of all that was built but the check itself.
func (m *maker) wrong() *pipeline.Verdict {
	if m.study.Check.None != "" || m.untried() != "" {
		return nil
	}
	commands := slices.Clone(m.study.Measure.Commands)
	for i := range commands {
		commands[i].Argv, commands[i].Shell = []string{"true"}, false
	}
	e, v := m.trial("wrong", commands)
	v.artifacts = map[string]pipeline.Artifact{}
	for name, a := range m.base.artifacts {
		if !m.isCheck(name) {
			a.Sum, a.Size = ImpostorSum(), int64(len(Impostor))
		}
		v.artifacts[name] = a
	}
	ev := m.evidence(e)
	seen := func(s *Step) bool { return s.State == Failed || len(m.checked(s).Differs) > 0 }
	for _, s := range m.checks(e, v, m.blockedTrial(), seen) {
		if s.Record == nil {
			return nil
		}
		ev.Checks = append(ev.Checks, m.checked(&s))
	}
	return &decide(ev).Verdict
}

// untried is why no impostor can be put before the check: it runs a program that bench neither starts nor builds.
func (m *maker) untried() string {
	if len(m.study.Check.SameOutput) > 0 {
		return ""
	}
	for name := range m.base.artifacts {
		if !m.isCheck(name) {
			return ""
		}
	}
	return "the check command runs a program that bench does not build, so there is nothing to put in its place"
}

// isCheck says whether a built file is the check command itself.
func (m *maker) isCheck(name string) bool {
	return slices.ContainsFunc(m.study.Check.Commands, func(c pipeline.Command) bool {
		return !c.Shell && len(c.Argv) > 0 && strings.TrimPrefix(c.Argv[0], "./") == name
	})
}

// tooFine warns of thresholds below what the last look can tell.
func (m *maker) tooFine(c *judge.Calibration) {
	if c.Stale != "" {
		return
	}
	last := m.looks[len(m.looks)-1]
	for _, t := range []struct {
		name  string
		value float64
	}{{"maybe", m.study.Criteria.Maybe}, {"keep", m.study.Criteria.Keep}} {
		if text, help := c.Below(t.name, t.value, last); text != "" {
			m.warn(pipeline.Place{}, text, help)
		}
	}
}

// Visible says of a hypothesis whether the improvement that it expects can be seen within the study's rounds.
func Visible(s *pipeline.Study, c *judge.Calibration, h *pipeline.Hypothesis) string {
	if h.Expect.Lo == 0 && h.Expect.Hi == 0 {
		return "no expectation is stated"
	}
	l := Looks(s.Measure)
	return "expects " + h.Expect.Text + ": " + c.Expected(h.Expect.Lo, h.Expect.Hi, l[0], l[len(l)-1])
}
