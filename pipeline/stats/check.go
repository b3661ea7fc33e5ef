package stats

import (
	"errors"
	"fmt"
	"math"
)

// The ways in which measured values can be unfit for statistics.
var (
	ErrTooFew      = errors.New("too few values")
	ErrNotFinite   = errors.New("value is not finite")
	ErrNonPositive = errors.New("value is not above zero")
	ErrLengths     = errors.New("arms differ in length")
)

// MinValues is the fewest values that have a spread.
const MinValues = 2

// Check says whether x can be estimated from: at least two values, all of them finite. The error wraps ErrTooFew or
// ErrNotFinite.
func Check(x []float64) error {
	if len(x) < MinValues {
		return fmt.Errorf("%w: got %d, need at least %d; measure more rounds", ErrTooFew, len(x), MinValues)
	}
	return checkFinite("value", x)
}

func checkFinite(what string, x []float64) error {
	for i, v := range x {
		if !finite(v) {
			return fmt.Errorf("%s %d is %v: %w; record the run as failed instead", what, i+1, v, ErrNotFinite)
		}
	}
	return nil
}

func checkPositive(what string, x []float64) error {
	for i, v := range x {
		if v <= 0 {
			return fmt.Errorf("%s %d is %v: %w, so it has no ratio; record the run as failed, or compare the metric exactly",
				what, i+1, v, ErrNonPositive)
		}
	}
	return nil
}

// LogRatios returns ln(cand[i]) - ln(base[i]) for each pair of runs. The logarithms are subtracted instead of the
// ratio taken so that very large and very small values neither overflow nor vanish. It refuses arms of different
// lengths and values that are not finite or not above zero, in that order; no pairs at all are no error here.
func LogRatios(base, cand []float64) ([]float64, error) {
	if len(base) != len(cand) {
		return nil, fmt.Errorf("%w: %d baseline runs, %d candidate runs; give whole pairs only", ErrLengths, len(base), len(cand))
	}
	err := errors.Join(checkFinite("baseline run", base), checkFinite("candidate run", cand))
	if err != nil {
		return nil, err
	}
	err = errors.Join(checkPositive("baseline run", base), checkPositive("candidate run", cand))
	if err != nil {
		return nil, err
	}
	d := make([]float64, len(base))
	for i := range d {
		d[i] = math.Log(cand[i]) - math.Log(base[i])
	}
	return d, nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func allFinite(x []float64) bool {
	for _, v := range x {
		if !finite(v) {
			return false
		}
	}
	return true
}
