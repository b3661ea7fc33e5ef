package pipeline

import "time"

// Facts is what a survey of the world found. Together with the Study it is all that planning knows.
type Facts struct {
	Now         time.Time
	Environment Environment
	Inputs      map[string]InputFact   // by input name; generated ones are known only by their recorded outcome
	Variants    map[string]VariantFact // by Variant.Name; those not there have not been resolved yet
	Programs    map[string]string      // program as a command names it, when it is not of the tree → SHA-256; "" not found
	Env         []string               // "NAME=value": what every command is given, before its own additions
	Identity    []Field                // the part of Env that belongs into keys
	Baseline    CodeFact
	Warnings    []Warning // what the survey wants people to know

	// Recorded finds a recorded outcome; it says why when there is none that can be trusted (a damaged one).
	Recorded func(Key) (*Record, string)
	// Previous is the newest record of the same address, whatever its key: what explain compares with.
	Previous func(address string) *Record
	// Attempts are those at a step that is not recorded yet which were given up, in order. May be nil.
	Attempts func(Key) []Attempt
	// Difference says where two recorded outputs, named by their sums, first differ: "byte 132". "" when unknown.
	Difference func(base, candidate string) string
	// Changed lists the files that differ between two trees, relative to the study's folder. None when that can't be told.
	Changed func(from, to string) []string
}

// InputFact is what an input contains.
type InputFact struct {
	Sum   string // SHA-256 of the file, or of the folder's listing
	Size  int64
	Error string // why it cannot be read
}

// Attempt is a measurement that was given up because of what went on beside it.
type Attempt struct {
	At  time.Time
	Why string
}

// CodeFact is what the baseline is.
type CodeFact struct {
	Commit  string // full id
	Subject string
	Branch  string
	Dirty   bool // uncommitted work is part of it
	// Warnings are what about the repository people should know: settings that are not obeyed, work that is left out.
	Warnings []Warning
}

// Variant is a state of the code with a way to call it: the baseline, a hypothesis or a compound.
type Variant struct {
	Name     string // "baseline", a hypothesis's or a compound's
	Number   int    // 0 for the baseline
	Title    string
	Members  []string // hypotheses in it, in order; none for the baseline
	Compound string   // the compound block it comes from, else ""
	Changes  []Change
	Env      map[string]string
	Commands []Command // of the measurement, one for each input
	At       Place
}

// ID is "001-name", or "baseline".
func (v Variant) ID() string {
	if v.Number == 0 {
		return v.Name
	}
	return ID(v.Number, v.Name)
}

// Change is one change to the baseline's code.
type Change struct {
	Hypothesis string
	Patch      string // file, relative to the study's folder
	Branch     string
	Commit     string
}

// VariantFact is what a variant's code is.
type VariantFact struct {
	Tree  string // git tree that is measured
	Patch string // the whole change against the baseline, as text
	Files []FileChange
	// Error: the change does not apply (or its branch is not there): the experiment is FAILED.
	Error  string // one line
	Detail string // git's own words and the hunk
}

// FileChange is a file that a change touches.
type FileChange struct {
	Path           string `json:"path"`
	Added, Removed int
}
