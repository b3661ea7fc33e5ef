package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// errNoAnswer is a program that did not end within its limit.
var errNoAnswer = errors.New("no answer")

// said is what a program wrote, the first 64 KiB of each stream.
type said struct{ stdout, stderr []byte }

// capture runs a program and waits for it, but never longer than the limit and two seconds: nvidia-smi on a stuck driver
// cannot even be killed (it sleeps in the kernel), so that a goroutine is left to wait for it.
func capture(ctx context.Context, limit time.Duration, path string, argv []string, dir string, env []string) (said, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var stdout, stderr head
	cmd := exec.CommandContext(limited, path)
	cmd.Args, cmd.Dir, cmd.Env = argv, dir, env
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second // what it left behind may hold the pipes
	alone(cmd)
	if err := cmd.Start(); err != nil {
		return said{}, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	var err error
	select {
	case err = <-done:
	case <-limited.Done():
		select {
		case err = <-done:
		case <-time.After(2 * time.Second):
			return said{}, noAnswer(ctx, limit) // the buffers are still written to: they are not looked at
		}
	}
	if limited.Err() != nil && err != nil {
		return said{}, noAnswer(ctx, limit)
	}
	return said{stdout.Bytes(), stderr.Bytes()}, err
}

// noAnswer says why a program was not waited for.
func noAnswer(ctx context.Context, limit time.Duration) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("%w within %v", errNoAnswer, limit)
}

// head keeps the first bytes written to it and swallows the rest.
type head struct{ bytes.Buffer }

func (h *head) Write(p []byte) (int, error) {
	if room := readCap - h.Len(); room > 0 {
		h.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
