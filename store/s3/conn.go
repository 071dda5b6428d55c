package s3

import (
	"context"
	"net"
	"time"
)

// writeStep is the longest write that shares one deadline, in bytes.
const writeStep = 64 << 10

// idleConn is a connection that fails when no byte moves for a while. A read
// waits for that long at most, counted from its start or from the last byte
// that was written meanwhile: an answer may take its time while a body is still
// on its way up, and a reader that pauses between two reads loses nothing.
type idleConn struct {
	net.Conn
	idle time.Duration
}

func (c *idleConn) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.idle)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

func (c *idleConn) Write(p []byte) (int, error) {
	done := 0
	for {
		step := p[done:min(len(p), done+writeStep)]
		if err := c.SetDeadline(time.Now().Add(c.idle)); err != nil {
			return done, err
		}
		n, err := c.Conn.Write(step)
		done += n
		if err != nil || done == len(p) {
			return done, err
		}
	}
}

type dialFunc func(ctx context.Context, network, addr string) (net.Conn, error)

// dialIdle dials connections with an idle deadline.
func dialIdle(connect, idle time.Duration) dialFunc {
	d := &net.Dialer{Timeout: connect, KeepAlive: 30 * time.Second}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := d.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &idleConn{Conn: c, idle: idle}, nil
	}
}
