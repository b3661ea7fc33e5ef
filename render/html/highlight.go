package html

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is a piece of a line of code: Class is "" for what has no colour.
type word struct{ Class, Text string }

// The classes of words.
const (
	wordComment  = "hc"
	wordString   = "hs"
	wordNumber   = "hn"
	wordKeyword  = "hk"
	wordType     = "ht"
	wordFunction = "hf"
)

// keywords are those of the languages that patches are mostly in. A word that is a keyword in one and a name in another
// is coloured in both; that harms nobody.
var keywords = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`abstract and as assert async await auto bool boolean break byte case catch chan char class const constexpr continue
		crate def default defer del delete do double dyn elif else enum except export extends extern extends false final finally float fn for from func
		function global go goto if impl implements import in inline instanceof int interface is lambda let local long loop macro_rules map match mod
		module move mut namespace new nil None not null nullptr operator or package pass private protected pub public raise range ref return select
		self Self short signed sizeof static string struct super switch template this throw throws trait true True False try type typedef typename typeof
		u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 str
		union unsafe unsigned use using var virtual void volatile where while with yield then fi done esac echo local set unset`) {
		m[w] = true
	}
	return m
}()

// language is what little is known of one.
type language struct {
	comments []string // what a comment begins with
	quotes   bool     // '…' is a text and not a single character
	prose    bool     // no language at all: only texts and numbers are coloured
}

// languageOf goes by the file's name.
func languageOf(file string) language {
	switch path.Ext(file) {
	case ".py", ".sh", ".bash", ".rb", ".pl", ".yaml", ".yml", ".toml", ".mk", ".cmake", ".r", ".jl":
		return language{comments: []string{"#"}, quotes: true}
	case ".hcl", ".tf":
		return language{comments: []string{"#", "//", "/*"}}
	case ".sql", ".lua", ".hs":
		return language{comments: []string{"--"}, quotes: true}
	case ".lisp", ".el", ".asm", ".s", ".S":
		return language{comments: []string{";"}}
	case ".js", ".mjs", ".ts", ".tsx", ".jsx", ".php", ".dart", ".css":
		return language{comments: []string{"//", "/*"}, quotes: true}
	case ".md", ".txt", ".json", ".lock", ".sum", "":
		return language{prose: true}
	}
	return language{comments: []string{"//", "/*"}}
}

// words splits a line of code into coloured pieces. It knows no grammar and no state between lines: enough to read a
// patch by, in time that grows with the line and not faster.
func words(line string, l language) []word {
	var out []word
	plain := 0
	add := func(from, to int, class string) {
		if plain < from {
			out = append(out, word{"", line[plain:from]})
		}
		out = append(out, word{class, line[from:to]})
		plain = to
	}
	for i := 0; i < len(line); {
		c, n := utf8.DecodeRuneInString(line[i:])
		switch {
		case startsAny(line[i:], l.comments):
			end := len(line)
			if strings.HasPrefix(line[i:], "/*") {
				if k := strings.Index(line[i+2:], "*/"); k >= 0 {
					end = i + 2 + k + 2
				}
			}
			add(i, end, wordComment)
			i = end
		case c == '"' || c == '`' || c == '\'' && (l.quotes || character(line[i:])):
			end := i + stringLength(line[i:], byte(c))
			add(i, end, wordString)
			i = end
		case c >= '0' && c <= '9':
			end := i + span(line[i:], func(r rune) bool { return r == '.' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) })
			add(i, end, wordNumber)
			i = end
		case c == '_' || unicode.IsLetter(c):
			end := i + span(line[i:], func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) })
			if class := classOf(line[i:end], line[end:]); class != "" && !l.prose {
				add(i, end, class)
			}
			i = end
		default:
			i += n
		}
	}
	if plain < len(line) {
		out = append(out, word{"", line[plain:]})
	}
	return out
}

func classOf(name, rest string) string {
	first, _ := utf8.DecodeRuneInString(name)
	switch {
	case keywords[name]:
		return wordKeyword
	case strings.HasPrefix(rest, "("), strings.HasPrefix(rest, "!("):
		return wordFunction
	case unicode.IsUpper(first):
		return wordType
	}
	return ""
}

func startsAny(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// character tells 'x' and '\n' from an apostrophe and from a lifetime.
func character(s string) bool {
	_, n := utf8.DecodeRuneInString(s[1:])
	return strings.HasPrefix(s[1:], `\`) && strings.IndexByte(s[2:], '\'') >= 0 || n > 0 && strings.HasPrefix(s[1+n:], "'")
}

// stringLength is how long a string is that begins with its quote; to the end of the line when it does not close.
func stringLength(s string, quote byte) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case quote:
			return i + 1
		}
	}
	return len(s)
}

// span is how many bytes at the beginning satisfy a test.
func span(s string, ok func(rune) bool) int {
	for i, c := range s {
		if !ok(c) {
			return i
		}
	}
	return len(s)
}
