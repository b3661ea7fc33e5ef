package report

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/benchfile/bench/pipeline"
	"github.com/benchfile/bench/pipeline/plan"
)

// topFunctions is how many functions of a profile are listed.
const topFunctions = 20

// Profile is what the profiler said of a variant, input by input.
type Profile struct {
	Format string        `json:"format"`
	Inputs []ProfileText `json:"inputs"`
	Top    []Function    `json:"top_functions"` // of the first input whose profile could be read
	TopOf  string        `json:"top_input,omitempty"`
}

// ProfileText is the profiler's output on one input.
type ProfileText struct {
	Input  string `json:"input"`
	SHA256 string `json:"sha256"`
	Text   string `json:"-" clean:"-"` // clean already, and bounded: to be shown, not to be counted

	raw func() string // the whole of it, as the profiler wrote it
}

// whole is all that the profiler wrote.
func (p *ProfileText) whole() string {
	if p.raw == nil {
		return p.Text
	}
	return p.raw()
}

// Function is a function's own share of the cost.
type Function struct {
	Name  string `json:"name"`
	Share Number `json:"cost"` // fraction
}

// profile joins the profiles of a variant; nil when none was recorded.
func (b *builder) profile(e *plan.Experiment) *Profile {
	spec := b.in.Study.Profile
	if spec == nil {
		return nil
	}
	p := &Profile{Format: spec.Format, Inputs: []ProfileText{}, Top: []Function{}}
	for _, s := range b.stepsOf(e) {
		if s.Kind != pipeline.StepProfile || s.Record == nil || s.Record.Outcome.Status != pipeline.StatusOK {
			continue
		}
		sum := profileSum(spec, s.Record)
		one := ProfileText{Input: s.Input, SHA256: sum, Text: b.text(sum), raw: func() string { return b.whole(sum) }}
		p.Inputs = append(p.Inputs, one)
		if len(p.Top) == 0 {
			if top := Top(spec.Format, one.whole()); len(top) > 0 {
				p.Top, p.TopOf = top, s.Input
			}
		}
	}
	if len(p.Inputs) == 0 {
		return nil
	}
	return p
}

// profileSum is where the profile lies: the file that the profiler wrote, or its standard output.
func profileSum(spec *pipeline.Profile, r *pipeline.Record) string {
	o := &r.Outcome
	if spec.Output != "" {
		if a, ok := o.Artifacts[spec.Output]; ok {
			return a.Sum
		}
		for _, run := range o.Runs {
			if s := run.Files[spec.Output]; s != "" {
				return s
			}
		}
	}
	for _, run := range o.Runs {
		if run.Stdout != "" {
			return run.Stdout
		}
	}
	return ""
}

// text is a stored text, cleaned and bounded; a binary profile is named, not shown.
func (b *builder) text(sum string) string {
	if sum == "" || b.in.Blob == nil {
		return ""
	}
	data, ok := b.in.Blob(sum)
	if !ok {
		return ""
	}
	if bytes.IndexByte(data[:min(len(data), 1024)], 0) >= 0 {
		return "(binary, " + strconv.Itoa(len(data)) + " bytes, sha256 " + sum + ")"
	}
	return Clean(string(data))
}

// whole is a stored text as it is.
func (b *builder) whole(sum string) string {
	if sum == "" || b.in.Blob == nil {
		return ""
	}
	data, ok := b.in.Blob(sum)
	if !ok {
		return ""
	}
	return string(data)
}

// Top finds the functions with the largest share in a profile: folded stacks by their leaf, and any table of lines that
// hold a percentage and a name, which is what perf report, ziskemu and pprof -top print. Best first.
func Top(format, text string) []Function {
	shares := map[string]float64{}
	if format == "folded" {
		folded(text, shares)
	} else {
		percentages(text, shares)
	}
	var out []Function
	for _, name := range slices.Sorted(maps.Keys(shares)) {
		out = append(out, Function{Clean(name), Number(shares[name])})
	}
	slices.SortStableFunc(out, func(a, b Function) int { return cmp.Compare(b.Share, a.Share) })
	return out[:min(len(out), topFunctions)]
}

func folded(text string, shares map[string]float64) {
	total := 0.0
	for line := range strings.Lines(text) {
		stack, count, ok := cutLast(strings.TrimSpace(line), " ")
		n, err := strconv.ParseFloat(count, 64)
		if !ok || err != nil || n <= 0 || n > 1e18 {
			continue
		}
		leaf := stack[strings.LastIndexByte(stack, ';')+1:]
		shares[leaf] += n
		total += n
	}
	for name := range shares {
		shares[name] /= total
	}
}

// percentages reads lines whose fields hold one "12.34%" and, after it, a name. The first table that has such lines
// counts: ziskemu prints the same functions again under other headings.
func percentages(text string, shares map[string]float64) {
	gap := 0
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		i := slices.IndexFunc(fields, func(f string) bool { return strings.HasSuffix(f, "%") })
		var share float64
		var err error
		if i >= 0 {
			share, err = strconv.ParseFloat(strings.TrimSuffix(fields[i], "%"), 64)
		}
		if i < 0 || err != nil || i == len(fields)-1 || !(share > 0 && share <= 100) || strings.HasPrefix(fields[0], "#") {
			if len(shares) > 0 {
				if gap++; gap > 1 {
					return
				}
			}
			continue
		}
		name := strings.Join(fields[i+1:], " ")
		if _, ok := shares[name]; !ok {
			shares[name] = share / 100
		}
	}
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
