package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/engine"
	"github.com/benchfile/bench/pipeline/judge"
	"github.com/benchfile/bench/pipeline/plan"
	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/store"
)

// board is what watch shows. Lines that are news stay. Below them, on a terminal, a few lines say how things are; they are
// painted anew when that changes. Without a terminal there are only the former.
type board struct {
	app     *app
	bench   string // .bench
	on      bool   // stdout is a terminal
	painted int    // lines that can be taken away
	last    struct{ step, verdict, shown string }
}

func newBoard(a *app, bench string) *board {
	return &board{app: a, bench: bench, on: terminal(a.out) && !a.json}
}

// say writes a line that stays.
func (b *board) say(text string) {
	if b.app.json {
		b.app.emit("note", map[string]string{"text": text})
		return
	}
	b.clear()
	fmt.Fprintln(b.app.out, printable(text))
}

// clear takes away the lines that do not stay.
func (b *board) clear() {
	if b.painted > 0 {
		fmt.Fprintf(b.app.out, "\x1b[%dA\x1b[J", b.painted)
		b.painted, b.last.shown = 0, ""
	}
}

// paint shows how things are. All of it goes out at once, each line cut to the width, so that going up is exact.
func (b *board) paint(lines []string) {
	if !b.on {
		return
	}
	w := width(b.app.out)
	for i, l := range lines {
		if r := []rune(l); len(r) >= w {
			lines[i] = string(r[:w-1])
		}
	}
	text := strings.Join(lines, "\n") + "\n"
	if text == b.last.shown {
		return
	}
	up := ""
	if b.painted > 0 {
		up = fmt.Sprintf("\x1b[%dA\x1b[J", b.painted)
	}
	fmt.Fprint(b.app.out, "\x1b[?2026h", up, text, "\x1b[?2026l")
	b.painted, b.last.shown = len(lines), text
}

// planned says what came of planning and rendering anew.
func (b *board) planned(st engine.State, o report.Overview, stale []staleness, fresh []string, written store.Changes, took time.Duration, first bool) {
	if b.app.json {
		b.app.emit("planned", struct {
			Stale   []staleness `json:"stale"` // that was not, or for another reason
			Fresh   []string    `json:"fresh"` // that was stale
			Written []string    `json:"written"`
			Removed []string    `json:"removed,omitempty"`
			TookS   float64     `json:"took_s"`
			Left    int         `json:"steps_left"`
		}{list(stale), list(fresh), list(written.Written), written.Removed, took.Seconds(), o.StepsLeft})
		return
	}
	for _, x := range stale {
		b.say(fmt.Sprintf("~ %s %s", pad(x.ID, 32), x.Why))
	}
	for _, id := range fresh {
		b.say(fmt.Sprintf("= %s recorded", pad(id, 32)))
	}
	if len(written.Written)+len(written.Removed) > 0 || first {
		b.say(fmt.Sprintf("%s  %s written in %s; %s", time.Now().Format("15:04:05"), count(len(written.Written), "file"), duration(took), leftText(o, st.Plan.Remaining)))
	}
	b.paint([]string{b.headline(st.Study.Name, baselineText(st.Facts), &o, strings.ToUpper(o.Status)), b.counts(&o), "Ctrl-C ends it (it looks again when files change)"})
}

// list is never null in JSON.
func list[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}

func leftText(o report.Overview, remaining plan.Estimate) string {
	if o.StepsLeft == 0 {
		return "nothing is left to run"
	}
	return fmt.Sprintf("at least %s to run, %s: bench apply", count(o.StepsLeft, "step"), span(remaining))
}

func (b *board) headline(study, baseline string, o *report.Overview, status string) string {
	return printable(fmt.Sprintf("%s · baseline %s    %s %d/%d", study, baseline, status, o.Done, o.Total))
}

// counts is what came out so far.
func (b *board) counts(o *report.Overview) string {
	text := "nothing is kept yet"
	if o.Best != nil {
		text = fmt.Sprintf("best %s (%s)", judge.Percent(float64(o.Best.Change)), strings.Join(o.Best.Members, " + "))
	}
	kept, maybe := o.Counts[string(pipeline.Keep)], o.Counts[string(pipeline.Maybe)]
	return printable(fmt.Sprintf("%s    kept %d  maybe %d  not %d", text, kept, maybe, max(0, o.Done-kept-maybe)))
}

// follow says what a process that works here does.
func (b *board) follow(st *state) {
	if b.app.json {
		b.app.emit("state", st)
		return
	}
	b.verdicts(st)
	l := st.Live
	if l == nil {
		return
	}
	if step := l.Phase + l.Step; step != b.last.step {
		b.last.step = step
		if !b.on {
			b.say(b.step(l))
		}
	}
	o := st.Overview
	if o == nil {
		o = &report.Overview{}
	}
	lines := []string{b.headline(st.Study, st.Baseline, o, "RUNNING"), b.counts(o), b.step(l) + b.progress(l)}
	log := logTail(b.bench, st.Logs)
	for _, text := range log[max(0, len(log)-boardLog):] {
		lines = append(lines, "log  "+printable(text))
	}
	b.paint(append(lines, "Ctrl-C ends watching, not the apply that it follows"))
}

// boardLog is how much of the log fits on a board.
const boardLog = 5

// verdicts that are news.
func (b *board) verdicts(st *state) {
	var news []decided
	for _, v := range st.Last {
		if v.ID+string(v.Kind) == b.last.verdict {
			break
		}
		news = append(news, v)
	}
	for i := len(news) - 1; i >= 0; i-- {
		v := news[i]
		b.last.verdict = v.ID + string(v.Kind)
		b.say(fmt.Sprintf("%s %s  %s", pad(b.app.signs().verdict[v.Kind]+" "+string(v.Kind), 14), v.ID, v.Reason))
	}
}

// step is what is done now, in words.
func (b *board) step(l *report.Live) string {
	text := b.app.signs().now + " " + l.Step
	switch l.Phase {
	case report.PhaseCooling:
		text += "  cooling down"
	case report.PhaseWaiting:
		text += "  waiting for the machine"
	}
	if l.Why != "" {
		text += "  (" + l.Why + ")"
	}
	return printable(text)
}

func (b *board) progress(l *report.Live) string {
	text := ""
	if l.Input != "" {
		text += "  " + l.Input
	}
	if l.Total > 1 {
		full := 10 * min(l.Done, l.Total) / l.Total
		text += fmt.Sprintf("  %d/%d %s", l.Done, l.Total, strings.Repeat("#", full)+strings.Repeat(".", 10-full))
	}
	if l.Interim != nil {
		text += "  " + judge.Percent(l.Interim.Change) + " so far"
	}
	if l.Left > 0 {
		text += "  step " + duration(l.Left)
	}
	if l.Remain > 0 {
		text += "  all " + duration(l.Remain)
	}
	return printable(text)
}

// ended says that whoever worked here does so no more.
func (b *board) ended(st *state) {
	b.verdicts(st)
	b.last.step = ""
	if b.app.json {
		b.app.emit("state", st)
		return
	}
	b.say("apply ended: " + st.Ended)
}
