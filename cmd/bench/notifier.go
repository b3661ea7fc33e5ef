package main

import (
	"context"
	"fmt"

	"github.com/benchfile/bench/executors/notify"
	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/engine"
	"github.com/benchfile/bench/pipeline/plan"
	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/render/message"
)

// notifier tells people who are elsewhere. Events only say what is due; it is sent when the engine publishes, which it
// does between steps and never while something is measured. What cannot be sent is a warning.
type notifier struct {
	app      *app
	on       map[string]bool // "baseline", "experiment", "significant", "error", "done"
	slack    *notify.Slack   // nil: nobody is to be told, or can be
	baseline bool            // complete, and told or old
	due      []func(message.Messages) string
}

// newNotifier reads whom the Benchfile wants told, when there is anything to run.
func newNotifier(a *app, st engine.State) *notifier {
	n := &notifier{app: a, on: map[string]bool{}, baseline: st.Plan.Baseline.State == plan.Done}
	for _, x := range st.Study.Notify {
		for _, w := range x.On {
			n.on[w] = true
		}
	}
	if len(n.on) == 0 || st.Plan.Next < 0 {
		return n
	}
	secret, err := notify.Load("")
	if err == nil {
		n.slack, err = notify.New(notify.Options{Webhook: secret})
	}
	if err != nil {
		fmt.Fprintf(a.err, "bench: warning: nobody is notified: %v\n", err)
	}
	return n
}

// event hears from the engine.
func (n *notifier) event(e engine.Event) {
	if e.Kind != engine.EventVerdict {
		return
	}
	id, kind := fmt.Sprintf("%03d", e.Experiment.Variant.Number), e.Experiment.Verdict.Kind
	n.due = append(n.due, func(m message.Messages) string {
		text := ""
		if n.on["significant"] {
			text = m.Significant(id)
		}
		if text == "" && (n.on["experiment"] || n.on["error"] && kind == pipeline.Failed) {
			text = m.Experiment(id)
		}
		return text
	})
}

// waits says whether there is something to send for a state.
func (n *notifier) waits(st engine.State) bool {
	return n.slack != nil && (len(n.due) > 0 || st.Note == "done" || st.Plan.Baseline.State == plan.Done && !n.baseline)
}

// publish sends what is due.
func (n *notifier) publish(ctx context.Context, st engine.State, r *report.Report) {
	m := message.Messages{Report: r}
	if st.Plan.Baseline.State == plan.Done && !n.baseline {
		if n.baseline = true; n.on["baseline"] {
			n.send(ctx, m.Baseline())
		}
	}
	for _, text := range n.due {
		n.send(ctx, text(m))
	}
	n.due = nil
	if st.Note == "done" && n.on["done"] {
		n.send(ctx, m.Done())
	}
}

// failed tells that apply ended with an error.
func (n *notifier) failed(ctx context.Context, study string, err error) {
	if n.on["error"] {
		n.send(ctx, message.Messages{Report: &report.Report{Project: study}}.Error(err.Error()))
	}
}

// send is silent on nothing, and turns what went wrong into a warning: a result never depends on it.
func (n *notifier) send(ctx context.Context, text string) {
	if text == "" || n.slack == nil {
		return
	}
	if err := n.slack.Send(ctx, text); err != nil {
		fmt.Fprintf(n.app.err, "bench: warning: %v\n", err)
	}
}
