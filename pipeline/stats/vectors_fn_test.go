package stats

import (
	"encoding/json"
	"math"
	"testing"
)

// How each vector's function is called here, and under which names its answers go.

func vectorDescribe(_ *testing.T, in input) results {
	s := Describe(floats(in.X))
	return results{
		"median": s.Median, "rmad": s.RMAD, "mean": s.Mean, "q25": s.Q25, "q95": s.Q95, "sd": s.SD,
		"cv": s.CV, "robust_cv": s.RobustCV,
	}
}

func vectorLogRatio(_ *testing.T, in input) results {
	d, err := LogRatios(floats(in.Base), floats(in.Cand))
	if err != nil {
		return refusal(err)
	}
	return results{"d": d}
}

func vectorTrimmed(t *testing.T, in input) results {
	wantTrim(t, in)
	d := floats(in.D)
	e := Trimmed(d)
	if err := Check(d); err != nil {
		if e.Defined() {
			t.Errorf("refused data have the estimate %+v", e)
		}
		return refusal(err)
	}
	return estimateResults(e)
}

func estimateResults(e Estimate) results {
	return results{"est": e.Est, "se": e.SE, "df": e.DF, "g": e.Trim, "h": e.N - 2*e.Trim, "winsor_sd": e.WinsorSD}
}

func wantTrim(t *testing.T, in input) {
	t.Helper()
	if in.Trim != trimShare {
		t.Fatalf("vector trims %v, the package %v", in.Trim, trimShare)
	}
}

func intervalResults(iv Interval) results {
	point, lo, hi := iv.Change()
	return results{
		"theta": iv.Theta, "diff": iv.Theta, "se": iv.SE, "df": iv.DF, "lo": iv.Lo, "hi": iv.Hi, "p": iv.P,
		"change_pct": 100 * point, "lo_pct": 100 * lo, "hi_pct": 100 * hi, "t": iv.Theta / iv.SE,
	}
}

func vectorTrimmedInterval(t *testing.T, in input) results {
	wantTrim(t, in)
	return intervalResults(Trimmed(floats(in.D)).Interval(in.Conf))
}

func vectorCombine(t *testing.T, raw json.RawMessage) results {
	in := decode[groupsInput](t, raw)
	var parts []Estimate
	for _, d := range in.D {
		parts = append(parts, Trimmed(floats(d)))
	}
	return intervalResults(Combine(parts, floats(in.Weights), in.Conf))
}

func orderResults(o OrderInterval) results {
	return results{"est": o.Est, "lo": o.Lo, "hi": o.Hi, "k": o.K, "achieved": o.Achieved}
}

func vectorHodgesLehmann(t *testing.T, in input) results {
	o := HodgesLehmannCI(floats(in.D), in.Conf)
	if alone := HodgesLehmann(floats(in.D)); alone != o.Est {
		t.Errorf("estimate %v alone, %v with its interval", alone, o.Est)
	}
	return orderResults(o)
}

func vectorSignedRank(_ *testing.T, in input) results {
	r := SignedRank(floats(in.D))
	return results{"W": r.Statistic, "n": r.N, "p": r.P}
}

func vectorWalshIndex(_ *testing.T, in input) results {
	k, achieved := walshIndex(in.N, in.Conf)
	return results{"k": k, "achieved": achieved}
}

func vectorMedian(_ *testing.T, in input) results {
	return orderResults(MedianCI(floats(in.X), in.Conf))
}

func vectorMannWhitney(_ *testing.T, in input) results {
	r := MannWhitney(floats(in.X), floats(in.Y))
	return results{"U1": r.Statistic, "p": r.P}
}

func vectorWelch(_ *testing.T, in input) results {
	return intervalResults(Welch(floats(in.X), floats(in.Y), overall))
}

func vectorYuen(t *testing.T, in input) results {
	wantTrim(t, in)
	return intervalResults(YuenWelch(floats(in.X), floats(in.Y), in.Conf))
}

func vectorQuantile(t *testing.T, raw json.RawMessage) results {
	in := decode[quantileInput](t, raw)
	return results{"q": studentQuantile(in.P, in.DF)}
}

func decisionResults(d Decision) results {
	return results{"stop": d.Stop, "verdict": d.Verdict, "reason": d.Reason}
}

func vectorVerdict(_ *testing.T, in input) results {
	return decisionResults(Verdict(in.Theta, in.Lo, in.Hi, in.Guards, in.Keep, in.Maybe, in.Final))
}

func vectorInteraction(t *testing.T, in input) results {
	if in.Conf != interactionConfidence {
		t.Fatalf("vector asks for %v, the package gives %v", in.Conf, interactionConfidence)
	}
	for i := range in.Singles {
		in.Singles[i] = stated(in.Singles[i])
	}
	j := Interaction(in.Singles, stated(in.Combo))
	return results{
		"expected_pct": 100 * j.Expected, "actual_pct": 100 * j.Actual, "I": j.Effect.Theta, "se": j.Effect.SE,
		"df": j.Effect.DF, "lo": j.Effect.Lo, "hi": j.Effect.Hi, "p_conflict": j.PConflict, "cls": j.Class,
	}
}

// stated fills in the ends of an interval that a vector states by centre and error only.
func stated(iv Interval) Interval { return newInterval(iv.Theta, iv.SE, iv.DF, overall) }

func vectorStrikes(_ *testing.T, in input) results {
	return results{"fires_at": Strikes(floats(in.Cand), floats(in.Base), floats(in.Ref), in.Limit, in.Consecutive)}
}

func vectorChangePoints(_ *testing.T, in input) results {
	return results{"idx": ChangePoints(floats(in.LogX), in.Alpha, in.MinMag)}
}

// vectorPipeline goes the whole way from runs to a decision.
func vectorPipeline(t *testing.T, raw json.RawMessage) results {
	in := decode[groupsInput](t, raw)
	var parts []Estimate
	var shown []results
	for i := range in.Base {
		d, err := LogRatios(floats(in.Base[i]), floats(in.Cand[i]))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, Trimmed(d))
		shown = append(shown, estimateResults(parts[i]))
	}
	iv := Combine(parts, floats(in.Weights), in.Conf)
	guards := Guard(parts, .05, .05)
	return results{
		"parts": shown, "combined": intervalResults(iv), "guards": guards,
		"decision": decisionResults(Verdict(iv.Theta, iv.Lo, iv.Hi, guards, .05, .02, in.Final)),
	}
}

func TestStudentAgainstPublishedTable(t *testing.T) {
	// NIST/SEMATECH e-Handbook, table 1.3.6.7.2.
	for _, c := range []struct{ p, df, want float64 }{
		{.90, 1, 3.078}, {.975, 1, 12.706}, {.999, 2, 22.327}, {.95, 5, 2.015}, {.975, 10, 2.228}, {.99, 30, 2.457},
		{.995, 100, 2.626}, {.5, 7, 0}, {.025, 10, -2.228},
	} {
		if got := studentQuantile(c.p, c.df); math.Abs(got-c.want) > 6e-4 {
			t.Errorf("quantile %v of t(%v): got %v, want %v", c.p, c.df, got, c.want)
		}
	}
}
