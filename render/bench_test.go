package render

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/report/reporttest"
)

// BenchmarkReport is what follows each step of a study: joining what is known, and all artifacts. The hypotheses are all
// measured, ten rounds on five inputs. peak-MB is the memory that the process took for it beyond what it had.
func BenchmarkReport(b *testing.B) {
	for _, n := range []int{50, 1000, 10_000} {
		if n > 1000 && testing.Short() {
			continue
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			in := reporttest.Large(n)
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			b.ResetTimer()
			bytes := 0
			for b.Loop() {
				bytes = 0
				for _, f := range All(report.Build(in), nil) {
					bytes += len(f.Bytes)
				}
			}
			b.StopTimer()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(bytes)/1e6, "MB-written")
			b.ReportMetric(float64(after.HeapSys-before.HeapSys)/1e6, "peak-MB")
		})
	}
}

// BenchmarkBuild is the joining alone.
func BenchmarkBuild(b *testing.B) {
	in := reporttest.Large(1000)
	for b.Loop() {
		report.Build(in)
	}
}
