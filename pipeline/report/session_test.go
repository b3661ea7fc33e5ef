package report_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/benchfile/bench/pipeline/report"
	"github.com/benchfile/bench/pipeline/report/reporttest"
)

func session(t testing.TB) []byte {
	t.Helper()
	r := report.Build(reporttest.Full())
	s := r.Record()
	b, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSessionIsReadBack(t *testing.T) {
	b := session(t)
	s, err := report.DecodeSession(b)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again, b) {
		t.Error("decoded and encoded: other bytes")
	}
	if s.ID != "2026-01-16-1" || len(s.Verdicts) != 13 || s.Best.ID != "012" || s.Baseline == nil {
		t.Errorf("got %s, %d verdicts, %+v", s.ID, len(s.Verdicts), s.Best)
	}
}

func TestDecodeSessionRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"":                            "not readable JSON",
		"[]":                          "not readable JSON",
		"{}":                          "schema 0",
		`{"schema":99,"id":"x"}`:      "use a newer bench",
		`{"schema":1,"id":"../../x"}`: "has the id",
		`{"schema":1,"id":""}`:        "has the id",
		`{"schema":1,"baseline":{"mean":"x"},"id":"a"}`: "not readable JSON",
	} {
		if _, err := report.DecodeSession([]byte(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", in, err, want)
		}
	}
}

func FuzzDecodeSession(f *testing.F) {
	past := reporttest.Full().Past[0]
	seed, err := past.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed) // a small one: the fuzzer has to try many
	f.Add([]byte(`{"schema":1,"id":"2026-01-16-1","best":{"change":null}}`))
	base := reporttest.BaselineOnly()
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := report.DecodeSession(b)
		if err != nil {
			return
		}
		in := base
		in.Past = []report.Session{s}
		r := report.Build(in)
		if _, err := r.Data(); err != nil {
			t.Error(err)
		}
	})
}

func TestHistory(t *testing.T) {
	in := reporttest.Full()
	r := report.Build(in)
	if len(r.History) != 2 || r.History[0].ID != "2026-01-16-1" || r.History[1].ID != "2026-01-10-1" {
		t.Fatalf("got %+v", r.History)
	}
	if !strings.Contains(r.History[0].Note, "another machine") {
		t.Errorf("got %q", r.History[0].Note)
	}

	in.Past[0].Environment.Hash = r.Environment.Hash
	if n := report.Build(in).History[0].Note; n != "" {
		t.Errorf("the same baseline as the last final: %q", n)
	}
	in.Past[0].Best.Final = 200
	if n := report.Build(in).History[0].Note; !strings.Contains(n, "regressed since") {
		t.Errorf("a baseline of 262 s after a final of 200 s: %q", n)
	}

	in.Past = append(in.Past, r.Record()) // this session, rendered before
	if got := report.Build(in); len(got.History) != 2 || len(got.Sessions) != 1 {
		t.Errorf("a session is there twice: %d rows, %d earlier ones", len(got.History), len(got.Sessions))
	}
}

func TestSessionsInOrder(t *testing.T) {
	ids := []string{"2026-01-16-10", "2026-01-16-2", "2025-12-31-1", "2026-01-16-1", "2026-02-01-1"}
	slices.SortFunc(ids, report.CompareSessions)
	want := "2025-12-31-1 2026-01-16-1 2026-01-16-2 2026-01-16-10 2026-02-01-1"
	if got := strings.Join(ids, " "); got != want {
		t.Errorf("got %s", got)
	}
}

// Eight sessions, of which the last four take 8 % longer: the report says since when, and a session on another machine
// in between is no part of it.
func TestChangesOfLevelOverSessions(t *testing.T) {
	in := reporttest.Full()
	first := report.Build(in)
	now := first.Record()
	in.Past = nil
	for day := 1; day <= 8; day++ {
		s := now
		s.ID, s.Date = fmt.Sprintf("2026-01-%02d-1", day), fmt.Sprintf("2026-01-%02d", day)
		if day == 3 {
			s.Environment.Hash = "another"
		}
		s.Samples = slices.Clone(now.Samples)
		for i := range s.Samples {
			s.Samples[i].Median *= report.Number(1 + .001*float64(day%3))
			if day < 5 {
				s.Samples[i].Median /= 1.08
			}
		}
		in.Past = append(in.Past, s)
	}
	r := report.Build(in)
	if len(r.Levels) != 1 || r.Levels[0].Since != "2026-01-05" || !r.Levels[0].Worse || r.Levels[0].Sessions != 5 {
		t.Fatalf("got %+v", r.Levels)
	}
	text := report.LevelText(r.Level(), "time", "s")
	if !strings.HasPrefix(text, "time regressed since 2026-01-05: ") || !strings.HasSuffix(text, "+8.0 %") {
		t.Errorf("got %q", text)
	}
	for _, p := range r.History {
		if strings.Contains(p.Note, "regressed since 2026") != (p.ID == "2026-01-05-1") {
			t.Errorf("%s: note %q", p.ID, p.Note)
		}
	}
}
