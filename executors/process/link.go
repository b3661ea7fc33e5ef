package process

import (
	"bufio"
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/benchfile/bench/pipeline"
)

// link is bench's side of the pipes to a runner.
type link struct {
	cmd    *exec.Cmd
	orders *os.File
	events *gob.Decoder
	eventF *os.File
	stderr *headBuffer
	hello  hello
}

// dial starts a runner and hands it the job.
func dial(opt Options, job pipeline.Job) (*link, error) {
	if len(opt.Self) == 0 {
		return nil, errors.New("start the runner: no command was given to start it with")
	}
	ordersR, ordersW, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start the runner: %w", err)
	}
	eventsR, eventsW, err := os.Pipe()
	if err != nil {
		ordersR.Close()
		ordersW.Close()
		return nil, fmt.Errorf("start the runner: %w", err)
	}
	l := &link{orders: ordersW, eventF: eventsR, events: gob.NewDecoder(bufio.NewReaderSize(eventsR, 64<<10)), stderr: &headBuffer{}}
	l.cmd = exec.Command(opt.Self[0], opt.Self[1:]...)
	l.cmd.Stdin, l.cmd.Stdout, l.cmd.Stderr = ordersR, eventsW, l.stderr
	l.cmd.Env = runnerEnv()
	l.cmd.SysProcAttr = ownSession()
	l.cmd.WaitDelay = 5 * time.Second
	if opt.Lock != nil {
		l.cmd.ExtraFiles = []*os.File{opt.Lock} // becomes lockFD
	}
	err = l.cmd.Start()
	ordersR.Close()
	eventsW.Close()
	if err != nil {
		ordersW.Close()
		eventsR.Close()
		return nil, fmt.Errorf("start the runner: %w", err)
	}
	if err := l.greet(request{Job: job, Lock: opt.Lock != nil, Grace: opt.Grace}); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

// runnerEnv is the runner's own environment; no command ever sees it. One processor is all that the runner needs, and with
// one there is no second thread that looks for work while a run is on. Its scheduler need not interrupt it either: nothing
// in it computes for long, and the signal would wake it in the middle of a run.
func runnerEnv() []string {
	env := []string{"GOMAXPROCS=1", "GOGC=off", "GODEBUG=asyncpreemptoff=1"}
	for _, name := range []string{"GOCOVERDIR", "GORACE"} { // of binaries built for tests
		if value := os.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

func (l *link) greet(req request) error {
	if err := l.send(req); err != nil {
		return err
	}
	ev, err := l.receive()
	if err != nil {
		return err
	}
	if ev.Hello == nil {
		return errors.New("the runner did not answer as a runner does")
	}
	l.hello = *ev.Hello
	return nil
}

// visit has the runner make visits, and waits for those that it made.
func (l *link) visit(from, until int) ([]pipeline.Run, error) {
	if err := l.send(order{From: from, Until: until}); err != nil {
		return nil, err
	}
	ev, err := l.receive()
	if err != nil {
		return nil, err
	}
	if n := len(ev.Runs); n == 0 || n > until-from {
		return nil, fmt.Errorf("the runner answered with %d runs to an order of %d", n, until-from)
	}
	for i := range ev.Runs {
		if ev.Runs[i].Metrics == nil { // gob does not tell an empty map from none
			ev.Runs[i].Metrics = map[string]float64{}
		}
	}
	return ev.Runs, nil
}

func (l *link) send(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write to the runner: %w", err)
	}
	if _, err := l.orders.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write to the runner: %w", err)
	}
	return nil
}

func (l *link) receive() (event, error) {
	var ev event
	if err := l.events.Decode(&ev); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("it ended")
		}
		return event{}, fmt.Errorf("read from the runner: %w", err)
	}
	if ev.Error != "" {
		return event{}, errors.New(ev.Error)
	}
	return ev, nil
}

// hangUp tells the runner to end what it does. Closing twice is harmless.
func (l *link) hangUp() { l.orders.Close() }

// close hangs up and waits until the runner is gone, and with it whatever it ran. The error says how a runner that did not
// end as it should did end.
func (l *link) close() error {
	l.hangUp()
	_, _ = io.Copy(io.Discard, l.eventF) // to its end: the runner closes it last
	err := l.cmd.Wait()
	l.eventF.Close()
	if err == nil {
		return nil
	}
	if said := strings.TrimSpace(l.stderr.String()); said != "" {
		return fmt.Errorf("the runner ended: %w: %s", err, said)
	}
	return fmt.Errorf("the runner ended: %w", err)
}

// headBuffer keeps the first 16 kB of what the runner says of itself: nothing, or the trace of a panic.
type headBuffer struct{ bytes.Buffer }

func (t *headBuffer) Write(p []byte) (int, error) {
	if room := 16<<10 - t.Len(); room > 0 {
		t.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
