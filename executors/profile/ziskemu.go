package profile

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// parseZiskemu reads the report of ziskemu -X -S (with -D or without), versions 0.13 to 0.18, from emulator's
// stats_report.rs: the table TOP COST FUNCTIONS. Its shares are inclusive, and it lists only the top functions.
//
// Up to 0.16 a share is of the TOTAL cost, from 0.17 of the VARIABLE cost: Of tells which, since they do not compare.
// What the guest program prints comes before the report, so that the last table is the report's.
func parseZiskemu(raw []byte) (Profile, error) {
	r := ziskReport{costs: map[string]float64{}}
	for n, line := range lines(raw) {
		if err := r.line(n, strings.TrimRight(line, " \t")); err != nil {
			return Profile{}, err
		}
	}
	if r.header == 0 {
		return Profile{}, errors.New(`no table "TOP COST FUNCTIONS": ziskemu prints it with -X -S`)
	}
	if len(r.rows) == 0 {
		return Profile{}, fmt.Errorf("line %d: the table TOP COST FUNCTIONS is empty", r.header)
	}
	return r.profile(), nil
}

// ziskReport is what was read so far.
type ziskReport struct {
	section string // "costs", "functions" or ""
	header  int    // line of the table's header
	columns []string
	costs   map[string]float64 // COST DISTRIBUTION
	rows    []ziskRow
}

// ziskRow is a line of the table.
type ziskRow struct {
	name          string
	cost, percent float64
}

// line reads one line.
func (r *ziskReport) line(n int, line string) error {
	switch {
	case strings.HasPrefix(line, "COST DISTRIBUTION "):
		r.section, r.costs = "costs", map[string]float64{}
	case isTopCost(line):
		r.section, r.header, r.rows, r.columns = "functions", n, nil, columnsOf(line)
		if last := r.columns[len(r.columns)-1]; last != "FUNCTION" || len(r.columns) < 3 {
			return unrecognised(n, line, "a header of the table that this parser knows (COST, % COST, …, FUNCTION)")
		}
	case r.section == "functions":
		return r.function(n, line)
	case r.section == "costs":
		r.cost(line)
	}
	return nil
}

// isTopCost says whether a line is the table's header.
func isTopCost(line string) bool {
	rest, ok := strings.CutPrefix(line, "TOP COST FUNCTIONS")
	return ok && (rest == "" || strings.HasPrefix(rest, " (") && strings.HasSuffix(rest, ")"))
}

// columnsOf are the columns that a header names. Up to 0.14 it named none.
func columnsOf(header string) []string {
	_, list, ok := strings.Cut(strings.TrimSuffix(header, ")"), "(")
	if !ok {
		return []string{"COST", "% COST", "FUNCTION"}
	}
	return strings.Split(list, ", ")
}

var ziskRowPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s*([0-9][0-9,]*)\s+([0-9]+(?:\.[0-9]+)?)%\s+(\S.*)$`)
})

// function reads a row of the table, which ends at an empty line.
func (r *ziskReport) function(n int, line string) error {
	if line == "" {
		r.section = ""
		return nil
	}
	if n == r.header+1 && strings.Trim(line, "-") == "" {
		return nil
	}
	m := ziskRowPattern().FindStringSubmatch(line)
	if m == nil {
		return unrecognised(n, line, "a row of the table TOP COST FUNCTIONS")
	}
	name := m[3]
	for range len(r.columns) - 3 { // CALLS, COST/CALL: numbers before the name
		number, rest, ok := strings.Cut(name, " ")
		if _, isNumber := count(number); !ok || !isNumber {
			return unrecognised(n, line, "a row with the columns "+strings.Join(r.columns, ", "))
		}
		name = strings.TrimLeft(rest, " ")
	}
	cost, ok := count(m[1])
	percent, err := strconv.ParseFloat(m[2], 64)
	if !ok || err != nil || name == "" {
		return unrecognised(n, line, "a row with a cost, a share and a name")
	}
	r.rows = append(r.rows, ziskRow{normal(name), cost, percent})
	return nil
}

// cost reads a line of the cost distribution: a word, a number and a share. Rules and blank lines within it are skipped.
func (r *ziskReport) cost(line string) {
	fields := strings.Fields(line)
	if len(fields) == 0 || strings.Trim(line, "- ") == "" {
		return
	}
	if len(fields) != 3 || !strings.HasSuffix(fields[2], "%") {
		r.section = "" // the next table
		return
	}
	if v, ok := count(fields[1]); ok {
		r.costs[fields[0]] = v
	}
}

// count is a number with commas between its thousands or without.
func count(text string) (float64, bool) {
	v, err := strconv.ParseUint(strings.ReplaceAll(text, ",", ""), 10, 64)
	return float64(v), err == nil
}

// profile turns the rows into shares. They are computed from the costs, which say more than two decimals, where that
// agrees with the share printed; else the printed one is taken.
func (r *ziskReport) profile() Profile {
	of := strings.TrimPrefix(r.columns[1], "% ")
	total := r.whole(of)
	p := Profile{Total: total, Unit: "cost", Of: of}
	for _, row := range r.rows {
		share := row.percent / 100
		if exact := row.cost / total; total > 0 && math.Abs(exact-share) < 0.00006 {
			share = exact
		}
		p.Functions = append(p.Functions, Function{Name: row.name, Self: Unknown, Inclusive: share})
	}
	return p
}

// whole is what the shares are of: the report's own sum, or that of its parts in versions which print none.
func (r *ziskReport) whole(of string) float64 {
	if v := r.costs["VARIABLE"]; of == "VARIABLE COST" && v > 0 {
		return v
	}
	if v := r.costs["TOTAL"]; of == "COST" && v > 0 {
		return v
	}
	sum := 0.0
	for _, part := range [...]string{"BASE", "MAIN", "OPCODES", "PRECOMPILES", "MEMORY"} {
		v, ok := r.costs[part]
		if !ok || of != "COST" {
			return Unknown
		}
		sum += v
	}
	return sum
}
