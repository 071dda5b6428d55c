package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Contenders of latency.
const (
	nameNear = "recfin, through a proxy that adds nothing"
	nameFar  = "recfin, through a proxy that adds 40 ms"

	delayFar = 40 * time.Millisecond
)

// runLatency compares the same store from near and from far. Both go through a
// proxy, so that what the proxy takes of the processors is the same.
func runLatency(ctx context.Context, l *lab) ([]result, error) {
	if _, err := l.fillGateway(ctx); err != nil {
		return nil, err
	}
	near, stopNear, err := l.startProxy(ctx, 0)
	if err != nil {
		return nil, err
	}
	defer stopNear()
	far, stopFar, err := l.startProxy(ctx, delayFar)
	if err != nil {
		return nil, err
	}
	defer stopFar()
	return l.compete(ctx, []contender{l.finalizeVia(nameNear, near), l.finalizeVia(nameFar, far)}, l.rounds)
}

// finalizeVia is recfin from store to store, by way of an address.
func (l *lab) finalizeVia(name, addr string) contender {
	via := func(raw string) string {
		direct, err := url.Parse(l.gateway.server.Endpoint)
		if err != nil {
			return raw
		}
		return strings.Replace(raw, direct.Host, addr, 1)
	}
	return l.finalizeStore(name, via(l.gateway.url(sources)), func(r *room) string { return via(l.outURL(r)) }, "--format", "mp4")
}

// startProxy starts a proxy in a process of its own. It lives until its standard
// input ends, which stop does, and the end of this process too.
func (l *lab) startProxy(ctx context.Context, delay time.Duration) (addr string, stop func(), err error) {
	direct, err := url.Parse(l.gateway.server.Endpoint)
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, l.self, "proxy", direct.Host, delay.String())
	cmd.Stderr = os.Stderr
	hold, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	said, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		hold.Close()
		_, _ = io.Copy(io.Discard, said)
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(said).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("the proxy says no address: %w", err)
	}
	return strings.TrimSpace(line), stop, nil
}

// judgeLatency: point 7.
func judgeLatency(f *figures) []verdict {
	v := f.against("latency", nameFar, nameNear, "wall time with 40 ms more for each request, to that without", wall, 1.2)
	for i := range v {
		v[i].point, v[i].front = 7, true
	}
	return v
}
