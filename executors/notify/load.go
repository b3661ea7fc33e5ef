package notify

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// key is the name that the secrets file gives the webhook (workflow 7.1).
const key = "SLACK_WEBHOOK"

// maxSecrets bounds the secrets file, in bytes: a webhook has about 80.
const maxSecrets = 64 << 10

// Path is where the secrets file lies: benchmarks/secrets.env in $XDG_CONFIG_HOME, or in ~/.config where that is not set
// (workflow 7.1). A relative $XDG_CONFIG_HOME is passed over, as its specification says.
func Path() (string, error) {
	dir := os.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find the secrets file: %w; set HOME or XDG_CONFIG_HOME", err)
		}
		dir = filepath.Join(home, ".config")
	}
	return filepath.Join(dir, "benchmarks", "secrets.env"), nil
}

// Load reads the webhook from a secrets file, "" for the one at Path. The file has to belong to the user and be readable
// to nobody else; that is looked up on the opened file, so that it cannot be exchanged in between. Errors name the file,
// the line and the mend, never what the file says. A file that does not exist is fs.ErrNotExist.
func Load(path string) (Secret, error) {
	if path == "" {
		var err error
		if path, err = Path(); err != nil {
			return Secret{}, err
		}
	}
	b, err := readPrivate(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Secret{}, fmt.Errorf("read the webhook: %s: %w; write a line %s=https://hooks.slack.com/… into it, then: chmod 600 %s", path, fs.ErrNotExist, key, word(path))
	case err != nil:
		return Secret{}, fmt.Errorf("read the webhook: %w", err)
	}
	value, err := find(string(b), key)
	if err != nil {
		return Secret{}, fmt.Errorf("read the webhook: %s%w", path, err)
	}
	return NewSecret(value), nil
}

// readPrivate reads a file that is the user's alone.
func readPrivate(path string) ([]byte, error) {
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file (%s); the webhook is read from a file only", path, st.Mode().Type())
	}
	if err := private(path, st); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxSecrets+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxSecrets {
		return nil, fmt.Errorf("%s has more than %d bytes; a secrets file holds a few lines KEY=VALUE", path, maxSecrets)
	}
	return b, nil
}

// find is the value of a key in lines KEY=VALUE, as a shell that sources the file would read it, without expanding
// anything: comments, "export", single and double quotes; the last line with the key counts. Its errors begin with
// ":line: " or ": " and say nothing of what the lines hold.
func find(text, key string) (value string, err error) {
	found := false
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(text, "\uFEFF")) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if rest, ok := strings.CutPrefix(line, "export "); ok {
			line = strings.TrimSpace(rest)
		}
		name, rest, ok := strings.Cut(line, "=")
		if !ok || name != strings.TrimSpace(name) || !variable(name) {
			return "", fmt.Errorf(":%d: this line is not KEY=VALUE, a comment or empty (no spaces around the equals sign)", n)
		}
		v, why := unquote(rest)
		if why != "" {
			return "", fmt.Errorf(":%d: %s", n, why)
		}
		if name == key {
			value, found = v, true
		}
	}
	switch {
	case !found:
		return "", fmt.Errorf(": no line says %s=…; add one: %s=https://hooks.slack.com/…", key, key)
	case value == "":
		return "", fmt.Errorf(": %s is empty; write the webhook's address behind its equals sign", key)
	}
	return value, nil
}

// variable says whether a word can name a variable.
func variable(s string) bool {
	for i, c := range []byte(s) {
		letter := c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// unquote is what stands behind the equals sign, or why it cannot be read.
func unquote(s string) (value, why string) {
	if s == "" {
		return "", ""
	}
	rest := ""
	switch s[0] {
	case '\'':
		end := strings.IndexByte(s[1:], '\'')
		if end < 0 {
			return "", "the single quote is not closed"
		}
		value, rest = s[1:1+end], s[2+end:]
	case '"':
		n := 0
		if value, n = double(s[1:]); n < 0 {
			return "", "the double quote is not closed"
		}
		rest = s[1+n:]
	default:
		end := strings.IndexAny(s, " \t")
		if end < 0 {
			end = len(s)
		}
		value, rest = s[:end], s[end:]
	}
	if t := strings.TrimSpace(rest); t != "" && (t[0] != '#' || t == rest) {
		return "", "something follows the value; put it into quotes as a whole, or begin a comment with a space and #"
	}
	return value, ""
}

// double reads up to the closing double quote; n is where the text goes on, −1 when there is none. A backslash is one but
// before what it protects in a shell.
func double(s string) (value string, n int) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), i + 1
		case s[i] == '\\' && i+1 < len(s) && strings.IndexByte("\"\\$`", s[i+1]) >= 0:
			i++
		}
		b.WriteByte(s[i])
	}
	return "", -1
}

// word is a path as one word of a shell's command line.
func word(path string) string {
	if strings.ContainsFunc(path, func(c rune) bool { return !strings.ContainsRune("/._-+,:@%", c) && !alphanumeric(c) }) {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}

func alphanumeric(c rune) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
