package judge

import (
	"fmt"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/stats"
)

// BaselineSummary describes the baseline's own measurement. Verdicts never compare with it: a candidate always runs
// beside a baseline of its own.
type BaselineSummary struct {
	Samples    []BaselineSample `json:"samples"`     // by input, then by metric, as they are declared
	WorstCV    float64          `json:"worst_cv"`    // of the primary metric, a fraction
	WorstInput string           `json:"worst_input"` // where that is
	Runs       int              `json:"runs"`        // of the primary metric on the input that has fewest
	Warnings   []string         `json:"warnings,omitempty"`
}

// BaselineSample is one metric on one input, in the metric's unit but for both coefficients of variation.
type BaselineSample struct {
	Input    string  `json:"input"`
	Metric   string  `json:"metric"`
	Unit     string  `json:"unit"`
	N        int     `json:"n"`
	Mean     float64 `json:"mean"`
	SD       float64 `json:"sd"`
	Median   float64 `json:"median"`
	Min      float64 `json:"min"`
	Max      float64 `json:"max"`
	Trimmed  float64 `json:"trimmed"` // 20 % trimmed mean, the middle of Lo and Hi
	Lo       float64 `json:"lo"`      // 95 % interval of it; equal to Trimmed where there is no spread or one run only
	Hi       float64 `json:"hi"`
	CV       float64 `json:"cv"`        // SD / Mean
	RobustCV float64 `json:"robust_cv"` // not moved by a stray run
	Exact    bool    `json:"exact,omitempty"`
}

// Find returns the sample of a metric on an input.
func (b BaselineSummary) Find(input, metric string) (BaselineSample, bool) {
	for _, s := range b.Samples {
		if s.Input == input && s.Metric == metric {
			return s, true
		}
	}
	return BaselineSample{}, false
}

// Baseline summarises the baseline's runs and holds them to the workflow's conditions (3.5): ten runs, and a coefficient
// of variation below the limit on every input.
func Baseline(runs []pipeline.Run, inputs []Input, metrics []pipeline.Metric, c pipeline.Criteria) BaselineSummary {
	var out BaselineSummary
	fewest := -1
	for _, in := range inputs {
		mine, failed := ofBaseline(runs, in.Name)
		if failed > 0 {
			out.Warnings = append(out.Warnings, fmt.Sprintf("%d of %s of the baseline failed on %s", failed, plural(len(mine)+failed, "run"), in.Name))
		}
		for _, m := range metrics {
			s, problem := summarise(mine, in.Name, m)
			out.Warnings = append(out.Warnings, problem...)
			if s.N > 0 {
				out.Samples = append(out.Samples, s)
			}
			if !m.Primary {
				continue
			}
			if fewest < 0 || s.N < fewest {
				fewest = s.N
			}
			if s.CV > out.WorstCV {
				out.WorstCV, out.WorstInput = s.CV, in.Name
			}
			out.Warnings = append(out.Warnings, restless(s, c)...)
		}
	}
	out.Runs = max(0, fewest)
	if out.Runs > 0 && out.Runs < minRounds {
		out.Warnings = append(out.Warnings, fmt.Sprintf("only %s of the baseline: the workflow asks for %d", plural(out.Runs, "run"), minRounds))
	}
	return out
}

// ofBaseline are the baseline's measured runs on an input that ended well, and how many did not.
func ofBaseline(runs []pipeline.Run, input string) (mine []*pipeline.Run, failed int) {
	for i := range runs {
		r := &runs[i]
		switch {
		case r.Arm != baselineArm || r.Input != input || r.Warmup:
		case r.OK() && r.Discarded != "":
		case r.OK():
			mine = append(mine, r)
		default:
			failed++
		}
	}
	return mine, failed
}

func summarise(runs []*pipeline.Run, input string, m pipeline.Metric) (s BaselineSample, problems []string) {
	var x []float64
	missing := ""
	for _, r := range runs {
		v, why := value(r, m.Name)
		if why != "" {
			missing = why
			continue
		}
		x = append(x, v)
	}
	if len(x) < len(runs) {
		problems = append(problems, fmt.Sprintf("%d of %s on %s have no %s: %s", len(runs)-len(x), plural(len(runs), "run"), input, m.Name, missing))
	}
	d := stats.Describe(x)
	t := centre(x)
	s = BaselineSample{Input: input, Metric: m.Name, Unit: m.Unit, N: d.N, Mean: bounded(d.Mean), SD: bounded(d.SD), Median: bounded(d.Median),
		Min: d.Min, Max: d.Max, Trimmed: t, Lo: t, Hi: t, CV: bounded(d.CV), RobustCV: bounded(d.RobustCV)}
	if iv := stats.Trimmed(x).Interval(1 - defaultAlpha); iv.Defined() {
		s.Lo, s.Hi = bounded(iv.Lo), bounded(iv.Hi)
	}
	s.Exact = len(x) > 0 && constant(x) && (m.Exact || len(x) > 1)
	if m.Exact && !s.Exact && len(x) > 0 {
		problems = append(problems, fmt.Sprintf("%s is declared exact but is not deterministic on %s", m.Name, input))
	}
	return s, problems
}

// restless names an input that is too noisy, with the workflow's remedies.
func restless(s BaselineSample, c pipeline.Criteria) []string {
	if c.MaxCV <= 0 || s.CV <= c.MaxCV {
		return nil
	}
	return []string{fmt.Sprintf("baseline CV %s on %s (limit %s): %s", Share(s.CV), s.Input, Share(c.MaxCV), remedies)}
}
