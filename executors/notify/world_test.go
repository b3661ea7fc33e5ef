package notify

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Parts of a webhook that must never be seen.
const (
	canary     = "canary0canary1canary2can"
	canaryPath = "/services/T0CANARY0/B0CANARY0/" + canary
)

// anywhere lets a test talk to its own server.
func anywhere(string, string, syscall.RawConn) error { return nil }

// sender sends to a server of the test's; pauses are taken down and not slept.
func sender(t *testing.T, h http.HandlerFunc) (*Slack, *httptest.Server, *[]time.Duration) {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Options{Webhook: NewSecret(srv.URL + canaryPath), Hosts: []string{u.Host}})
	if err != nil {
		t.Fatal(err)
	}
	var pauses []time.Duration
	s.world.control = anywhere
	s.world.roots = srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	s.world.sleep = func(_ context.Context, d time.Duration) error { pauses = append(pauses, d); return nil }
	return s, srv, &pauses
}

// answers gives one status after the other, the last one for ever.
func answers(n *int, statuses ...int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(statuses[min(*n, len(statuses)-1)])
		*n++
	}
}

// silent fails when a value shows the canary, in whatever way it is printed.
func silent(t *testing.T, what string, v any) {
	t.Helper()
	j, _ := json.Marshal(v)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Error("x", "v", v)
	slog.New(slog.NewJSONHandler(&log, nil)).Error("x", "v", v)
	for _, text := range []string{fmt.Sprint(v), fmt.Sprintf("%v|%+v|%#v|%s|%q|%x|%X|%d|%T", v, v, v, v, v, v, v, v, v), string(j), log.String()} {
		low := strings.ToLower(text)
		for _, c := range []string{"canary", fmt.Sprintf("%x", "canary"), fmt.Sprintf("%d", []byte("canary"))[1:20]} {
			if strings.Contains(low, c) {
				t.Errorf("%s shows the secret: %s", what, text)
			}
		}
	}
	err, ok := v.(error)
	for ; ok && err != nil; err = errors.Unwrap(err) {
		var u *url.Error
		if errors.As(err, &u) {
			t.Errorf("%s: there is a *url.Error within", what)
		}
	}
}

// names is a resolver without a network: every name leads to the address that lead gives it.
func names(lead func(name string) net.IP) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer there.Close()
			for answerName(there, lead) == nil {
			}
		}()
		return here, nil
	}}
}

// answerName answers one question of the domain name system as over TCP (RFC 1035 4).
func answerName(c net.Conn, lead func(string) net.IP) error {
	size := make([]byte, 2)
	if _, err := io.ReadFull(c, size); err != nil {
		return err
	}
	q := make([]byte, binary.BigEndian.Uint16(size))
	if _, err := io.ReadFull(c, q); err != nil {
		return err
	}
	name, at := "", 12
	for q[at] != 0 {
		name += string(q[at+1:at+1+int(q[at])]) + "."
		at += 1 + int(q[at])
	}
	kind := binary.BigEndian.Uint16(q[at+1:])
	a := append([]byte{q[0], q[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, q[12:at+5]...)
	ip := lead(strings.TrimSuffix(name, "."))
	if four := ip.To4(); four != nil && kind == 1 {
		a[7] = 1
		a = append(append(a, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4), four...)
	} else if four == nil && ip != nil && kind == 28 {
		a[7] = 1
		a = append(append(a, 0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 0, 0, 16), ip...)
	}
	if ip == nil {
		a[3] |= 3 // no such name
	}
	_, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(a))), a...))
	return err
}
