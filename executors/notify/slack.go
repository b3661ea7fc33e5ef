// Package notify tells people of what happened: one message to a Slack webhook. It does not know what messages are
// about, nor when one is due; it knows that the webhook's address is a secret, that a text is data and not markup, and
// that nothing but a public host that was allowed is ever talked to. A message that cannot be delivered is an error for
// the caller to show as a warning: no result depends on it.
package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Bounds on what a message may cost.
const (
	defaultTimeout = 5 * time.Second        // a message with all its retries
	maxRetries     = 2                      // beyond the first try
	firstPause     = 250 * time.Millisecond // before the first retry, doubled for the second, where no Retry-After says it
	maxAnswer      = 4 << 10                // bytes of the answer's body that are read
	maxHeader      = 32 << 10               // bytes of its header: Slack sends about 2,000
)

// Options say where messages go.
type Options struct {
	Webhook Secret
	Hosts   []string      // that may be talked to, "host" or "host:port"; default hooks.slack.com
	Timeout time.Duration // of a message with all its retries; default 5 s
}

// Slack sends messages to one webhook. It holds no connection between messages, so that nothing of it is alive while
// something is measured.
type Slack struct {
	webhook Secret
	timeout time.Duration
	world   world
}

// world is what tests replace.
type world struct {
	control  func(network, address string, _ syscall.RawConn) error
	resolver *net.Resolver
	roots    *x509.CertPool
	now      func() time.Time
	sleep    func(context.Context, time.Duration) error
}

// New makes a sender. It refuses a webhook that is not https or whose host is not allowed; its errors say nothing of
// the webhook.
func New(o Options) (*Slack, error) {
	if len(o.Hosts) == 0 {
		o.Hosts = []string{"hooks.slack.com"}
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if why := refuse(o.Webhook.value(), o.Hosts); why != "" {
		return nil, fmt.Errorf("the webhook cannot be used: %s", why)
	}
	return &Slack{webhook: o.Webhook, timeout: o.Timeout, world: world{control: public, now: time.Now, sleep: sleep}}, nil
}

// refuse says why an address is not one to send to; "" when it is.
func refuse(webhook string, hosts []string) string {
	if webhook == "" {
		return "there is none"
	}
	u, err := url.Parse(webhook)
	switch {
	case err != nil: // which would print the address
		return "it is not an address"
	case u.Scheme != "https":
		return "its address does not begin with https://"
	case u.User != nil:
		return "its address names a user"
	case u.Hostname() == "":
		return "its address has no host"
	case !slices.ContainsFunc(hosts, func(h string) bool { return withPort(h) == withPort(u.Host) }):
		return "its host is not among those that are allowed: " + strings.Join(hosts, ", ")
	}
	return ""
}

// withPort is a host in lower case with its port, 443 where none is named.
func withPort(host string) string {
	host = strings.ToLower(host)
	if h, port, err := net.SplitHostPort(host); err == nil {
		if port == "" {
			port = "443"
		}
		return net.JoinHostPort(h, port)
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), "443")
}

// Send sends a text, which is data from the first to the last character, and waits for the answer: at most Timeout, in
// which it tries again up to twice where the host says that it is busy (429) or broken (5xx). What broke on the way is
// not tried again: nobody knows whether the message had arrived, and one too many is worse than none. No error says
// anything of the webhook beyond its host.
func (s *Slack) Send(ctx context.Context, text string) error {
	if strings.TrimSpace(text) == "" {
		return s.failed("there is nothing to say", nil)
	}
	body, err := payload(text)
	if err != nil {
		return s.failed("write the message", err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	client := s.client()
	defer client.CloseIdleConnections()
	for try := 0; ; try++ {
		a, err := s.post(ctx, client, body)
		switch {
		case err != nil:
			return s.failed("", err)
		case a.status >= 200 && a.status < 300:
			return nil
		case !a.passing() || try == maxRetries:
			return s.failed(a.String(), nil)
		}
		pause := a.pause(s.world.now(), firstPause<<try)
		if deadline, ok := ctx.Deadline(); ok && !s.world.now().Add(pause).Before(deadline) {
			return s.failed(fmt.Sprintf("%s and asks to wait %s, longer than a message may take", a, pause.Round(time.Second)), nil)
		}
		if err := s.world.sleep(ctx, pause); err != nil {
			return s.failed(a.String(), err)
		}
	}
}

// client makes connections that are checked, used once and never led elsewhere. Proxies of the environment are passed
// over: behind one, the address that is checked would be the proxy's.
func (s *Slack) client() *http.Client {
	d := &net.Dialer{Control: s.world.control, Resolver: s.world.resolver, KeepAlive: -1}
	return &http.Client{
		Transport: &http.Transport{
			Proxy: nil, DialContext: d.DialContext, DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: maxHeader,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: s.world.roots},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// post tries once.
func (s *Slack) post(ctx context.Context, client *http.Client, body []byte) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.webhook.value(), bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.GetBody = nil // without it net/http never sends the message a second time on its own
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "bench")
	res, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer)) // the status is the answer; its words only help
	return answer{res.StatusCode, res.Header.Get("Retry-After"), string(text)}, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
