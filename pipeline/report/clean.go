package report

import (
	"reflect"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds on what is shown of texts that others wrote.
const (
	logLines    = 50 // workflow 6.2: live logs, last 50 lines
	detailLines = 50
	maxLine     = 2000    // bytes of a line
	maxText     = 1 << 18 // bytes of a whole text; the raw bytes stay in the store
)

// cleanReport goes over every text of the report and takes out what could not be shown or would show something else:
// terminal escapes, control characters, marks that turn the direction of text, invalid UTF-8. It is done in one place,
// so that no field can be forgotten. Left alone (clean:"-") are patches, which are raw bytes, people's own words, and
// earlier sessions, which were cleaned when they were decoded.
func cleanReport(r *Report) { cleanValue(reflect.ValueOf(r).Elem()) }

func cleanSession(s *Session) { cleanValue(reflect.ValueOf(s).Elem()) }

func cleanValue(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(Clean(v.String()))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			cleanValue(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			cleanValue(v.Index(i))
		}
	case reflect.Map:
		cleanMap(v)
	case reflect.Struct:
		cleanStruct(v)
	}
}

func cleanStruct(v reflect.Value) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		return
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.IsExported() && f.Tag.Get("clean") != "-" {
			cleanValue(v.Field(i))
		}
	}
}

// cleanMap replaces a map of texts by a clean copy, so that the caller's is left alone.
func cleanMap(v reflect.Value) {
	m, ok := v.Interface().(map[string]string)
	if !ok || m == nil || !v.CanSet() {
		return
	}
	out := make(map[string]string, len(m))
	for k, x := range m {
		out[Clean(k)] = Clean(x)
	}
	v.Set(reflect.ValueOf(out))
}

// Clean takes out of a text what could not be shown or would show something else. Line ends become \n.
func Clean(s string) string {
	if plainText(s) {
		return s
	}
	if len(s) > maxText {
		s = s[:maxText] + "\n… cut"
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	var b strings.Builder
	line := 0
	for i := 0; i < len(s); {
		if n := escape(s[i:]); n > 0 {
			i += n
			continue
		}
		c, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case c == '\n':
			line = 0
		case c == '\r':
			c = '\n' // a progress bar that redraws its line
			line = 0
		case c == '\t':
		case unicode.IsControl(c), invisible(c):
			continue
		}
		if line += n; line > maxLine {
			if line-n <= maxLine {
				b.WriteString("…")
			}
			continue
		}
		b.WriteRune(c)
	}
	return b.String()
}

// plainText is the common case: short printable ASCII.
func plainText(s string) bool {
	if len(s) > maxLine {
		return false
	}
	for i := range len(s) {
		if (s[i] < ' ' || s[i] > '~') && s[i] != '\n' {
			return false
		}
	}
	return true
}

// escape is the length of the terminal escape sequence that s begins with, else 0.
func escape(s string) int {
	if len(s) < 2 || s[0] != 0x1b {
		return 0
	}
	switch s[1] {
	case '[': // CSI: parameters, then a final byte
		for i := 2; i < len(s) && i < 64; i++ {
			if s[i] >= 0x40 && s[i] <= 0x7e {
				return i + 1
			}
		}
		return 2
	case ']', 'P', 'X', '^', '_': // strings, to BEL or ESC \
		for i := 2; i < len(s) && i < 4096; i++ {
			if s[i] == 0x07 {
				return i + 1
			}
			if s[i] == 0x1b && i+1 < len(s) && s[i+1] == '\\' {
				return i + 2
			}
		}
		return 2
	}
	return 2
}

// invisible says whether a character changes how others are shown without being seen itself: direction marks
// (Trojan Source, CVE-2021-42574), the byte order mark, line separators, characters that are none.
func invisible(c rune) bool {
	switch {
	case c >= 0x202A && c <= 0x202E, c >= 0x2066 && c <= 0x2069, c == 0x200E, c == 0x200F, c == 0x061C,
		c == 0xFEFF, c == 0x2028, c == 0x2029, c == 0xFFFE, c == 0xFFFF:
		return true
	}
	return false
}

// tail is the last lines of a text. Lines are bounded here, before the whole is: else one long line would push out the
// last ones, which say what went wrong.
func tail(s string, lines int) string {
	s = strings.TrimRight(s, "\n")
	at := len(s)
	for range lines {
		i := strings.LastIndexByte(s[:at], '\n')
		if i < 0 {
			at = -1
			break
		}
		at = i
	}
	return bounded(s[at+1:])
}

// bounded cuts lines that are longer than what is shown of them.
func bounded(s string) string {
	if len(s) <= maxLine {
		return s
	}
	var b strings.Builder
	for line := range strings.Lines(s) {
		if len(line) > maxLine+len("…\n") {
			end := "…"
			if strings.HasSuffix(line, "\n") {
				end = "…\n"
			}
			line = line[:maxLine] + end
		}
		b.WriteString(line)
	}
	return b.String()
}
