package stats

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"
)

// The vectors were computed with numpy 1.24 and scipy 1.10. They state their tolerance: relative 1e-9, and 1e-6 for
// p-values and quantiles of t. What should be zero has to be exactly zero.
const (
	vectorTolerance = 1e-9
	tailTolerance   = 1e-6
	vectorCount     = 85
)

//go:embed testdata/vectors.json
var vectorFile []byte

type vector struct {
	ID, Fn, Note string
	In           json.RawMessage
	Out          map[string]any
}

// num is a JSON number, or one of the strings NaN, Inf, -Inf.
type num float64

func (n *num) UnmarshalJSON(b []byte) error {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	f, ok := number(v)
	if !ok {
		return fmt.Errorf("not a number: %s", b)
	}
	*n = num(f)
	return nil
}

func number(v any) (float64, bool) {
	switch v {
	case "NaN":
		return math.NaN(), true
	case "Inf":
		return math.Inf(1), true
	case "-Inf":
		return math.Inf(-1), true
	}
	f, ok := v.(float64)
	return f, ok
}

// input is the union of what the functions are given.
type input struct {
	X, Y, D, Base, Cand, Ref, Weights, P []num
	LogX                                 []num `json:"log_x"`
	Trim, Conf, DF, Limit, Alpha         float64
	Theta, Lo, Hi, Keep, Maybe           float64
	MinMag                               float64 `json:"min_mag"`
	TargetHalf                           float64 `json:"target_half"`
	N, T, Consecutive                    int
	Final                                bool
	Guards                               []GuardState
	Parts                                []Estimate
	Singles                              []Interval
	Combo                                Interval
}

// The inputs of these functions have shapes of their own.
type (
	groupsInput struct {
		D, Base, Cand [][]num
		Weights       []num
		Conf          float64
		Final         bool
	}
	quantileInput struct{ P, DF float64 }
)

func floats(x []num) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func decode[T any](t *testing.T, raw json.RawMessage) T {
	t.Helper()
	var in T
	if err := json.Unmarshal(raw, &in); err != nil {
		t.Fatal(err)
	}
	return in
}

// results is what a function answers, under the names the vectors use.
type results map[string]any

func refusal(err error) results {
	for name, sentinel := range map[string]error{
		"too_few": ErrTooFew, "not_finite": ErrNotFinite, "non_positive": ErrNonPositive, "length_mismatch": ErrLengths,
	} {
		if errors.Is(err, sentinel) {
			return results{"error": name}
		}
	}
	return results{"error": err.Error()}
}

func plain(f func(t *testing.T, in input) results) func(*testing.T, json.RawMessage) results {
	return func(t *testing.T, raw json.RawMessage) results { return f(t, decode[input](t, raw)) }
}

func functions() map[string]func(*testing.T, json.RawMessage) results {
	return map[string]func(*testing.T, json.RawMessage) results{
		"describe":    plain(vectorDescribe),
		"cv":          plain(vectorDescribe),
		"log_ratio":   plain(vectorLogRatio),
		"trim1":       plain(vectorTrimmed),
		"trim_ci":     plain(vectorTrimmedInterval),
		"combine":     vectorCombine,
		"hl_ci":       plain(vectorHodgesLehmann),
		"signed_rank": plain(vectorSignedRank),
		"sr_ci_k":     plain(vectorWalshIndex),
		"median_ci":   plain(vectorMedian),
		"sign_test":   plain(func(_ *testing.T, in input) results { return results{"p": SignTest(floats(in.D))} }),
		"mannwhitney": plain(vectorMannWhitney),
		"welch":       plain(vectorWelch),
		"yuen2":       plain(vectorYuen),
		"t_quantile":  vectorQuantile,
		"guard":       plain(func(_ *testing.T, in input) results { return results{"states": Guard(in.Parts, in.Limit, in.Alpha)} }),
		"verdict":     plain(vectorVerdict),
		"need_pairs": plain(func(_ *testing.T, in input) results {
			return results{"n": NeedPairs(in.N, in.Lo, in.Hi, in.TargetHalf)}
		}),
		"holm":         plain(func(_ *testing.T, in input) results { return results{"adj": Holm(floats(in.P))} }),
		"bh":           plain(func(_ *testing.T, in input) results { return results{"q": BenjaminiHochberg(floats(in.P))} }),
		"interaction":  plain(vectorInteraction),
		"kill":         plain(vectorStrikes),
		"ediv_q":       plain(func(_ *testing.T, in input) results { return results{"q": energies(floats(in.X))[in.T]} }),
		"changepoints": plain(vectorChangePoints),
		"pipeline":     vectorPipeline,
	}
}

func TestVectors(t *testing.T) {
	file := decode[struct{ Vectors []vector }](t, vectorFile)
	if len(file.Vectors) != vectorCount {
		t.Fatalf("%d vectors, want %d", len(file.Vectors), vectorCount)
	}
	unused := functions()
	for _, v := range file.Vectors {
		delete(unused, v.Fn)
		t.Run(v.ID, func(t *testing.T) {
			f := functions()[v.Fn]
			if f == nil {
				t.Fatalf("no function for %q: it has to be written, or the vector is not checked", v.Fn)
			}
			got := f(t, v.In)
			tolerance := func(key string) float64 {
				if key == "p" || key == "p_conflict" || v.Fn == "t_quantile" {
					return tailTolerance
				}
				return vectorTolerance
			}
			compareMaps(t, v.Note, got, v.Out, tolerance)
		})
	}
	for name := range unused {
		t.Errorf("no vector calls %q any more", name)
	}
}

func compareMaps(t *testing.T, where string, got results, want map[string]any, tolerance func(string) float64) {
	t.Helper()
	for _, key := range slices.Sorted(maps.Keys(want)) {
		g, ok := got[key]
		if !ok {
			t.Errorf("%s: nothing computed for %q", where, key)
			continue
		}
		compare(t, where+": "+key, g, want[key], tolerance(key), tolerance)
	}
}

func compare(t *testing.T, where string, got, want any, tolerance float64, perKey func(string) float64) {
	t.Helper()
	if m, ok := want.(map[string]any); ok {
		compareMaps(t, where, got.(results), m, perKey)
		return
	}
	if list, ok := want.([]any); ok {
		items := listOf(got)
		if len(items) != len(list) {
			t.Errorf("%s: got %v, want %v", where, got, want)
			return
		}
		for i := range list {
			compare(t, fmt.Sprintf("%s[%d]", where, i), items[i], list[i], tolerance, perKey)
		}
		return
	}
	w, isNumber := number(want)
	if !isNumber {
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, want %v", where, got, want)
		}
		return
	}
	if g := numberOf(got); !(g == w || math.Abs(g-w) <= tolerance*math.Abs(w)) {
		t.Errorf("%s: got %.17g, want %.17g", where, g, w)
	}
}

func listOf(v any) []any {
	var items []any
	switch list := v.(type) {
	case []float64:
		for _, x := range list {
			items = append(items, x)
		}
	case []int:
		for _, x := range list {
			items = append(items, x)
		}
	case []GuardState:
		for _, x := range list {
			items = append(items, x)
		}
	case []results:
		for _, x := range list {
			items = append(items, x)
		}
	}
	return items
}

func numberOf(v any) float64 {
	switch x := v.(type) {
	case float64:
		return x
	case int:
		return float64(x)
	}
	return math.NaN()
}
