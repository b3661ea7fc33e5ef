package stats

import "math"

// Holm adjusts p-values so that the chance of any false one among them stays below the level they are compared with
// (Holm 1979). The result is in the order of p; a NaN counts as 1.
func Holm(p []float64) []float64 {
	p = cleanP(p)
	adjusted := make([]float64, len(p))
	var top float64
	for i, at := range sortedPlaces(p) {
		top = max(top, float64(len(p)-i)*p[at])
		adjusted[at] = min(1, top)
	}
	return adjusted
}

// BenjaminiHochberg turns p-values into q-values: keeping all with q <= 0.05 means that at most 5 % of the kept ones are
// expected to be false (Benjamini and Hochberg 1995). The result is in the order of p; a NaN counts as 1.
func BenjaminiHochberg(p []float64) []float64 {
	p = cleanP(p)
	q := make([]float64, len(p))
	order := sortedPlaces(p)
	least := 1.0
	for i := len(order) - 1; i >= 0; i-- {
		at := order[i]
		least = min(least, p[at]*float64(len(p))/float64(i+1))
		q[at] = least
	}
	return q
}

func cleanP(p []float64) []float64 {
	clean := make([]float64, len(p))
	for i, v := range p {
		clean[i] = v
		if math.IsNaN(v) {
			clean[i] = 1
		}
	}
	return clean
}
