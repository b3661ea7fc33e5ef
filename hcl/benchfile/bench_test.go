package benchfile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/benchfile/bench/pipeline"
)

// large is a study of n hypotheses and five inputs, written the way a script would write it.
func large(n int) []byte {
	var b strings.Builder
	b.WriteString(`
study "large" { objective = "many" }
measure { command = ["./prog", "--input", input.path] }
check { same_output = ["stdout"] }
`)
	for i := range 5 {
		fmt.Fprintf(&b, "input \"in-%d\" {\n  path   = \"inputs/%d.bin\"\n  weight = %d\n}\n", i, i, i+1)
	}
	for i := range n {
		fmt.Fprintf(&b, `
hypothesis "change-%d" {
  number      = %d
  title       = "Change number %d"
  priority    = "high"
  expect      = "5-10%%"
  risk        = "memory increase"
  patch       = "patches/%03d.patch"
  args        = ["--variant", "%d", input.name]
}
`, i, i+1, i, i, i)
	}
	b.WriteString("compound \"kept\" { of = [for h in hypothesis : h if h.verdict == KEEP] }\n")
	return []byte(b.String())
}

// BenchmarkDecode400 is a study as large as the planner's target: 400 hypotheses on 5 inputs, each with a command of
// its own on every input. The goal is 40 ms.
func BenchmarkDecode400(b *testing.B) {
	src := Source{"benchfile.hcl", large(400)}
	opt := Options{Exists: func(string) FileKind { return File }}
	b.SetBytes(int64(len(src.Bytes)))
	b.ReportAllocs()
	for b.Loop() {
		if st, ds := Decode(src, opt); st == nil {
			b.Fatal(ds)
		}
	}
}

// BenchmarkOf400 is what planning asks of a compound each time it plans.
func BenchmarkOf400(b *testing.B) {
	study, ds := Decode(Source{"benchfile.hcl", large(400)}, Options{})
	if study == nil {
		b.Fatal(ds)
	}
	verdicts := map[string]pipeline.VerdictKind{}
	for i, h := range study.Hypotheses {
		verdicts[h.Name] = pipeline.VerdictKinds()[i%7]
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, known, err := study.Compounds[0].Of(verdicts); !known || err != nil {
			b.Fatal(known, err)
		}
	}
}
