package chart

import (
	"slices"

	"github.com/benchfile/bench/pipeline/report"
)

// matrixMost bounds the matrix: beyond it the table beside it is easier to read.
const matrixMost = 12

// Matrix shows which hypotheses get along. Each cell has a word, never colour alone. "" when nothing is known.
func Matrix(r *report.Report) string {
	var ids []string
	for _, p := range r.Conflicts {
		for _, id := range []string{p.A, p.B} {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	ids = ids[:min(len(ids), matrixMost)]
	if len(ids) < 2 {
		return ""
	}
	const c, rh = 92.0, 44.0
	n := float64(len(ids))
	g := open("conflicts", "Conflict matrix", "Each cell says what is known of two optimisations together.", 56+c*n, 40+rh*n, false)
	for i, id := range ids {
		g.text("lab strong", "middle", 52+c*(float64(i)+.5), 26, id)
		g.text("lab strong", "end", 42, 36+rh*(float64(i)+.5)+4, id)
		for j, other := range ids {
			x, y := 52+c*float64(j), 36+rh*float64(i)
			class, word, note := "m-self", "", ""
			if i != j {
				class, word, note = cell(r, id, other)
			}
			g.rect("mx "+class, x+1, y+1, x+c-1, y+rh-1)
			if word != "" {
				g.text("lab", "middle", x+c/2, y+19, word)
			}
			if note != "" {
				g.text("tick num", "middle", x+c/2, y+34, note)
			}
		}
	}
	return g.end()
}

func cell(r *report.Report, a, b string) (class, word, note string) {
	if a > b {
		a, b = b, a
	}
	for _, p := range r.Conflicts {
		if p.A != a || p.B != b {
			continue
		}
		if p.Actual.Known() {
			note = percent(float64(p.Actual), 1)
		}
		switch p.Kind {
		case report.AddsUp:
			return "m-good", "✓ adds up", note
		case report.Partial:
			return "m-weak", "≈ partly", note
		case report.Conflict:
			return "m-bad", "✗ conflict", note
		case report.Lines:
			return "m-bad", "✗ same lines", ""
		case report.Declared:
			return "m-bad", "✗ declared", ""
		case report.Files:
			return "m-weak", "! same files", ""
		}
	}
	return "m-none", "", ""
}
