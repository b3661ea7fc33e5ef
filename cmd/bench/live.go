package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/engine"
	"github.com/benchfile/bench/pipeline/judge"
)

// live shows what apply does. Lines that stay are written when a step ends; the one line below them is repainted
// between runs, at most once a second, and never while something is measured. Without a terminal only the former are.
type live struct {
	app     *app
	began   time.Time
	on      bool // stderr is a terminal
	painted bool
	last    time.Time
	step    *progress
}

func newLive(a *app, began time.Time) *live {
	return &live{app: a, began: began, on: terminal(a.err) && !a.json}
}

// event hears from the engine.
func (l *live) event(e engine.Event) {
	if l.app.json {
		l.app.emit(string(e.Kind), eventJSON(e))
		return
	}
	switch e.Kind {
	case engine.EventCooling:
		l.paint(fmt.Sprintf("cooling down %s", duration(e.Wait)), true)
	case engine.EventWaiting:
		l.paint(fmt.Sprintf("waiting for the machine: %s (giving up in %s)", e.Text, duration(e.Wait)), true)
	case engine.EventStarted:
		l.step = newProgress(e)
		l.paint(l.line(), true)
	case engine.EventRecorded:
		l.recorded(e)
	case engine.EventVoid:
		l.keep(fmt.Sprintf("  %s %s void: %s", paint(l.colour(), yellow, "!"), e.Step, printable(e.Text)))
	case engine.EventEnvironment:
		l.keep(fmt.Sprintf("  %s %s given up: %s; it is measured again when the machine is quiet", paint(l.colour(), yellow, "!"), e.Step, printable(e.Text)))
		l.step = nil
	case engine.EventVerdict:
		v := e.Experiment.Verdict
		l.keep(fmt.Sprintf("  %s %s  %s", paint(l.colour(), verdictColour(v.Kind), pad(l.app.signs().verdict[v.Kind]+" "+string(v.Kind), 14)),
			e.Experiment.Variant.ID(), printable(v.Reason)))
	}
}

func (l *live) colour() bool { return l.app.colour(l.app.err) }

// recorded is the line of a step that ended.
func (l *live) recorded(e engine.Event) {
	o, sg := e.Record.Outcome, l.app.signs()
	mark, text := paint(l.colour(), green, sg.ok), count(len(o.Runs), "run")
	if o.Status != pipeline.StatusOK {
		mark, text = paint(l.colour(), red, sg.fail), printable(o.Reason)
	} else if again := repeated(o); again > 0 {
		text += fmt.Sprintf(" (%s disturbed and made again)", count(again, "pair"))
	}
	if o.Status == pipeline.StatusOK {
		if eff := l.effect(); eff != "" {
			text += "  " + eff
		}
	}
	l.keep(fmt.Sprintf("  %s %s %s %s", mark, pad(e.Step, 34), left(duration(o.Elapsed), 9), text))
	l.step = nil
}

// repeated is how many pairs were measured again for what went on beside them.
func repeated(o pipeline.Outcome) int {
	n := 0
	for _, r := range o.Runs {
		if r.Discarded != "" && r.Arm == "candidate" {
			n++
		}
	}
	return n
}

// Started implements pipeline.Sink. It stays silent: a run begins.
func (l *live) Started(int) {}

// Finished implements pipeline.Sink.
func (l *live) Finished(r pipeline.Run) {
	if l.step == nil {
		return
	}
	l.step.finished(r)
	l.paint(l.line(), false)
}

// line is the step that runs, in one line.
func (l *live) line() string {
	p := l.step
	total := len(p.start.Job.Visits)
	text := fmt.Sprintf("%s %s  run %d of %d", l.app.signs().now, p.start.Step, min(p.done+1, total), total)
	if p.start.Text != "" {
		text += "  (" + p.start.Text + ")"
	}
	if eff := l.effect(); eff != "" {
		text += "  " + eff
	}
	if left := p.left(); left > 0 {
		text += "  " + duration(left) + " left"
	}
	return text
}

// effect so far on the primary metric, in words.
func (l *live) effect() string {
	if l.step == nil {
		return ""
	}
	change, pairs := l.step.change()
	if pairs == 0 {
		return ""
	}
	return judge.Percent(change) + " so far"
}

// paint shows the line below; now says that it must not wait for its second.
func (l *live) paint(text string, now bool) {
	if !l.on || (!now && time.Since(l.last) < time.Second) {
		return
	}
	if w := width(l.app.err); len([]rune(text)) >= w {
		text = string([]rune(text)[:w-1])
	}
	fmt.Fprintf(l.app.err, "\r\x1b[K%s", printable(text))
	l.painted, l.last = true, time.Now()
}

// keep writes a line that stays.
func (l *live) keep(text string) {
	l.clear()
	fmt.Fprintln(l.app.err, strings.TrimRight(text, " "))
}

// clear takes the line below away.
func (l *live) clear() {
	if l.painted {
		fmt.Fprint(l.app.err, "\r\x1b[K")
		l.painted = false
	}
}

// eventJSON is an event for programs.
func eventJSON(e engine.Event) any {
	out := struct {
		At      time.Time         `json:"at"`
		Step    string            `json:"step,omitempty"`
		Text    string            `json:"text,omitempty"`
		WaitS   float64           `json:"wait_s,omitempty"`
		Key     pipeline.Key      `json:"key,omitempty"`
		Status  pipeline.Status   `json:"status,omitempty"`
		Reason  string            `json:"reason,omitempty"`
		Runs    int               `json:"runs,omitempty"`
		Verdict *pipeline.Verdict `json:"verdict,omitempty"`
	}{At: e.At, Step: e.Step, Text: e.Text, WaitS: e.Wait.Seconds()}
	if e.Record != nil {
		out.Key, out.Status, out.Reason, out.Runs = e.Record.Key, e.Record.Outcome.Status, e.Record.Outcome.Reason, len(e.Record.Outcome.Runs)
	}
	if e.Job != nil && e.Record == nil {
		out.Runs = len(e.Job.Visits)
	}
	if e.Experiment != nil {
		out.Verdict = e.Experiment.Verdict
	}
	return out
}
