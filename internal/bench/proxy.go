package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// window is how many bytes of a connection may be on their way at once, as a TCP
// window on a long line allows them.
const window = 4 << 20

// proxy stands before a server and is a longer line to it: what a client sends
// arrives later, and what the server answers comes back at once. So each request
// takes that much longer, and each new connection too. It does not look into what
// passes, and answers go from socket to socket without passing through it where
// the system can do that: the processor time that it takes is small.
func proxy(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("proxy ADDRESS DELAY")
	}
	delay, err := time.ParseDuration(args[1])
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	context.AfterFunc(ctx, func() { l.Close() })
	go func() { // it ends with the process that started it
		_, _ = io.Copy(io.Discard, os.Stdin)
		l.Close()
	}()
	return (&line{to: args[0], delay: delay}).serve(l)
}

// line is a way to a server that is longer by a delay.
type line struct {
	to    string
	delay time.Duration
}

// serve takes connections until the listener is closed.
func (p *line) serve(l net.Listener) error {
	for {
		client, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		go p.pass(client)
	}
}

// pass carries one connection.
func (p *line) pass(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		// Either end: the client has what there is of the answer.
		_, _ = io.Copy(client, server)
		client.Close()
	}()
	p.later(server, client)
}

// chunk is what is on its way.
type chunk struct {
	bytes []byte
	due   time.Time
}

// later copies with the delay. A reader that is at the end of the window waits.
func (p *line) later(to io.Writer, from io.Reader) {
	const size = 64 << 10
	way, free, gone := make(chan chunk, window/size), make(chan []byte, window/size), make(chan struct{})
	defer func() { close(way); <-gone }()
	go func() {
		defer close(gone)
		broken := false
		for c := range way {
			if !broken {
				time.Sleep(time.Until(c.due))
				_, err := to.Write(c.bytes)
				broken = err != nil
			}
			free <- c.bytes[:cap(c.bytes)]
		}
	}()
	made := 0
	opened := time.Now().Add(p.delay) // the handshake has the same way
	for {
		var buffer []byte
		select {
		case buffer = <-free:
		default:
			if made < window/size {
				made, buffer = made+1, make([]byte, size)
			} else {
				buffer = <-free
			}
		}
		n, err := from.Read(buffer)
		if n > 0 {
			due := time.Now()
			if due.Before(opened) {
				due = opened
			}
			way <- chunk{buffer[:n], due.Add(p.delay)}
		}
		if err != nil {
			return
		}
	}
}
