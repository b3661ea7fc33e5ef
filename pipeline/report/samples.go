package report

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/plan"
	"github.com/benchfile/bench/pipeline/stats"
)

// interval is the confidence of the intervals of samples; those of effects say their own.
const interval = 0.95

// exitCode is the metric that says nothing unless somebody asked for it.
const exitCode = "exit_code"

// The arms of measurements.
const (
	baselineArm  = "baseline"
	candidateArm = "candidate"
)

// runs are an experiment's measured runs, in the order in which they were made. Of the baseline's own measurements only
// the one that stands counts: an earlier one was given up because the machine was not what it was.
func (b *builder) runs(e *plan.Experiment) []Run {
	var out []Run
	primary := b.in.Study.Primary().Name
	stands := b.in.Plan.BaselineRecord()
	for _, s := range b.stepsOf(e) {
		if s.Kind != pipeline.StepMeasure || s.Record == nil || e == &b.in.Plan.Baseline && s.Record != stands {
			continue
		}
		for _, r := range s.Record.Outcome.Runs {
			if r.Warmup {
				continue
			}
			x := Run{
				Seq: len(out), Step: s.Address, Arm: r.Arm, Input: r.Input, Round: r.Round, Started: r.Started.UTC(),
				Primary: None(), Load: known(r.Around.Load), Foreign: known(r.Around.Foreign), Steal: known(r.Around.Steal),
				Exit: r.Exit, Signal: r.Signal, Error: r.Error, OK: r.OK(), Discarded: r.Discarded, Metrics: r.Metrics,
			}
			if v, ok := r.Metrics[primary]; ok {
				x.Primary = Number(v)
			}
			out = append(out, x)
		}
	}
	return out
}

// samples sorts runs into one sample for each metric, input and arm: the primary metric first, then by name; inputs as
// the study has them; the baseline before the candidate. Runs that did not end as they should are left out, and those
// whose pair was measured again: what they took says nothing.
func (b *builder) samples(runs []Run) []Sample {
	var out []Sample
	for _, metric := range b.metricNames(runs) {
		for _, in := range b.in.Study.Inputs {
			for _, arm := range []string{baselineArm, candidateArm} {
				var values []float64
				for _, r := range runs {
					if v, ok := r.Metrics[metric]; ok && r.OK && r.Discarded == "" && r.Arm == arm && r.Input == in.Name {
						values = append(values, v)
					}
				}
				if len(values) > 0 {
					out = append(out, sample(metric, b.unit(metric), in.Name, arm, values))
				}
			}
		}
	}
	return out
}

// metricNames are the metrics that runs have numbers for, the primary one first, then declared ones, then the rest.
func (b *builder) metricNames(runs []Run) []string {
	seen := map[string]bool{}
	for _, r := range runs {
		for name := range r.Metrics {
			seen[name] = true
		}
	}
	rank := map[string]int{}
	for i, m := range b.in.Study.Metrics {
		rank[m.Name] = i - len(b.in.Study.Metrics)
	}
	rank[b.in.Study.Primary().Name] = math.MinInt
	if rank[exitCode] == 0 {
		delete(seen, exitCode) // of runs that ended well it is always zero
	}
	names := slices.Sorted(maps.Keys(seen))
	slices.SortStableFunc(names, func(x, y string) int { return cmp.Compare(rank[x], rank[y]) })
	return names
}

// builtinUnit is the unit of what executors measure without being asked.
func builtinUnit(metric string) string {
	switch metric {
	case "time", "user", "system", "gpu_time":
		return "s"
	case "memory_peak", "gpu_memory_peak":
		return "B"
	}
	return ""
}

func (b *builder) unit(metric string) string {
	for _, m := range b.in.Study.Metrics {
		if m.Name == metric && m.Unit != "" {
			return m.Unit
		}
	}
	return builtinUnit(metric)
}

func sample(metric, unit, input, arm string, values []float64) Sample {
	d := stats.Describe(values)
	e := stats.Trimmed(values)
	iv := e.Interval(interval)
	s := Sample{
		Metric: metric, Unit: unit, Input: input, Arm: arm, N: d.N,
		Mean: Number(d.Mean), SD: None(), Median: Number(d.Median), Min: Number(d.Min), Max: Number(d.Max),
		Q25: Number(d.Q25), Q75: Number(d.Q75), Centre: Number(e.Est), Lo: Number(iv.Lo), Hi: Number(iv.Hi), CV: None(),
	}
	if d.N > 1 {
		s.SD, s.CV = Number(d.SD), Number(d.CV)
	}
	for _, v := range values {
		s.Values = append(s.Values, Number(v))
	}
	return s
}

// overall weighs the inputs' samples of one metric and arm into one, by the study's weights. It is absent unless every
// input has one.
func (b *builder) overall(samples []Sample, metric, arm string) (Sample, bool) {
	out := Sample{
		Metric: metric, Unit: b.unit(metric), Arm: arm, SD: None(), Median: None(), Min: None(), Max: None(),
		Q25: None(), Q75: None(), CV: None(), N: math.MaxInt,
	}
	var parts []stats.Estimate
	var weights []float64
	var sum, weight, spread float64
	for _, in := range b.in.Study.Inputs {
		i := slices.IndexFunc(samples, func(s Sample) bool { return s.Metric == metric && s.Arm == arm && s.Input == in.Name })
		if i < 0 {
			return out, false
		}
		s := samples[i]
		values := make([]float64, len(s.Values))
		for k, v := range s.Values {
			values[k] = float64(v)
		}
		parts, weights = append(parts, stats.Trimmed(values)), append(weights, in.Weight)
		sum += in.Weight * float64(s.Mean)
		if s.SD.Known() {
			spread += square(in.Weight * float64(s.SD))
		} else {
			spread = math.NaN()
		}
		weight += in.Weight
		out.N = min(out.N, s.N)
	}
	if weight == 0 {
		return out, false
	}
	iv := stats.Combine(parts, weights, interval)
	out.Mean, out.Centre, out.Lo, out.Hi = Number(sum/weight), Number(iv.Theta), Number(iv.Lo), Number(iv.Hi)
	if !out.Centre.Known() { // a single run of an input has no interval, but the mean is a mean
		out.Centre = out.Mean
	}
	out.SD = Number(math.Sqrt(spread) / weight)
	return out, true
}

func square(x float64) float64 { return x * x }

func (b *builder) baseline() Baseline {
	e := &b.in.Plan.Baseline
	out := Baseline{State: string(e.State), Why: e.Why, MaxCV: None(), NoiseLo: None(), Overall: []Sample{}}
	out.Order = list(b.runs(e))
	out.Heat = b.heat(e)
	out.Samples = list(b.samples(out.Order))
	primary := b.in.Study.Primary().Name
	for _, metric := range b.metricNames(out.Order) {
		if s, ok := b.overall(out.Samples, metric, baselineArm); ok {
			out.Overall = append(out.Overall, s)
		}
	}
	for _, s := range out.Samples {
		if s.Metric != primary {
			continue
		}
		if s.CV.Known() && !(float64(out.MaxCV) >= float64(s.CV)) {
			out.MaxCV = s.CV
		}
		if out.Runs == 0 || s.N < out.Runs {
			out.Runs = s.N
		}
	}
	if p := out.Primary(); p != nil && p.Metric == primary && p.Lo.Known() && p.Centre > 0 {
		out.NoiseLo = (p.Hi - p.Lo) / 2 / p.Centre
	}
	out.Checks = list(b.checks(e))
	out.Profile = b.profile(e)
	out.Steps, _ = b.steps(e)
	out.Commands = map[string]string{}
	for i, c := range b.in.Study.Measure.Commands {
		if i < len(b.in.Study.Inputs) {
			out.Commands[b.in.Study.Inputs[i].Name] = Line(c)
		}
	}
	for _, s := range b.in.Plan.Records(e, pipeline.StepMeasure) {
		out.Finished = stamp(s.Finished)
	}
	return out
}

// Primary is the weighted baseline of the primary metric, nil while there is none.
func (b *Baseline) Primary() *Sample {
	if len(b.Overall) == 0 {
		return nil
	}
	return &b.Overall[0]
}

// metricFacts lists declared metrics and those that were measured anyway.
func (b *builder) metricFacts(r *Report) []Metric {
	out := []Metric{}
	have := map[string]bool{}
	add := func(m pipeline.Metric) {
		if have[m.Name] {
			return
		}
		have[m.Name] = true
		x := Metric{Name: m.Name, Unit: m.Unit, Better: m.Better, Exact: m.Exact, Primary: m.Primary, Limit: None()}
		if x.Unit == "" {
			x.Unit = builtinUnit(m.Name)
		}
		if m.Limit > 0 {
			x.Limit = Number(m.Limit)
		}
		if m.From != nil {
			x.From = m.From.Kind + " " + m.From.Source + " " + m.From.Expr
		}
		out = append(out, x)
	}
	add(b.in.Study.Primary())
	for _, m := range b.in.Study.Metrics {
		add(m)
	}
	for _, s := range r.Baseline.Overall {
		add(pipeline.Metric{Name: s.Metric, Unit: s.Unit, Better: pipeline.Lower})
	}
	return out
}
