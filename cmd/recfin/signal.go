package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"
)

// defaultGrace is less than the 30 s that Kubernetes waits before it kills.
const defaultGrace = 25 * time.Second

// ending is how a process ends by SIGINT or SIGTERM. The first one ends the
// context: no work is taken any more, uploads are aborted and leases released.
// When the grace is over the process ends whatever is under way, and with a second
// signal at once. Either is safe at any moment; the next run carries on.
type ending struct {
	voice
	stderr io.Writer
	exit   func(code int)
	grace  atomic.Int64 // ns

	mu   sync.Mutex
	last []func(code int)
}

// atExit has something done when the exit code is known, whatever has become of the
// command.
func (e *ending) atExit(do func(code int)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last = append(e.last, do)
}

// tell does what atExit was given.
func (e *ending) tell(code int) {
	e.mu.Lock()
	last := e.last
	e.mu.Unlock()
	for _, do := range last {
		do(code)
	}
}

// signals gives a context that ends with the first SIGINT or SIGTERM. by gives the
// exit code of the signal, or 0.
func (e *ending) signals() (ctx context.Context, stop func(), by func() int) {
	e.grace.Store(int64(defaultGrace))
	ctx, cancel := context.WithCancelCause(context.WithValue(context.Background(), endingKey{}, e))
	ch := make(chan os.Signal, 2)
	signal.Notify(ch, os.Interrupt, syscall.SIGTERM)
	go func() {
		if first, ok := <-ch; ok {
			cancel(interrupted{first})
			e.await(first, ch)
		}
	}()
	stop = func() {
		signal.Stop(ch)
		close(ch)
		cancel(nil)
	}
	by = func() int {
		if i, ok := context.Cause(ctx).(interrupted); ok {
			return signalCode(i.sig)
		}
		return 0
	}
	return ctx, stop, by
}

// await ends the process with the second signal, or when the grace is over.
func (e *ending) await(first os.Signal, ch <-chan os.Signal) {
	grace := time.Duration(e.grace.Load())
	over := time.NewTimer(grace)
	defer over.Stop()
	select {
	case second, ok := <-ch:
		if ok {
			e.inTime(e.tidyUp)
			e.exit(signalCode(second))
		}
	case <-over.C:
		e.inTime(func() {
			e.tidyUp()
			e.say(fmt.Sprintf("interrupted, and what was under way has not ended within %v; the next run carries on", grace))
		})
		e.exit(signalCode(first))
	}
}

// inTime does what should be done before the process ends, and does not wait for it
// for ever: whoever reads what it writes may hang too.
func (e *ending) inTime(do func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
	case <-time.After(time.Second):
	}
}

// endingKey is where a context of signals has its ending.
type endingKey struct{}

// setGrace takes the grace from the flags.
func setGrace(c *cli.Context) error {
	grace := c.Duration(flagGrace)
	if grace < 0 {
		return usagef("--%s %s: want 0 or more", flagGrace, grace)
	}
	if e, ok := c.Context.Value(endingKey{}).(*ending); ok {
		e.grace.Store(int64(grace))
	}
	return nil
}

func graceFlag() cli.Flag {
	return duration(flagGrace, defaultGrace, "after SIGTERM or SIGINT: end what is under way within so much time (uploads are aborted, leases released), and then whatever is under way; a second signal ends at once")
}

type interrupted struct{ sig os.Signal }

func (i interrupted) Error() string { return "interrupted by " + i.sig.String() }

func signalCode(sig os.Signal) int {
	if sig == syscall.SIGTERM {
		return exitTerminated
	}
	return exitInterrupted
}
