package markdown

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/report/reporttest"
)

var (
	full    = sync.OnceValue(func() report.Report { return report.Build(reporttest.Full()) })
	stopped = sync.OnceValue(func() report.Report { return report.Build(reporttest.Stopped()) })
)

func tracker(notes report.Notes) []byte {
	r := full()
	r.Notes = notes
	return Tracker(&r, nil)
}

// again renders over what is on disk.
func again(existing []byte) []byte {
	r := stopped()
	return Tracker(&r, existing)
}

// word makes up what a person might write, marks and headings of ours among it.
func word(rng *rand.Rand) string {
	pieces := []string{
		"1. a learning\n", "- [ ] an idea\n", "\n", "  indented\r\n", "### My own heading\n", "<!-- a comment -->\n", "| a | b |\n", "```\ncode\n```\n",
		"no line end", "é\xff\n", keepEnd + "\n", headConflicts + "\n", headIdeas + "\n", "text " + keepEnd + " more\n", "\x00\n",
	}
	var b strings.Builder
	for range rng.IntN(8) {
		b.WriteString(pieces[rng.IntN(len(pieces))])
	}
	return b.String()
}

func TestRegionsSurviveByteForByte(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		notes := report.Notes{Learnings: word(rng), Ideas: word(rng)}
		file := tracker(notes)
		got := Regions(file)
		want := notes
		for _, s := range []*string{&want.Learnings, &want.Ideas} {
			if *s != "" && !strings.HasSuffix(*s, "\n") {
				*s += "\n" // the end mark stands on a line of its own
			}
		}
		if got != want {
			t.Fatalf("written %q\nread    %q", want, got)
		}
		if second := Regions(again(file)); second != want {
			t.Fatalf("after another render %q, want %q", second, want)
		}
	}
}

// TestDamagedMarksLoseNothing takes marks out, doubles and misspells them, and looks for every line that a person wrote.
func TestDamagedMarksLoseNothing(t *testing.T) {
	learned, idea := "1. zebra learned\n\n   with a second paragraph\n", "- [ ] yak idea\n- [x] gnu done\n"
	file := string(tracker(report.Notes{Learnings: learned, Ideas: idea}))
	marks := []string{keepLearnings, keepIdeas, keepEnd, headLearnings, headIdeas}
	damage := map[string]func(s, mark string) string{
		"gone":        func(s, m string) string { return strings.Replace(s, m+"\n", "", 1) },
		"doubled":     func(s, m string) string { return strings.Replace(s, m+"\n", m+"\n"+m+"\n", 1) },
		"misspelt":    func(s, m string) string { return strings.Replace(s, m, strings.Replace(m, "ee", "e", 1)+"?", 1) },
		"indented":    func(s, m string) string { return strings.Replace(s, m, "  "+m, 1) },
		"all gone":    func(s, m string) string { return strings.ReplaceAll(s, m+"\n", "") },
		"with CR":     func(s, m string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"whole twice": func(s, m string) string { return s + s },
	}
	for name, harm := range damage {
		for _, mark := range marks {
			// Without a heading and without its mark there is nothing left to know a region by.
			damaged := harm(file, mark)
			out := string(again([]byte(damaged)))
			for _, line := range strings.Split(learned+idea, "\n") {
				if strings.TrimSpace(line) != "" && !strings.Contains(out, line) {
					t.Errorf("%s %s: lost %q", mark, name, line)
				}
			}
			if twice := again([]byte(out)); !bytes.Equal(twice, []byte(out)) {
				t.Errorf("%s %s: not settled after one render", mark, name)
			}
		}
	}
}

func TestRandomDamage(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	file := bytes.SplitAfter(tracker(report.Notes{Learnings: "zebra\n", Ideas: "yak\n"}), []byte("\n"))
	for range 300 {
		lines := make([][]byte, 0, len(file))
		for _, l := range file {
			mark := bytes.Contains(l, []byte("bench:")) && !bytes.Contains(l, []byte("generated"))
			switch {
			case mark && rng.IntN(4) == 0: // taken out
			case mark && rng.IntN(4) == 0:
				lines = append(lines, l, l)
			default:
				lines = append(lines, l)
			}
		}
		out := again(bytes.Join(lines, nil))
		for _, w := range []string{"zebra", "yak"} {
			if !bytes.Contains(out, []byte(w)) {
				t.Fatalf("lost %s of\n%s", w, bytes.Join(lines, nil))
			}
		}
	}
}

func TestHandWrittenTrackerIsRead(t *testing.T) {
	const seed = "# TRACKER\n\n## Session: 2026-01-16\n\n### Key Learnings\n1. MPT hashing dominates\n2. rkyv is fine\n\n### Ideas Backlog\n- [ ] arena\n\n### Conflicts Matrix\n| a |\n"
	want := report.Notes{Learnings: "1. MPT hashing dominates\n2. rkyv is fine\n", Ideas: "- [ ] arena\n"}
	if got := Regions([]byte(seed)); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestGeneratedPartIgnoresPeople(t *testing.T) {
	a, b := tracker(report.Notes{Learnings: "x\n"}), tracker(report.Notes{Learnings: "y\nz\n", Ideas: "w\n"})
	// What people wrote is counted in no generated line, so only the regions differ.
	if !bytes.Equal(GeneratedPart(a), GeneratedPart(b)) {
		t.Error("the generated part depends on what people wrote")
	}
	edited := bytes.Replace(a, []byte("## Session"), []byte("## session"), 1)
	if bytes.Equal(GeneratedPart(a), GeneratedPart(edited)) {
		t.Error("an edit of the generated part is not seen")
	}
}

func FuzzRegions(f *testing.F) {
	f.Add([]byte("### Key Learnings\n" + keepLearnings + "\na\n" + keepEnd + "\n" + keepIdeas + "\nb\n" + keepEnd + "\n"))
	f.Add([]byte(keepIdeas + "\n" + keepEnd + "\n" + headLearnings))
	r := report.Build(reporttest.Empty())
	f.Fuzz(func(t *testing.T, b []byte) {
		Regions(b)
		GeneratedPart(b)
		first := Tracker(&r, b)
		if !bytes.Equal(Tracker(&r, first), first) {
			t.Errorf("rendered twice: other bytes")
		}
	})
}
