package notify

import (
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// hostile are addresses that nothing may be sent to, %d being a port that is listened on. Names that no registry holds
// are led to this machine, as some systems do with numbers. Of the 51, 34 come as far as the dial when they are allowed.
var hostile = []string{
	"https://127.0.0.1:%d/x", "https://127.1.2.3:%d/x", "https://localhost:%d/x", "https://LOCALHOST:%d/x", "https://[::1]:%d/x",
	"https://[::ffff:127.0.0.1]:%d/x", "https://[::ffff:7f00:1]:%d/x", "https://[::127.0.0.1]:%d/x", "https://0.0.0.0:%d/x", "https://[::]:%d/x",
	"https://0:%d/x", "https://127.1:%d/x", "https://0177.0.0.1:%d/x", "https://0x7f.0.0.1:%d/x", "https://0x7f000001:%d/x",
	"https://2130706433:%d/x", "https://127.0.0.1.nip.example:%d/x", "https://rebind.example:%d/x", "https://six.example:%d/x",
	"https://169.254.169.254/latest/meta-data", "https://metadata.example/computeMetadata/v1", "https://10.0.0.1/x", "https://172.16.0.1/x",
	"https://172.31.255.255/x", "https://192.168.1.1/x", "https://100.64.0.1/x", "https://[fe80::1%25lo]/x", "https://[fc00::1]/x", "https://[fd00:ec2::254]/x",
	"https://[64:ff9b::7f00:1]/x", "https://[2002:7f00:1::]/x", "https://[2001:0:1::1]/x", "https://[ff02::1]/x", "https://255.255.255.255/x",
	"http://127.0.0.1:%d/x", "http://169.254.169.254/", "http://hooks.slack.com/services/x", "file:///etc/passwd", "gopher://127.0.0.1:%d/_x",
	"ftp://hooks.slack.com/x", "//hooks.slack.com/x", "hooks.slack.com/services/x", "https:///x", "https://", "https:hooks.slack.com/x", "", "\x7f",
	"https://hooks.slack.com@127.0.0.1:%d/x", "https://user:word@hooks.slack.com/x", "javascript:alert(1)", "unix:///run/docker.sock",
}

// TestHostileAddresses: with Slack's host allowed only, none gets as far as a sender. With its own host allowed, which
// is what a careless list comes to, none gets as far as a connection.
func TestHostileAddresses(t *testing.T) {
	var seen atomic.Int32
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			seen.Add(1)
			c.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	lead := names(func(name string) net.IP {
		switch name {
		case "six.example":
			return net.IPv6loopback
		case "metadata.example":
			return net.IPv4(169, 254, 169, 254)
		}
		return net.IPv4(127, 0, 0, 1)
	})
	dialled := 0
	for _, address := range hostile {
		address = strings.ReplaceAll(address, "%d", port)
		if _, err := New(Options{Webhook: NewSecret(address)}); err == nil {
			t.Errorf("%q is taken for Slack's", address)
		}
		_, host, _ := strings.Cut(address, "//")
		host, _, _ = strings.Cut(host, "/")
		host = strings.ReplaceAll(host, "%25", "%")
		s, err := New(Options{Webhook: NewSecret(address), Hosts: []string{"hooks.slack.com", host}, Timeout: time.Second})
		if err != nil {
			continue
		}
		dialled++
		s.world.resolver = lead
		err = s.Send(t.Context(), "x")
		var dns *net.DNSError
		switch {
		case err == nil:
			t.Errorf("%q was sent to", address)
		case !errors.Is(err, ErrAddress) && !errors.As(err, &dns) && !strings.Contains(err.Error(), "is not found"):
			t.Errorf("%q: %v, want a refusal of the address", address, err)
		}
	}
	if dialled < 30 {
		t.Errorf("only %d addresses came as far as the dial", dialled)
	}
	if n := seen.Load(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

func TestRoutable(t *testing.T) {
	for address, want := range map[string]bool{
		"3.73.1.1": true, "99.255.255.255": true, "100.128.0.0": true, "172.15.255.255": true, "172.32.0.0": true, "192.167.255.255": true,
		"198.17.255.255": true, "198.20.0.0": true, "223.255.255.255": true, "2a05:d018::1": true, "2600:1f18::1": true, "64:ff9b::349:101": true, "::ffff:3.73.1.1": true,
		"0.1.2.3": false, "10.255.255.255": false, "100.127.255.255": false, "127.255.255.255": false, "169.254.0.1": false, "172.31.255.255": false,
		"192.0.0.8": false, "192.0.2.1": false, "192.168.0.0": false, "198.19.255.255": false, "198.51.100.7": false, "203.0.113.9": false, "224.0.0.1": false,
		"240.0.0.1": false, "255.255.255.255": false, "::": false, "::1": false, "::ffff:10.0.0.1": false, "64:ff9b::a00:1": false, "64:ff9b:1::1": false,
		"100::1": false, "2001::1": false, "2001:db8::1": false, "2002:a00:1::1": false, "2002:349:101::1": true, "3fff::1": false, "5f00::1": false,
		"fc00::1": false, "fd12::1": false, "fe80::1": false, "fec0::1": false, "ff02::1": false, "2a05::1%eth0": false,
	} {
		if got := routable(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
	for _, address := range []string{"", "hooks.slack.com:443", "1.2.3.4", "1.2.3.4:x"} {
		if err := public("tcp", address, nil); !errors.Is(err, ErrAddress) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if err := public("tcp", "3.73.1.1:443", nil); err != nil {
		t.Error(err)
	}
}

func TestHostsMayHavePorts(t *testing.T) {
	for _, c := range []struct {
		address, host string
		want          bool
	}{
		{"https://chat.example/x", "chat.example", true}, {"https://chat.example:443/x", "CHAT.example", true}, {"https://chat.example:/x", "chat.example", true},
		{"https://chat.example:8443/x", "chat.example:8443", true}, {"https://chat.example:8443/x", "chat.example", false},
		{"https://chat.example/x", "chat.example:8443", false}, {"https://evilchat.example/x", "chat.example", false},
		{"https://chat.example.evil/x", "chat.example", false}, {"https://[2a05::1]/x", "2a05::1", true}, {"https://[2a05::1]:8/x", "[2a05::1]:8", true},
	} {
		if _, err := New(Options{Webhook: NewSecret(c.address), Hosts: []string{c.host}}); (err == nil) != c.want {
			t.Errorf("%s with %s allowed: %v", c.address, c.host, err)
		}
	}
}
