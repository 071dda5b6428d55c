package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"recfin/serve"
)

// Names of the flags of serve.
const (
	flagListen = "listen"
	flagHost   = "allow-host"
	flagOrigin = "allow-origin"
)

const defaultListen = "127.0.0.1:8080"

func serveCommand() *cli.Command {
	return &cli.Command{
		Name:        "serve",
		Usage:       "look at recordings in a browser, before they are finalized and after; changes nothing",
		UsageText:   "recfin serve [flags] [ID...]",
		Description: serveHelp,
		Flags:       append(withoutJSON(sourceFlags()), serveFlags()...),
		Action: func(c *cli.Context) error {
			if err := c.Set(flagFormat, "hls"); err != nil { // nothing is written, so no format can be impossible
				return err
			}
			return withFinalizer(c, func(s *session) error { return s.serve(c) })
		},
	}
}

func serveFlags() []cli.Flag {
	return []cli.Flag{
		text(flagListen, defaultListen, "answer at this address (host:port); anything but a loopback address lets all who reach it see the recordings"),
		&cli.StringSliceFlag{Name: flagHost, Usage: "answer under this host `NAME` too, besides localhost and addresses; '*' is any (repeatable)", EnvVars: env(flagHost)},
		&cli.StringSliceFlag{Name: flagOrigin, Usage: "let scripts of this `ORIGIN` (https://player.example) load playlists and media, besides those of this machine; '*' is any (repeatable)", EnvVars: env(flagOrigin)},
	}
}

// serve answers until it is told to end, which is how it ends well.
func (s *session) serve(c *cli.Context) error {
	at := c.String(flagListen)
	host, _, err := net.SplitHostPort(at)
	if err != nil {
		return usagef("--%s %q: want host:port, such as %s", flagListen, at, defaultListen)
	}
	origins := values(c, flagOrigin)
	for _, o := range origins {
		if scheme, rest, ok := strings.Cut(o, "://"); o != "*" && (!ok || scheme == "" || rest == "" || strings.Contains(strings.TrimSuffix(rest, "/"), "/")) {
			return usagef("--%s %q: want an origin such as https://player.example, or '*'", flagOrigin, o)
		}
	}
	cfg := s.cfg
	cfg.Notify = nil       // of looking there is nothing to tell
	cfg.AsCommitted = true // the format is that of what can be played here
	server, err := serve.New(serve.Options{
		Config: cfg, Recordings: distinct(c.Args().Slice()), Generated: "recfin serve, " + strings.Join(s.sources, ", "),
		Hosts: append(values(c, flagHost), host), Origins: origins,
		Trouble: func(path string, err error) {
			s.log.warn("an answer failed", "path", printable(path), "error", err)
		},
	})
	if err != nil {
		return err
	}
	var listening net.ListenConfig
	l, err := listening.Listen(c.Context, "tcp", at)
	if err != nil {
		return unheard(at, err)
	}
	if !onlyHere(l.Addr()) {
		s.log.warn("whoever reaches this address can see the recordings: there is no password", "listen", l.Addr().String(), "hint", "--listen "+defaultListen+", and a tunnel (ssh -L) from elsewhere")
	}
	fmt.Fprintln(s.out, urlOf(l.Addr()))
	if err := serve.Run(c.Context, l, server); err != nil {
		return fmt.Errorf("serve %s: %w", at, err)
	}
	return quiet{exitDone}
}

// unheard says why nobody can be heard at an address.
func unheard(at string, err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return quiet{exitDone}
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("listen at %s: another program does: give another port, as in --%s 127.0.0.1:8081 (0: any that is free)", at, flagListen)
	}
	var dns *net.DNSError
	var wrong *net.AddrError
	if errors.As(err, &dns) || errors.As(err, &wrong) {
		return usagef("--%s %q: %v", flagListen, at, err)
	}
	return fmt.Errorf("listen at %s: %w", at, err)
}

// onlyHere reports whether nothing but this machine reaches an address.
func onlyHere(a net.Addr) bool {
	at, err := netip.ParseAddrPort(a.String())
	return err == nil && at.Addr().Unmap().IsLoopback()
}

// urlOf is what to open in a browser on this machine.
func urlOf(a net.Addr) string {
	host := a.String()
	if at, err := netip.ParseAddrPort(host); err == nil && at.Addr().IsUnspecified() {
		host = fmt.Sprintf("localhost:%d", at.Port())
	}
	return "http://" + host + "/"
}
