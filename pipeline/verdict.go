package pipeline

// VerdictKind is what became of an experiment.
type VerdictKind string

// The verdicts, in the words of the workflow (4.5, 4.6, C.3).
const (
	Keep         VerdictKind = "KEEP"
	Maybe        VerdictKind = "MAYBE"
	Discard      VerdictKind = "DISCARD"
	Kill         VerdictKind = "KILL"
	Reject       VerdictKind = "REJECT"
	Failed       VerdictKind = "FAILED"
	Inconclusive VerdictKind = "INCONCLUSIVE"
)

// VerdictKinds lists them in the order people care about them.
func VerdictKinds() []VerdictKind {
	return []VerdictKind{Keep, Maybe, Discard, Kill, Reject, Failed, Inconclusive}
}

// Verdict is a pure function of recorded outcomes and of the criteria; it is never stored as truth.
type Verdict struct {
	Kind   VerdictKind `json:"kind"`
	Rule   string      `json:"rule"`             // name of the rule that decided
	Reason string      `json:"reason"`           // one line for people
	Detail string      `json:"detail,omitempty"` // several lines: stderr, the hunk that failed, the first difference
	Rules  []Rule      `json:"rules"`            // every rule in order, with need and got

	Effect    *Effect  `json:"effect,omitempty"` // primary metric over all inputs
	Inputs    []Effect `json:"inputs,omitempty"` // primary metric per input
	Secondary []Effect `json:"secondary,omitempty"`

	Rounds     int      `json:"rounds"`                // rounds the verdict rests on
	NeedRounds int      `json:"need_rounds,omitempty"` // INCONCLUSIVE: how many it would still take, in all
	Warnings   []string `json:"warnings,omitempty"`

	// Q is the p of "it gains no more than the MAYBE threshold", adjusted for the QOf experiments of the study that were
	// measured (Benjamini and Hochberg): of those with q ≤ 0.05 one in twenty is expected to gain nothing worth the name.
	// It is shown and decides nothing; nil where nothing was measured.
	Q   *float64 `json:"q,omitempty"`
	QOf int      `json:"q_of,omitempty"`
}

// Rule is one line of the decision table as it was applied.
type Rule struct {
	Name    string `json:"name"`
	Need    string `json:"need"`
	Got     string `json:"got"`
	Pass    bool   `json:"pass"`
	Decided bool   `json:"decided"`
}

// Effect is a comparison of candidate and baseline in one metric.
// Change, Lo and Hi are fractions of the baseline: −0.065 is 6.5 % lower.
type Effect struct {
	Metric     string  `json:"metric"`
	Unit       string  `json:"unit"`
	Better     string  `json:"better"`
	Input      string  `json:"input,omitempty"` // "" = weighted over all inputs
	Baseline   float64 `json:"baseline"`        // trimmed mean of the baseline arm, in Unit
	Candidate  float64 `json:"candidate"`
	Change     float64 `json:"change"`
	Lo         float64 `json:"lo"`
	Hi         float64 `json:"hi"`
	P          float64 `json:"p"`
	Log        float64 `json:"log"`    // what Change is computed from: the trimmed mean of the log-ratios, weighted over inputs
	SE         float64 `json:"se"`     // standard error of Log
	DF         float64 `json:"df"`     // its degrees of freedom: Lo and Hi are exp(Log ± t·SE) − 1
	Weight     float64 `json:"weight"` // of the input in the aggregate, all of them sum to 1; of the aggregate 1
	Confidence float64 `json:"confidence"`
	Rounds     int     `json:"rounds"`
	Exact      bool    `json:"exact,omitempty"`
	CV         float64 `json:"cv"` // robust coefficient of variation of the baseline arm
	Note       string  `json:"note,omitempty"`
}

// Improvement is the change with the sign turned so that positive is better.
func (e Effect) Improvement() float64 {
	if e.Better == Higher {
		return e.Change
	}
	return -e.Change
}
