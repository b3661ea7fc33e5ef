package html

import (
	"html/template"
	"slices"

	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/render/chart"
)

// Bounds on lists that would grow with the study beyond what anybody reads; the whole is in data.json.
const (
	ideasMost  = 30
	attackMost = 30
	pairsMost  = 100
	newestMost = 6
	triedMost  = 500
)

// indexPage is the dashboard.
type indexPage struct {
	page
	Rows                                            []*report.Experiment // of the table, in the order in which they are shown
	ByEffect                                        string               // "" or how Rows are sorted by their change
	Trend, Baseline, Order, Ladder, Matrix, Effects template.HTML
	Ideas                                           []report.Note
	Attack                                          []report.Attack
	Pairs                                           []report.Pair
	Newest                                          []report.Past
	MoreIdeas, MoreAttack, MorePairs                int
}

func index(r *report.Report, d *drawings) []byte {
	p := indexPage{
		page:  newPage(r, "", r.Project+" – bench report", d.forest),
		Trend: markup(d.trend), Baseline: markup(d.baseline), Order: markup(d.order), Ladder: markup(d.ladder), Matrix: markup(d.matrix), Effects: markup(d.effects),
	}
	p.Rows, p.ByEffect = rows(r)
	var ideas []report.Note
	for _, n := range r.Backlog {
		if n.Source != "tracker" { // those are shown as they were written
			ideas = append(ideas, n)
		}
	}
	p.Ideas, p.MoreIdeas = first(ideas, ideasMost)
	p.Attack, p.MoreAttack = first(r.Plan.Attack, attackMost)
	p.Pairs, p.MorePairs = first(r.Conflicts, pairsMost)
	p.Newest, _ = first(r.History, newestMost)
	return execute("index.html", p)
}

// markup lets a drawing through: render/chart has escaped every text in it.
func markup(drawing string) template.HTML { return template.HTML(drawing) }

// first is the beginning of a list, and how many there are beyond it.
func first[T any](all []T, most int) ([]T, int) {
	n := min(len(all), most)
	return all[:n], len(all) - n
}

// rows puts the best first once everything is decided; before that, people follow the numbers.
func rows(r *report.Report) ([]*report.Experiment, string) {
	var out []*report.Experiment
	for i := range r.Experiments {
		out = append(out, &r.Experiments[i])
	}
	if !r.Overview.Decided() {
		return out, ""
	}
	slices.SortStableFunc(out, func(a, b *report.Experiment) int {
		x, y := improvement(a), improvement(b)
		switch {
		case x.Known() && (!y.Known() || x > y):
			return -1
		case y.Known() && (!x.Known() || x < y):
			return 1
		}
		return 0
	})
	if r.PrimaryMetric().Better == "higher" {
		return out, "descending"
	}
	return out, "ascending"
}

func improvement(x *report.Experiment) report.Number {
	if x.Effect == nil || !x.Effect.Change.Known() {
		return report.None()
	}
	return report.Number(x.Effect.Improvement())
}

// experimentPage is the page of one experiment.
type experimentPage struct {
	page
	X                  *report.Experiment
	Prev, Next         *report.Experiment
	Strip, ECDF, Order template.HTML
	Flame              template.HTML
	FlameOf            string // the input
	Shares             []report.SelfShare
	MostMoved          report.Number
	Patch              patch
	Differences        []difference
	Expectation        *expectation
}

// experiment is the page of an experiment and the charts that belong to it.
func experiment(r *report.Report, i int, f chart.Forest) []File {
	x := &r.Experiments[i]
	strip := chart.Inputs(r, x)
	root, of := r.Flame(x)
	flame := chart.Flame(root)
	p := experimentPage{
		page: newPage(r, "../", x.ID+" "+x.Title+" – "+x.Status, f), X: x, FlameOf: of,
		Strip: markup(strip), ECDF: markup(chart.Distributions(r, x)), Order: markup(chart.Order(r, x.Order, x.Heat, chart.Class(x))), Flame: markup(flame),
		Shares: r.Shares(x), MostMoved: report.None(), Patch: diff(x.Change.Text), Differences: differences(r, x), Expectation: expected(r, x),
	}
	for _, s := range p.Shares {
		if m := s.Moved(); m.Known() && !(float64(p.MostMoved) >= max(float64(m), -float64(m))) {
			p.MostMoved = max(m, -m)
		}
	}
	if i > 0 {
		p.Prev = &r.Experiments[i-1]
	}
	if i+1 < len(r.Experiments) {
		p.Next = &r.Experiments[i+1]
	}
	out := []File{{"experiments/" + x.Slug + ".html", execute("experiment.html", p)}}
	if strip != "" {
		out = append(out, File{"charts/" + x.Slug + ".svg", chart.Standalone(strip, r.Generator)})
	}
	if flame != "" {
		out = append(out, File{"charts/" + x.Slug + "-profile.svg", chart.Standalone(flame, r.Generator)})
	}
	return out
}

// comparePage holds every effect; its script sets two of them side by side.
type comparePage struct {
	page
	Effects template.HTML
}

func compare(r *report.Report, d *drawings) []byte {
	return execute("compare.html", comparePage{newPage(r, "", "Compare – "+r.Project, d.forest), markup(d.effects)})
}

// historyPage is about all sessions.
type historyPage struct {
	page
	History   template.HTML
	Tried     []tried
	MoreTried int
}

// tried is an experiment of an earlier session.
type tried struct {
	Session string
	Look    *report.Experiment // for its badge
	report.SessionTest
}

func history(r *report.Report, d *drawings) []byte {
	p := historyPage{page: newPage(r, "", "History – "+r.Project, d.forest), History: markup(d.history)}
	var all []tried
	for i := range r.Sessions {
		for _, t := range r.Sessions[i].Verdicts {
			all = append(all, tried{r.Sessions[i].ID, &report.Experiment{Status: t.Status}, t})
		}
	}
	p.Tried, p.MoreTried = first(all, triedMost)
	return execute("history.html", p)
}

// machine is the sessions that were made on one machine.
type machine struct {
	Hostname, Machine string
	Past              []report.Past
}

// machines splits the sessions, the machine of the newest first.
func machines(r *report.Report) []machine {
	var out []machine
	for _, p := range r.History {
		i := slices.IndexFunc(out, func(m machine) bool { return m.Machine == p.Machine })
		if i < 0 {
			i = len(out)
			out = append(out, machine{Hostname: p.Hostname, Machine: p.Machine})
		}
		out[i].Past = append(out[i].Past, p)
	}
	return out
}
