package notify

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSendPostsDataAndNothingElse(t *testing.T) {
	var method, path, kind, agent, body string
	s, _, pauses := sender(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		method, path, kind, agent, body = r.Method, r.URL.Path, r.Header.Get("Content-Type"), r.Header.Get("User-Agent"), string(b)
		io.WriteString(w, "ok")
	})
	if err := s.Send(t.Context(), "a <!channel> & <http://x|y>\n`b` \x1b[31m\"\\"); err != nil {
		t.Fatal(err)
	}
	got := []string{method, path, kind, agent, strings.NewReplacer(`\u0026`, "&").Replace(body)}
	want := []string{"POST", canaryPath, "application/json; charset=utf-8", "bench",
		`{"text":"a &lt;!channel&gt; &amp; &lt;http://x|y&gt;\n` + "`b`" + ` [31m\"\\","mrkdwn":false,"unfurl_links":false,"unfurl_media":false}`}
	if !slices.Equal(got, want) || len(*pauses) != 0 {
		t.Errorf("sent\n%q\nwant\n%q", got, want)
	}
}

func TestSendTriesAgain(t *testing.T) {
	for _, c := range []struct {
		name     string
		statuses []int
		tries    int
		pauses   []time.Duration
		want     string // in the error; "" for none
	}{
		{"not when it is taken", []int{200}, 1, nil, ""},
		{"after 429", []int{429, 200}, 2, []time.Duration{firstPause}, ""},
		{"twice after 5xx", []int{500, 503, 200}, 3, []time.Duration{firstPause, 2 * firstPause}, ""},
		{"and then no more", []int{500, 502, 504, 200}, 3, []time.Duration{firstPause, 2 * firstPause}, "answered 504"},
		{"not when it is wrong", []int{400, 200}, 1, nil, "answered 400"},
		{"not when the webhook is gone", []int{404, 200}, 1, nil, "make a new one"},
		{"not when it leads elsewhere", []int{302, 200}, 1, nil, "leads elsewhere"},
		{"not after a redirect that keeps the body", []int{307, 200}, 1, nil, "leads elsewhere"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := 0
			s, _, pauses := sender(t, answers(&n, c.statuses...))
			err := s.Send(t.Context(), "x")
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if n != c.tries || !slices.Equal(*pauses, c.pauses) {
				t.Errorf("%d tries with pauses %v, want %d with %v", n, *pauses, c.tries, c.pauses)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 16, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		header string
		want   time.Duration
	}{
		{"", time.Second}, {"2", 2 * time.Second}, {" 3 ", 3 * time.Second}, {"0", 0}, {"-1", time.Second}, {"soon", time.Second},
		{"1.5", time.Second}, {"99999999999999", time.Second}, {"4294967295", 4294967295 * time.Second},
		{"Fri, 16 Jan 2026 10:00:04 GMT", 4 * time.Second}, {"Fri, 16 Jan 2026 09:00:00 GMT", 0},
	} {
		if got := (answer{retry: c.header}).pause(now, time.Second); got != c.want {
			t.Errorf("Retry-After %q: pause %v, want %v", c.header, got, c.want)
		}
	}
}

// TestRetryAfterIsHonoured: what is asked for is waited, and what is beyond the message's time is not waited at all.
func TestRetryAfterIsHonoured(t *testing.T) {
	for _, c := range []struct {
		after  string
		tries  int
		pauses []time.Duration
		want   string
	}{
		{"2", 2, []time.Duration{2 * time.Second}, ""},
		{"30", 1, nil, "asks to wait 30s, longer than a message may take"},
	} {
		n := 0
		s, _, pauses := sender(t, func(w http.ResponseWriter, _ *http.Request) {
			if n++; n == 1 {
				w.Header().Set("Retry-After", c.after)
				w.WriteHeader(http.StatusTooManyRequests)
			}
		})
		s.timeout = time.Minute / 4
		err := s.Send(t.Context(), "x")
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("Retry-After %s: error %v, want %q", c.after, err, c.want)
		}
		if n != c.tries || !slices.Equal(*pauses, c.pauses) {
			t.Errorf("Retry-After %s: %d tries with pauses %v, want %d with %v", c.after, n, *pauses, c.tries, c.pauses)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	seen := 0
	_, other, _ := sender(t, func(http.ResponseWriter, *http.Request) { seen++ })
	for _, status := range []int{301, 302, 303, 307, 308} {
		s, _, _ := sender(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+canaryPath, status)
		})
		err := s.Send(t.Context(), "x")
		if err == nil || !strings.Contains(err.Error(), "leads elsewhere") {
			t.Errorf("%d: %v", status, err)
		}
		silent(t, "a redirect", err)
	}
	if seen != 0 {
		t.Errorf("the other host was talked to %d times", seen)
	}
}

func TestNoAnswerIsBounded(t *testing.T) {
	stop := make(chan struct{})
	s, _, _ := sender(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-stop:
		case <-r.Context().Done():
		}
	})
	defer close(stop)
	s.timeout = 30 * time.Millisecond
	err := s.Send(t.Context(), "x")
	if !errors.Is(err, context.DeadlineExceeded) || err.Error() != "notify slack: no answer within 30ms" {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Send(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want canceled", err)
	}
}

// TestPausesEndWithTheCaller: who calls it off while it waits is not kept waiting.
func TestPausesEndWithTheCaller(t *testing.T) {
	n := 0
	s, _, _ := sender(t, answers(&n, 500))
	ctx, cancel := context.WithCancel(t.Context())
	s.world.sleep = func(ctx context.Context, _ time.Duration) error {
		cancel()
		return sleep(ctx, time.Hour)
	}
	if err := s.Send(ctx, "x"); !errors.Is(err, context.Canceled) || n != 1 {
		t.Errorf("%d tries, error %v", n, err)
	}
	if err := sleep(t.Context(), time.Nanosecond); err != nil {
		t.Error(err)
	}
}

func TestAnswersAreReadInPart(t *testing.T) {
	s, _, _ := sender(t, func(w http.ResponseWriter, _ *http.Request) {
		chunk := []byte(strings.Repeat("a", 1<<16))
		for {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	a, err := s.post(t.Context(), s.client(), []byte("{}"))
	if err != nil || len(a.body) != maxAnswer || a.status != 200 {
		t.Errorf("status %d, %d bytes, %v", a.status, len(a.body), err)
	}
	big, _, _ := sender(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("a", 4*maxHeader)) })
	if err := big.Send(t.Context(), "x"); err == nil {
		t.Error("a header without end was read")
	}
}

// TestOnlyWordsOfAnswersAreShown: Slack's codes help, any other text may be anything.
func TestOnlyWordsOfAnswersAreShown(t *testing.T) {
	for body, want := range map[string]string{
		"no_service":   "notify slack: the host answered 404 no_service; if the webhook was taken back, make a new one in Slack and write it into the secrets file",
		"no_such_word": "notify slack: the host answered 404; if the webhook was taken back, make a new one in Slack and write it into the secrets file",
		"<html>":       "notify slack: the host answered 404; if the webhook was taken back, make a new one in Slack and write it into the secrets file",
	} {
		s, _, _ := sender(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(404)
			io.WriteString(w, body)
		})
		if err := s.Send(t.Context(), "x"); err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", body, err, want)
		}
	}
}

func TestNothingToSay(t *testing.T) {
	n := 0
	s, _, _ := sender(t, answers(&n, 200))
	if err := s.Send(t.Context(), " \n"); err == nil || n != 0 {
		t.Errorf("%d requests, %v", n, err)
	}
}

// TestProxiesAreNotUsed: the address behind a proxy could not be checked.
func TestProxiesAreNotUsed(t *testing.T) {
	s, _, _ := sender(t, func(http.ResponseWriter, *http.Request) {})
	if s.client().Transport.(*http.Transport).Proxy != nil {
		t.Error("a proxy of the environment is used")
	}
}

func TestDefaults(t *testing.T) {
	s, err := New(Options{Webhook: NewSecret("https://Hooks.Slack.com" + canaryPath)})
	if err != nil || s.timeout != 5*time.Second {
		t.Fatal(err)
	}
	silent(t, "a sender", s)
	silent(t, "a sender's value", *s)
}
