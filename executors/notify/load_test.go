package notify

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
)

const address = "https://hooks.slack.com/services/T/B/x"

func TestFind(t *testing.T) {
	for _, c := range []struct{ name, text, want, why string }{
		{"as the workflow writes it", "SLACK_WEBHOOK=" + address + "\n", address, ""},
		{"without a line end", "SLACK_WEBHOOK=" + address, address, ""},
		{"double quotes", `SLACK_WEBHOOK="` + address + `"`, address, ""},
		{"single quotes", `SLACK_WEBHOOK='` + address + `'`, address, ""},
		{"protected within double quotes", `SLACK_WEBHOOK="a\"b\\c\$d\e"`, `a"b\c$d\e`, ""},
		{"nothing is protected within single quotes", `SLACK_WEBHOOK='a\$b'`, `a\$b`, ""},
		{"exported", "export SLACK_WEBHOOK=" + address, address, ""},
		{"comments and other keys", "# mine\n\nOTHER=x y\n", "", ":3: something follows the value"},
		{"comments and other keys that are well", "# mine\n\n  OTHER='x y' # z\nSLACK_WEBHOOK=a # b\n_A1=\n", "a", ""},
		{"a number sign within a word", "SLACK_WEBHOOK=a#b", "a#b", ""},
		{"a number sign behind a quote", "SLACK_WEBHOOK='a'#b", "", ":1: something follows the value"},
		{"the last one counts", "SLACK_WEBHOOK=a\nSLACK_WEBHOOK=b", "b", ""},
		{"written on Windows", "\uFEFFSLACK_WEBHOOK=a\r\n", "a", ""},
		{"an equals sign within", "SLACK_WEBHOOK=a=b", "a=b", ""},
		{"another key that ends alike", "MY_SLACK_WEBHOOK=a", "", ": no line says SLACK_WEBHOOK=…"},
		{"nothing", "", "", ": no line says SLACK_WEBHOOK=…"},
		{"empty", "SLACK_WEBHOOK=", "", ": SLACK_WEBHOOK is empty"},
		{"empty quotes", "SLACK_WEBHOOK=''", "", ": SLACK_WEBHOOK is empty"},
		{"spaces around the sign", "\nSLACK_WEBHOOK = a", "", ":2: this line is not KEY=VALUE"},
		{"no sign", "SLACK_WEBHOOK a", "", ":1: this line is not KEY=VALUE"},
		{"not a name", "1A=b", "", ":1: this line is not KEY=VALUE"},
		{"an open single quote", "SLACK_WEBHOOK='a", "", ":1: the single quote is not closed"},
		{"an open double quote", `SLACK_WEBHOOK="a\"`, "", ":1: the double quote is not closed"},
	} {
		got, err := find(c.text, key)
		if got != c.want || (err == nil) != (c.why == "") || err != nil && !strings.HasPrefix(err.Error(), c.why) {
			t.Errorf("%s: %q, %v; want %q, %q", c.name, got, err, c.want, c.why)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"SLACK_WEBHOOK=a", `SLACK_WEBHOOK="a\`, "export A='b' # c", "=", "\"'#\\"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		if _, err := find(before+"~canary~"+after, key); err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("the error shows what the file says: %v", err)
		}
	})
}

func TestPath(t *testing.T) {
	t.Setenv("HOME", "/home/me")
	for xdg, want := range map[string]string{
		"": "/home/me/.config/benchmarks/secrets.env", "/conf": "/conf/benchmarks/secrets.env", "conf": "/home/me/.config/benchmarks/secrets.env",
	} {
		t.Setenv("XDG_CONFIG_HOME", xdg)
		if got, err := Path(); got != want || err != nil {
			t.Errorf("%q: %s, %v", xdg, got, err)
		}
	}
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	if _, err := Load(""); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), dir) {
		t.Error(err)
	}
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("HOME", "")
	if _, err := Load(""); err == nil {
		t.Error("no home, and no error")
	}
}
