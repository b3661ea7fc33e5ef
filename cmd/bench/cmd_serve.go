package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// serveFlags are those of serve.
type serveFlags struct {
	bind  string
	port  int
	hosts []string
}

func (a *app) serveCommand() *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use: "serve", Short: "Show the report in a browser, live", Args: most(0),
		Long: "Show the report in a browser, live: before, during and after an apply, which is another process. " +
			"It is read-only, and only this machine can reach it unless --bind says otherwise. Ctrl-C ends it.",
		RunE: func(c *cobra.Command, _ []string) error { return a.serve(c.Context(), f) },
	}
	c.Flags().StringVar(&f.bind, "bind", "127.0.0.1", "the address to listen on; 0.0.0.0 lets everybody in the network read the report")
	c.Flags().IntVar(&f.port, "port", 8080, "the port to listen on; 0 takes a free one")
	c.Flags().StringArrayVar(&f.hosts, "host", nil, "a further name under which browsers may ask for it (repeatable)")
	return c
}

func (a *app) serve(ctx context.Context, f serveFlags) error {
	path, err := a.findBenchfile()
	if err != nil {
		return err
	}
	ip := net.ParseIP(f.bind)
	if f.bind == "localhost" {
		ip = net.IPv4(127, 0, 0, 1)
	}
	if ip == nil {
		return usage("the address of this machine that browsers use, or 127.0.0.1", "--bind %q is no IP address", f.bind)
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	network := "tcp4" // or 0.0.0.0 would stand for every IPv6 address, too
	if ip.To4() == nil {
		network = "tcp6"
	}
	l, err := net.Listen(network, net.JoinHostPort(ip.String(), strconv.Itoa(f.port)))
	if err != nil {
		if errors.Is(err, syscall.EADDRINUSE) {
			return &codeError{code: exitFailed, err: fmt.Errorf("port %d is taken: %w", f.port, err), hint: "take another one with --port, or any free one with --port 0"}
		}
		return fmt.Errorf("listen: %w", err)
	}
	idle()
	w := newWeb(filepath.Dir(path), f.hosts)
	defer w.hub.close()
	a.serving(l.Addr().(*net.TCPAddr), w)
	return w.run(ctx, l)
}

// serving says where, and what that means.
func (a *app) serving(at *net.TCPAddr, w *web) {
	shown := *at
	if at.IP.IsUnspecified() {
		shown.IP = net.IPv4(127, 0, 0, 1)
	}
	url := "http://" + shown.String() + "/"
	if a.json {
		a.emit("serve", map[string]string{"url": url, "address": at.String()})
	} else {
		fmt.Fprintf(a.out, "%s  (Ctrl-C ends it)\n", url)
	}
	if !at.IP.IsLoopback() {
		fmt.Fprintf(a.err, "%s whoever can reach %s can read the whole report: patches, commands, logs, this machine's name. There is no password and no encryption.\n",
			paint(a.colour(a.err), yellow, "warning:"), at)
	}
	if _, _, err := w.site.read("index.html"); err != nil {
		fmt.Fprintf(a.err, "no report yet in %s: bench apply writes it, and it is shown then\n", w.site.dir)
	}
}

// idle makes every thread of this process give way to all others: what is measured must not wait for what is shown.
// Threads that are made later inherit it.
func idle() {
	tasks, _ := filepath.Glob("/proc/self/task/*")
	for _, t := range tasks {
		if tid, err := strconv.Atoi(filepath.Base(t)); err == nil {
			_ = syscall.Setpriority(syscall.PRIO_PROCESS, tid, 19) // politeness only
		}
	}
}

// The limits of the server (they are those of a page that a few people look at).
const (
	maxConnections = 64
	maxWatching    = 32 // of them may follow events
	headerTimeout  = 5 * time.Second
	writeTimeout   = 30 * time.Second
	idleTimeout    = 60 * time.Second
	maxHeader      = 16 << 10
)

// web is everything that is served.
type web struct {
	site  *site
	hub   *hub
	hosts []string
}

func newWeb(root string, hosts []string) *web {
	s := &site{root: root, dir: filepath.Join(root, artifactsDir, "report")}
	return &web{site: s, hub: newHub(s, filepath.Join(root, ".bench")), hosts: hosts}
}

func (w *web) server() *http.Server {
	return &http.Server{
		Handler: w, ReadTimeout: headerTimeout, ReadHeaderTimeout: headerTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		// net/http adds 4 kB of its own to what it is told.
		MaxHeaderBytes: maxHeader - 4<<10, DisableGeneralOptionsHandler: true, ErrorLog: log.New(io.Discard, "", 0),
	}
}

// run serves until ctx ends. Those who follow events are cut off then; all others get their answer.
func (w *web) run(ctx context.Context, l net.Listener) error {
	srv := w.server()
	srv.BaseContext = func(net.Listener) context.Context { return ctx }
	end := context.AfterFunc(ctx, func() {
		late, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = srv.Shutdown(late)
		_ = srv.Close()
	})
	defer end()
	if err := srv.Serve(limitListener(l, maxConnections)); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the report: %w", err)
	}
	return nil
}

// ServeHTTP lets through what may be asked, and answers it.
func (w *web) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	secure(rw.Header())
	if !w.allowed(rw, r) {
		return
	}
	if r.URL.Path == eventsPath {
		w.hub.serve(rw, r)
		return
	}
	w.site.serve(rw, r)
}
