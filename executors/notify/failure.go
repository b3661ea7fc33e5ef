package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"unicode"
)

// failure says why a message was not delivered. It keeps no error that came from below, since those hold addresses:
// *url.Error prints the whole one. What is worth asking for with errors.Is is kept.
type failure struct {
	text string
	is   error // context.DeadlineExceeded, context.Canceled, ErrAddress or nil
}

func (f *failure) Error() string { return "notify slack: " + f.text }

func (f *failure) Unwrap() error { return f.is }

// failed is the error of Send: what was done, and why it went wrong, without a trace of the webhook.
func (s *Slack) failed(what string, err error) error {
	f := &failure{text: what}
	for _, is := range []error{ErrAddress, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, is) {
			f.is = is
			break
		}
	}
	if err != nil {
		why := s.reason(err)
		if f.text != "" {
			why = f.text + ": " + why
		}
		f.text = why
	}
	f.text = s.scrub(f.text)
	return f
}

// reason is an error in words, without the address that it was on the way to.
func (s *Slack) reason(err error) string {
	var u *url.Error
	for errors.As(err, &u) {
		err = u.Err
	}
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(err, ErrAddress):
		return "the webhook's host is refused: " + err.Error()
	case errors.Is(err, context.Canceled):
		return "it was called off"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("no answer within %s", s.timeout)
	case errors.As(err, &dns):
		return "the webhook's host is not found: " + err.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the host hung up"
	case local(err):
		return err.Error()
	}
	return "what the host answered is not HTTP" // the error would quote it
}

// local says whether an error was made here, from what the system or the certificate says, and quotes no answer.
func local(err error) bool {
	var op *net.OpError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return errors.As(err, &op) || errors.As(err, &certificate) || errors.As(err, &record)
}

// scrub is the last line of defence, for an error that quotes what nobody thought of. The address, its path and every part of it that is long enough to be a key are taken out, and whatever a
// terminal would obey.
func (s *Slack) scrub(text string) string {
	for _, p := range parts(s.webhook.value()) {
		text = strings.ReplaceAll(text, p, hidden)
	}
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return -1
		}
		return c
	}, text)
}

// shortestKey is the length from which on a part of an address is taken for a key. Slack's parts have 9, 9 and 24
// characters; the constant word "services", of 8, tells nothing.
const shortestKey = 9

// parts of an address that must not be seen, longest first.
func parts(webhook string) []string {
	u, err := url.Parse(webhook)
	if err != nil || webhook == "" {
		return nil // New has refused it
	}
	out := []string{webhook}
	for _, p := range []string{u.RequestURI(), u.EscapedPath(), u.Path, u.RawQuery} {
		if len(p) > 1 {
			out = append(out, p)
		}
	}
	for _, p := range strings.FieldsFunc(u.Path+"/"+u.RawQuery, func(c rune) bool { return strings.ContainsRune("/?&=", c) }) {
		if len(p) >= shortestKey {
			out = append(out, p)
		}
	}
	return out
}
