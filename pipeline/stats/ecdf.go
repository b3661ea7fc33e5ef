package stats

import "slices"

// ECDF is an empirical distribution function: which share of the values is at or below a value.
type ECDF struct{ sorted []float64 }

// Point is one step of an ECDF: P is the share of the values that are at or below X.
type Point struct{ X, P float64 }

// NewECDF returns the distribution of x, which it leaves as it is. Values that are not finite are left out: they have
// no place on an axis.
func NewECDF(x []float64) ECDF {
	s := slices.DeleteFunc(slices.Clone(x), func(v float64) bool { return !finite(v) })
	slices.Sort(s)
	return ECDF{s}
}

// N returns the number of values.
func (e ECDF) N() int { return len(e.sorted) }

// At returns the share of values at or below x, between 0 and 1; 0 where there are none.
func (e ECDF) At(x float64) float64 {
	if len(e.sorted) == 0 {
		return 0
	}
	above, _ := slices.BinarySearchFunc(e.sorted, x, func(v, x float64) int {
		if v <= x {
			return -1
		}
		return 1
	})
	return float64(above) / float64(len(e.sorted))
}

// Points returns the steps in ascending order, one for each different value: what a chart draws.
func (e ECDF) Points() []Point {
	var points []Point
	for i, v := range e.sorted {
		p := Point{v, float64(i+1) / float64(len(e.sorted))}
		if k := len(points); k > 0 && points[k-1].X == v {
			points[k-1] = p
			continue
		}
		points = append(points, p)
	}
	return points
}
