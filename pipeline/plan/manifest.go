package plan

import (
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/benchfile/bench/pipeline"
)

// format is the version of the manifests' meaning. It changes when the same text would mean another measurement, and
// not with every version of bench: an upgrade must not throw weeks of results away.
const format = "1"

// head is what every manifest begins with: the kind, the machine, its tools and the environment of commands.
func (m *maker) head(kind pipeline.StepKind) pipeline.Manifest {
	var out pipeline.Manifest
	out.Add("format", format)
	out.Add("kind", string(kind))
	return append(out, m.common...)
}

// commonFields are the same for all steps of a plan, so they are made once.
func commonFields(s *pipeline.Study, f *pipeline.Facts) pipeline.Manifest {
	var out pipeline.Manifest
	e := f.Environment
	out.Add("machine.cpu", e.CPU)
	out.Add("machine.cores", strconv.Itoa(e.Cores))
	// Rounded, because what the kernel keeps for itself differs from boot to boot.
	out.Addf("machine.memory", "%d GiB", (e.Memory+(1<<29))>>30)
	for i, g := range e.GPUs {
		out.Add("machine.gpu."+strconv.Itoa(i), g)
	}
	if e.Driver != "" {
		out.Add("machine.driver", e.Driver)
	}
	out.Add("machine.os", e.OS)
	out.Add("machine.kernel", e.Kernel)
	out.Add("machine.arch", e.Arch)
	out.Add("machine.virtual", e.Virtual)
	for _, t := range slices.Sorted(maps.Keys(e.Tools)) {
		out.Add("tool."+t, e.Tools[t])
	}
	for _, v := range f.Identity {
		out.Add("env."+v.Name, v.Value)
	}
	for _, r := range s.EnvReads {
		out.Add("read."+r.Name, r.Sum)
	}
	return out
}

// command adds a command under a prefix: its words, folder, own environment, and the digest of the program when that
// is not of the tree.
func (m *maker) command(out *pipeline.Manifest, prefix string, c pipeline.Command) {
	out.Add(prefix+".argv", words(c.Argv))
	if c.Shell {
		out.Add(prefix+".shell", "true")
	}
	if c.Dir != "" {
		out.Add(prefix+".dir", c.Dir)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Env)) {
		out.Add(prefix+".env."+name, c.Env[name])
	}
	if p := Program(c); p != "" {
		out.Add(prefix+".program", m.facts.Programs[p])
	}
}

// Program is the program of a command as it must be looked up outside the tree, or "" when it lies in the tree.
func Program(c pipeline.Command) string {
	switch {
	case c.Shell:
		return "sh"
	case len(c.Argv) == 0:
		return ""
	case path.IsAbs(c.Argv[0]) || !strings.Contains(c.Argv[0], "/"):
		return c.Argv[0]
	}
	return ""
}

// Programs lists every program that the study's commands start and that does not lie in a tree, sorted.
func Programs(s *pipeline.Study) []string {
	set := map[string]bool{}
	add := func(cs ...pipeline.Command) {
		for _, c := range cs {
			if p := Program(c); p != "" {
				set[p] = true
			}
		}
	}
	add(s.Measure.Commands...)
	add(s.Check.Commands...)
	if s.Build != nil {
		add(s.Build.Command)
	}
	if s.Profile != nil {
		add(s.Profile.Commands...)
	}
	for _, in := range s.Inputs {
		if in.Generate != nil {
			add(*in.Generate)
		}
	}
	for _, h := range s.Hypotheses {
		add(h.Commands...)
	}
	for _, t := range s.Environment.Tools {
		add(pipeline.Command{Argv: t.Command})
	}
	return slices.Sorted(maps.Keys(set))
}

// code adds what a variant's code is: its tree, and what was built of it.
func (m *maker) code(out *pipeline.Manifest, prefix string, v *variant) {
	out.Add(prefix+".tree", v.tree)
	for _, name := range slices.Sorted(maps.Keys(v.artifacts)) {
		out.Add(prefix+".built."+name, v.artifacts[name].Sum)
	}
	for _, name := range slices.Sorted(maps.Keys(v.Env)) {
		out.Add(prefix+".env."+name, v.Env[name])
	}
}

// input adds what an input contains.
func (m *maker) input(out *pipeline.Manifest, i int) {
	in := &m.study.Inputs[i]
	prefix := "input." + in.Name
	if in.Path != "" {
		out.Add(prefix+".path", in.Path)
		out.Add(prefix+".sha256", m.content(in))
	}
}

// content is the digest of an input, "" while it is not known.
func (m *maker) content(in *pipeline.Input) string {
	if in.Generate != nil {
		return m.generated[in.Name]
	}
	return m.facts.Inputs[in.Name].Sum
}

// words writes a list of words so that no two lists look alike.
func words(argv []string) string {
	b, err := json.Marshal(argv)
	if err != nil {
		panic(err) // a list of strings always marshals
	}
	return string(b)
}
