package render

import (
	"testing"

	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/report/reporttest"
)

// BenchmarkLarge is what follows each step of a large study: 400 hypotheses on 5 inputs, all measured.
func BenchmarkLarge(b *testing.B) {
	in := reporttest.Large(400)
	b.Run("build", func(b *testing.B) {
		for b.Loop() {
			report.Build(in)
		}
	})
	r := report.Build(in)
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			n := 0
			for _, f := range All(r, nil) {
				n += len(f.Bytes)
			}
			b.ReportMetric(float64(n), "bytes")
		}
	})
}
