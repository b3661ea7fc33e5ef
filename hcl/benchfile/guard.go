package benchfile

import (
	"bytes"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// The bounds of what is parsed at all. HCL's parser and evaluator recurse: 100,000 brackets in 200 kB overflow the stack,
// which ends the process and cannot be recovered from. So depth is counted on tokens first.
const (
	maxFile   = 1 << 20
	maxTokens = 200_000
	maxDepth  = 200 // brackets, templates and operators in one another
	maxFor    = 3   // "for" in one another: each level multiplies
)

// guard returns what makes a text unfit for the parser, or nil.
func guard(src Source) *found {
	refuse := func(rng hcl.Range, summary, help string) *found {
		return &found{severity: Error, code: codeGuard, rng: rng, summary: summary, help: help}
	}
	start := fileStart(src.Name)
	if len(src.Bytes) > maxFile {
		return refuse(start, fmt.Sprintf("the file has %d bytes; at most %d are read", len(src.Bytes), maxFile),
			"keep the Benchfile to what people read; generate families of blocks with for_each")
	}
	// Most files are simple enough to be counted without HCL's lexer. Where they are not, or something is wrong and has to
	// be shown at its place, the lexer has the word.
	fast := newNesting()
	if quick(src.Bytes, fast.token) && fast.fits() {
		return nil
	}
	tokens, _ := hclsyntax.LexConfig(src.Bytes, src.Name, hcl.InitialPos)
	if len(tokens) > maxTokens {
		return refuse(start, fmt.Sprintf("the file has %d tokens; at most %d are read", len(tokens), maxTokens),
			"generate families of blocks with for_each instead of writing them out")
	}
	g := newNesting()
	for _, t := range tokens {
		g.token(t)
		switch {
		case g.depth > maxDepth:
			return refuse(t.Range, fmt.Sprintf("brackets and operators nest deeper than %d levels", maxDepth),
				"split the expression with locals")
		case g.loops > maxFor:
			return refuse(t.Range, fmt.Sprintf("more than %d \"for\" in one another", maxFor),
				"split the expression with locals, or use setproduct()")
		case g.number:
			return refuse(t.Range, "this number has too many digits", "write a number that fits into 64 bits")
		}
	}
	return nil
}

// level is an open bracket, with what stands in it.
type level struct {
	open      hclsyntax.TokenType // 0: the file itself
	operators int                 // since the last separator
	loops     int                 // "for" that are open here
}

// nesting counts how deep the parser will be at each token. Operators count like brackets: a chain of 100,000 additions
// is a tree of that height. Depth is a bound from above, which is all that is needed.
type nesting struct {
	levels []level
	depth  int // sum over the levels of 1 + operators
	loops  int
	after  hclsyntax.TokenType // the opening bracket just before, newlines aside, or 0

	deepest, most int  // largest depth and loops so far
	tokens        int  // seen so far
	number        bool // there was one that would be enormous, written out
}

func newNesting() *nesting { return &nesting{levels: make([]level, 1, 64)} }

// fits says whether all that was seen is within the bounds. Strings are not counted one by one, so the bound on tokens
// is kept with room to spare, and one level is kept for the deepest string.
func (g *nesting) fits() bool {
	return g.deepest < maxDepth && g.most <= maxFor && g.tokens <= maxTokens/4 && !g.number
}

func (g *nesting) token(t hclsyntax.Token) {
	after := g.after
	g.after = 0
	g.tokens++
	switch t.Type {
	case hclsyntax.TokenOBrace, hclsyntax.TokenOParen, hclsyntax.TokenOBrack, hclsyntax.TokenOQuote,
		hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
		g.open(t.Type)
	case hclsyntax.TokenCBrace, hclsyntax.TokenCParen, hclsyntax.TokenCBrack, hclsyntax.TokenCQuote,
		hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
		g.close(t.Type)
	case hclsyntax.TokenComma:
		g.separate()
	case hclsyntax.TokenNewline, hclsyntax.TokenComment:
		g.after = after
		if open := g.top().open; open == 0 || open == hclsyntax.TokenOBrace {
			g.separate() // a comment to the end of the line swallows its newline
		}
	case hclsyntax.TokenIdent:
		g.keyword(string(t.Bytes), after)
	case hclsyntax.TokenPlus, hclsyntax.TokenMinus, hclsyntax.TokenStar, hclsyntax.TokenSlash, hclsyntax.TokenPercent,
		hclsyntax.TokenBang, hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenEqualOp, hclsyntax.TokenNotEqual,
		hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq, hclsyntax.TokenGreaterThan, hclsyntax.TokenGreaterThanEq,
		hclsyntax.TokenQuestion, hclsyntax.TokenColon, hclsyntax.TokenDot:
		g.operator()
	case hclsyntax.TokenNumberLit:
		g.number = g.number || enormous(t.Bytes)
	}
	g.deepest, g.most = max(g.deepest, g.depth), max(g.most, g.loops)
}

// enormous says whether a number in scientific notation has more than three digits of exponent: 1e999999999 is short, and
// a gigabyte when it is put into a text.
func enormous(number []byte) bool {
	i := bytes.IndexAny(number, "eE")
	return i >= 0 && len(bytes.TrimLeft(number[i+1:], "+-0")) > 3
}

func (g *nesting) top() *level { return &g.levels[len(g.levels)-1] }

func (g *nesting) operator() { g.top().operators++; g.depth++ }

func (g *nesting) separate() {
	g.depth -= g.top().operators
	g.top().operators = 0
}

// keyword counts "for": behind a bracket until that closes, in a directive until its endfor.
func (g *nesting) keyword(word string, after hclsyntax.TokenType) {
	at := g.top()
	if after == hclsyntax.TokenTemplateControl {
		at = &g.levels[len(g.levels)-2]
	}
	switch {
	case word == "for" && after != 0:
		at.loops++
		g.loops++
	case word == "endfor" && after == hclsyntax.TokenTemplateControl && at.loops > 0:
		at.loops--
		g.loops--
	}
}

// open enters a bracket. An index or a directive also makes the level it stands in deeper for what follows it: a[0][0]…
// and "%{if a}%{if b}…" nest without ever having two brackets open.
func (g *nesting) open(kind hclsyntax.TokenType) {
	if kind == hclsyntax.TokenOBrack || kind == hclsyntax.TokenTemplateControl {
		g.operator()
	}
	g.levels = append(g.levels, level{open: kind})
	g.depth++
	g.after = kind
}

// close leaves a bracket. One that does not fit is the parser's to complain of; here it changes nothing, so that depth
// stays a bound from above.
func (g *nesting) close(kind hclsyntax.TokenType) {
	top := *g.top()
	if len(g.levels) == 1 || !closes(kind, top.open) {
		return
	}
	g.depth -= 1 + top.operators
	g.loops -= top.loops
	g.levels = g.levels[:len(g.levels)-1]
}

func closes(kind, open hclsyntax.TokenType) bool {
	switch kind {
	case hclsyntax.TokenCBrace:
		return open == hclsyntax.TokenOBrace
	case hclsyntax.TokenCParen:
		return open == hclsyntax.TokenOParen
	case hclsyntax.TokenCBrack:
		return open == hclsyntax.TokenOBrack
	case hclsyntax.TokenCQuote:
		return open == hclsyntax.TokenOQuote
	case hclsyntax.TokenCHeredoc:
		return open == hclsyntax.TokenOHeredoc
	}
	return open == hclsyntax.TokenTemplateInterp || open == hclsyntax.TokenTemplateControl
}
