package main

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// policy is what a page of the report may do: load its own style, script, pictures and events. Nothing else, from nowhere
// else, and nobody may put it in a frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

func secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache") // ask each time; an unchanged file costs nothing but the question
}

// allowed refuses what no reader of the report asks.
func (w *web) allowed(rw http.ResponseWriter, r *http.Request) bool {
	switch {
	case !w.knownHost(r):
		// Else a page anywhere could have its own name lead here and read the report (DNS rebinding).
		refuse(rw, http.StatusMisdirectedRequest, "this name is not one of mine; bench serve --host NAME makes it one")
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		rw.Header().Set("Allow", "GET, HEAD")
		refuse(rw, http.StatusMethodNotAllowed, "the report can only be read")
	case foreign(r):
		refuse(rw, http.StatusForbidden, "other sites may not read the report")
	default:
		return true
	}
	return false
}

func refuse(rw http.ResponseWriter, code int, text string) {
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rw.Header().Set("Connection", "close")
	rw.WriteHeader(code)
	_, _ = rw.Write([]byte(text + "\n"))
}

// knownHost says whether the request is for the address that it came in at, for this machine by its own name, or for a
// name that was given with --host. Which port is said does not matter: it may be forwarded.
func (w *web) knownHost(r *http.Request) bool {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	} else if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	if host == "" {
		return false
	}
	local := localIP(r)
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap() == local
	}
	if strings.EqualFold(host, "localhost") && local.IsLoopback() {
		return true
	}
	return slices.ContainsFunc(w.hosts, func(name string) bool { return strings.EqualFold(name, host) })
}

// localIP is the address of this machine that the connection came in at.
func localIP(r *http.Request) netip.Addr {
	a, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return a.AddrPort().Addr().Unmap().WithZone("")
}

// foreign says whether a page of another site asks, other than by a link that somebody followed.
func foreign(r *http.Request) bool {
	if o := r.Header.Get("Origin"); o != "" {
		u, err := url.Parse(o)
		if err != nil || u.Host != r.Host {
			return true
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return false
	}
	return r.Header.Get("Sec-Fetch-Mode") != "navigate"
}

// limitListener accepts no more than n connections at a time; further ones wait in the kernel's queue.
func limitListener(l net.Listener, n int) net.Listener {
	return &limited{Listener: l, free: make(chan struct{}, n), done: make(chan struct{})}
}

type limited struct {
	net.Listener
	free chan struct{}
	once sync.Once
	done chan struct{}
}

func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.free <- struct{}{}:
	case <-l.done:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.free
		return nil, err
	}
	return &limitedConn{Conn: c, release: sync.OnceFunc(func() { <-l.free })}, nil
}

func (l *limited) Close() error {
	l.once.Do(func() { close(l.done) })
	return l.Listener.Close()
}

type limitedConn struct {
	net.Conn
	release func()
}

func (c *limitedConn) Close() error {
	defer c.release()
	return c.Conn.Close()
}
