package report

import (
	"math"
	"strconv"
)

// Number is a value that may be absent: NaN and infinities are null in JSON, since JSON has no word for them.
type Number float64

// None is the absent number.
func None() Number { return Number(math.NaN()) }

// Known says whether there is a value.
func (n Number) Known() bool { return !math.IsNaN(float64(n)) && !math.IsInf(float64(n), 0) }

// significant is how many digits are written: more than any clock or counter has.
const significant = 15

// MarshalJSON writes the shortest text that reads back as the same value to 15 digits, or null.
func (n Number) MarshalJSON() ([]byte, error) {
	if !n.Known() {
		return []byte("null"), nil
	}
	v := float64(n)
	if v == 0 {
		return []byte("0"), nil // not −0
	}
	format := byte('f')
	if a := math.Abs(v); a < 1e-6 || a >= 1e21 {
		format = 'e'
	}
	if b := strconv.AppendFloat(nil, v, format, -1, 64); len(b) < significant {
		return b, nil
	}
	// Sums and means end in digits that only say how they were rounded on the way.
	v, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', significant-1, 64), 64)
	if err != nil {
		return nil, err
	}
	return strconv.AppendFloat(nil, v, format, -1, 64), nil
}

// UnmarshalJSON reads a number or null.
func (n *Number) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = None()
		return nil
	}
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return err
	}
	*n = Number(v)
	return nil
}

// MarshalYAML writes null where there is no value.
func (n Number) MarshalYAML() (any, error) {
	if !n.Known() {
		return nil, nil
	}
	return float64(n), nil
}

// known is a reading that is −1 when it could not be had.
func known(v float64) Number {
	if v == -1 {
		return None()
	}
	return Number(v)
}
