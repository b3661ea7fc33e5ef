package metric

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/benchfile/bench/pipeline"
)

// numberPattern is what a number may look like: digits with at most one point and an exponent, or digits in groups of
// three. Groups in a fraction, hexadecimal, "inf" and "nan" are none.
var numberPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[+-]?(?:[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+|(?:_[0-9]{3})+)(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?`)
})

var errNotFinite = errors.New("it is not a finite number")

// number reads a number the way programs print them, with the unit they may print behind it ("812.33ms", "1.5 MiB"),
// and returns it in the base of the metric's unit. It accepts
//
//	42  -1.5  .5  1e9     plain
//	498,004,423  1_000    digits in groups of three, as ziskemu prints them
//	233.42s  15.2µs       a number with a unit that measures the same as the metric's
//	1m30.5s               a duration as Go prints it, when the metric is a time
//
// It refuses NaN, infinities, what does not fit in a float64 (1e400) or vanishes in it (1e-400), and "1,234" of a
// metric that is a time, since that is 1234 to some programs and 1.234 to others. Of a metric without a unit, or in
// bytes, or exact, it is a count: 1234.
func number(text string, m pipeline.Metric) (float64, error) {
	text = strings.TrimSpace(text)
	if notFinite(text) {
		return 0, errNotFinite
	}
	digits := numberPattern().FindString(text)
	if digits == "" {
		return 0, fmt.Errorf("%s is no number", quote(text))
	}
	unit := strings.TrimSpace(text[len(digits):])
	if ambiguous(digits, m) {
		return 0, fmt.Errorf("%s can mean 1000 times as much as it may; print it without the comma, or with a point", quote(digits))
	}
	value, err := plain(digits)
	if err != nil {
		return 0, err
	}
	if v, ok := convert(value, unit, m.Unit); ok {
		return finite(v)
	}
	if _, base := Base(m.Unit); base == "s" {
		if d, err := time.ParseDuration(text); err == nil {
			return d.Seconds(), nil
		}
	}
	if _, base := Base(unit); unit != "" && (base == "s" || base == "B") {
		return 0, fmt.Errorf("%s is in %s, but the metric's unit is %q", quote(text), unit, m.Unit)
	}
	return 0, fmt.Errorf("%s is no number: %s follows its digits", quote(text), quote(unit))
}

// notFinite says whether text is one of the words for what is not a number.
func notFinite(text string) bool {
	switch strings.ToLower(strings.TrimLeft(text, "+-")) {
	case "nan", "inf", "infinity":
		return true
	}
	return false
}

// ambiguous says whether digits are one group of three behind a comma, in a metric that need not be a count.
func ambiguous(digits string, m pipeline.Metric) bool {
	if strings.Count(digits, ",") != 1 || strings.Contains(digits, ".") {
		return false
	}
	_, base := Base(m.Unit)
	return !(base == "" || base == "B" || m.Exact)
}

// plain is the value of digits that numberPattern accepted.
func plain(digits string) (float64, error) {
	value, err := strconv.ParseFloat(strings.NewReplacer(",", "", "_", "").Replace(digits), 64)
	if err != nil {
		return 0, fmt.Errorf("%s is too large for a number", quote(digits))
	}
	mantissa, _, _ := strings.Cut(strings.ToLower(digits), "e")
	if value == 0 && strings.ContainsAny(mantissa, "123456789") {
		return 0, fmt.Errorf("%s is too small for a number", quote(digits))
	}
	return value, nil
}

// finite refuses what a conversion made infinite.
func finite(v float64) (float64, error) {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return 0, errNotFinite
	}
	return v, nil
}

// quote quotes text for a message, at most 120 bytes of it.
func quote(text string) string {
	const most = 120
	if len(text) <= most {
		return strconv.Quote(text)
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return strconv.Quote(text[:cut]) + "…"
}
