package notify

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestSecretIsNeverPrinted(t *testing.T) {
	s := NewSecret("https://hooks.slack.com" + canaryPath)
	type hidden struct{ s Secret }
	for what, v := range map[string]any{
		"a secret": s, "a pointer": &s, "a slice": []Secret{s}, "a map": map[string]Secret{"a": s}, "options": Options{Webhook: s},
		"an unexported field": struct{ webhook Secret }{s}, "a pointer to one": &hidden{s}, "an interface": []any{s, &s, hidden{s}},
		"an error's text": fmt.Errorf("with %v %+v %#v %s %q: %w", s, s, s, s, s, io.EOF),
	} {
		silent(t, what, v)
	}
	if got := fmt.Sprintf("%v %s %q %+v %#v %x %d", s, s, s, s, s, s, s); got != "*** *** *** *** *** *** ***" {
		t.Error(got)
	}
	if s.String() != "***" || s.GoString() != "***" || s.LogValue().String() != "***" {
		t.Error("a method shows something else than ***")
	}
	j, err := json.Marshal(map[string]any{"a": s, "b": &s})
	if err != nil || string(j) != `{"a":"***","b":"***"}` {
		t.Errorf("%s %v", j, err)
	}
	type page struct{ A Secret }
	x, err := xml.Marshal(page{s})
	if err != nil || bytes.Contains(x, []byte("canary")) {
		t.Errorf("%s %v", x, err)
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(s); err == nil || bytes.Contains(b.Bytes(), []byte("canary")) {
		t.Errorf("gob wrote it: %v", err)
	}
	if s.Empty() || !NewSecret("").Empty() || (Secret{}).value() != "" || s.value() == "" {
		t.Error("empty and not empty are mixed up")
	}
}

// TestNoErrorShowsTheSecret goes through every way in which sending can go wrong.
func TestNoErrorShowsTheSecret(t *testing.T) {
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "https://elsewhere.example"+r.URL.Path)
			w.Header().Set("Retry-After", r.URL.Path)
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	raw := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				return
			}
			io.WriteString(c, text)
			c.Close()
		}
	}
	none := func(*Slack) {}
	for _, c := range []struct {
		name   string
		handle http.HandlerFunc
		change func(*Slack)
	}{
		{"refused", answer(403, canary), none},
		{"gone, with a word that is the secret", answer(404, "canary"), none},
		{"moved", answer(301, ""), none},
		{"broken", answer(500, canaryPath), none},
		{"busy", answer(429, canaryPath), none},
		{"an answer that is none", raw(canaryPath + "\r\n\r\n"), none},
		{"a status that is none", raw("HTTP/1.1 " + canary + " OK\r\n\r\n"), none},
		{"a version that is none", raw("HTTP/" + canary + " 200 OK\r\n\r\n"), none},
		{"a header that is none", raw("HTTP/1.1 200 OK\r\n" + canaryPath + "\r\n\r\n"), none},
		{"a length that is none", raw("HTTP/1.1 200 OK\r\nContent-Length: " + canary + "\r\n\r\n"), none},
		{"an encoding that is none", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + canary + "\r\n\r\n"), none},
		{"a part of the secret", raw("HTTP/1.1 B0CANARY0 OK\r\n\r\n"), none},
		{"hung up", raw(""), none},
		{"a certificate nobody knows", answer(200, ""), func(s *Slack) { s.world.roots = x509.NewCertPool() }},
		{"no such name", answer(200, ""), func(s *Slack) {
			s.webhook = NewSecret("https://hooks.slack.example" + canaryPath)
			s.world.resolver = names(func(string) net.IP { return nil })
		}},
		{"an address inside", answer(200, ""), func(s *Slack) { s.world.control = public }},
		{"no permission", answer(200, ""), func(s *Slack) {
			s.world.control = func(string, string, syscall.RawConn) error { return os.ErrPermission }
		}},
		{"called off", answer(500, ""), func(s *Slack) {
			s.world.sleep = func(context.Context, time.Duration) error { return context.Canceled }
		}},
		{"too late", answer(200, ""), func(s *Slack) { s.timeout = time.Nanosecond }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, srv, _ := sender(t, c.handle)
			c.change(s)
			err := s.Send(t.Context(), "x")
			if err == nil {
				t.Fatal("no error")
			}
			silent(t, "the error", err)
			silent(t, "a wrapped error", fmt.Errorf("apply: %w", errors.Join(err, io.EOF)))
			srv.Close()
			if err = s.Send(t.Context(), "x"); err == nil {
				t.Fatal("no error from a server that is gone")
			}
			silent(t, "the error of a server that is gone", err)
		})
	}
	s, _, _ := sender(t, answer(200, ""))
	for _, text := range []string{s.webhook.value(), canaryPath, "/a/" + canary, "services B0CANARY0 and T0CANARY0"} {
		silent(t, "a scrubbed text", s.failed(text, errors.New(text)))
		silent(t, "a scrubbed text", errors.New(s.scrub(text)))
	}
	for _, address := range []string{
		canary, "https://" + canary + "/x", "http://hooks.slack.com" + canaryPath, "https://hooks.slack.com:" + canary, "https://[" + canary,
		"https://hooks.slack.com/%zz" + canary, "https://" + canary + "@hooks.slack.com/x", "https://hooks.slack.com\n" + canaryPath, "\x00" + canary,
	} {
		_, err := New(Options{Webhook: NewSecret(address)})
		if err == nil {
			t.Errorf("%q is taken", address)
		}
		silent(t, "New", err)
	}
}

// TestNoFileShowsTheSecret goes through every way in which reading it can go wrong.
func TestNoFileShowsTheSecret(t *testing.T) {
	dir := t.TempDir()
	for i, text := range []string{
		canary, "SLACK_WEBHOOK " + canary, "SLACK_WEBHOOK='" + canary, `SLACK_WEBHOOK="` + canary + `\`, "SLACK_WEBHOOK=a " + canary,
		"SLACK_WEBHOOK='a'" + canary, canary + "=a", "SLACK_WEBHOOK = " + canary, "export " + canary, "#SLACK_WEBHOOK=" + canary, "SLACK_WEBHOOK=\nX=" + canary,
	} {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Load(path)
		if err == nil {
			t.Errorf("%q is taken", text)
		}
		silent(t, "Load", err)
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err = Load(path)
		silent(t, "Load of a file for all to read", err)
	}
}
