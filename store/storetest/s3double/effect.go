package s3double

import (
	"net"
	"net/http"
	"slices"
)

// Error answers with an error, and nothing has happened: Error(503, "SlowDown"),
// Error(409, "ConditionalRequestConflict"), Error(400, "ExpiredToken"). With status
// 200 it is the error in a good answer that Complete and Copy may give.
func Error(status int, code string) Effect {
	return func(x *Exchange) { x.Refuse(status, code) }
}

// ErrorAfter answers with an error although the request took effect.
func ErrorAfter(status int, code string) Effect {
	return func(x *Exchange) {
		x.Effect()
		x.Refuse(status, code)
	}
}

// Lose lets the request take effect and loses the answer.
func Lose() Effect {
	return func(x *Exchange) {
		x.Effect()
		x.Drop()
	}
}

// Reset breaks the connection off before anything has happened.
func Reset() Effect { return (*Exchange).Reset }

// Hang never answers; nothing happens.
func Hang() Effect { return (*Exchange).Hang }

// HangAfter lets the request take effect and never answers.
func HangAfter() Effect {
	return func(x *Exchange) {
		x.Effect()
		x.Hang()
	}
}

// Wait holds a request up, before its effect, until the gate is closed or gives.
func Wait(gate <-chan struct{}) Effect {
	return func(x *Exchange) {
		x.load()
		x.wait(gate)
		x.Send(x.Effect())
	}
}

// WaitAfter lets a request take effect and holds its answer up.
func WaitAfter(gate <-chan struct{}) Effect {
	return func(x *Exchange) {
		a := x.Effect()
		x.wait(gate)
		x.Send(a)
	}
}

// Then does something of the test's own when a request has had its effect and has
// no answer yet, such as another's write.
func Then(do func()) Effect {
	return func(x *Exchange) {
		a := x.Effect()
		do()
		x.Send(a)
	}
}

// Before does something of the test's own when a request has arrived.
func Before(do func()) Effect {
	return func(x *Exchange) {
		do()
		x.Send(x.Effect())
	}
}

// Misplace changes byte off of the body that is stored, on its way from the wire to
// the disk: behind every check of what was sent.
func Misplace(off int64) Effect {
	return func(x *Exchange) {
		x.flip = off + 1
		x.Send(x.Effect())
	}
}

// wait stops until the gate opens, the caller gives up or the server closes.
func (x *Exchange) wait(gate <-chan struct{}) {
	select {
	case <-gate:
	case <-x.s.done:
		x.Drop()
	case <-x.R.Context().Done():
		x.Drop()
	}
}

// Reset ends the connection with a reset instead of an orderly end.
func (x *Exchange) Reset() {
	if h, can := x.W.(http.Hijacker); can {
		if conn, _, err := h.Hijack(); err == nil {
			if tcp, plain := conn.(*net.TCPConn); plain {
				_ = tcp.SetLinger(0)
			}
			_ = conn.Close()
			return
		}
	}
	x.Drop()
}

// lateEffect waits until so many requests have come.
type lateEffect struct {
	*Exchange
	rest int
}

// Late answers with an error at once (status 0: with a broken connection), and the
// request takes effect when n more have arrived, or by Settle.
func Late(n, status int, code string) Effect {
	return func(x *Exchange) {
		x.load()
		x.s.ctl.mu.Lock()
		x.s.ctl.late = append(x.s.ctl.late, lateEffect{x, n})
		x.s.ctl.mu.Unlock()
		if status == 0 {
			x.Drop()
		}
		x.Refuse(status, code)
	}
}

// due gives those whose time has come, by the arrival of one more request.
func (c *control) due() []*Exchange {
	var due []*Exchange
	for i := range c.late {
		if c.late[i].rest--; c.late[i].rest < 0 {
			due = append(due, c.late[i].Exchange)
		}
	}
	c.late = slices.DeleteFunc(c.late, func(l lateEffect) bool { return l.rest < 0 })
	return due
}

// Settle lets everything late take effect now, and tells how much that was.
func (s *Server) Settle() int {
	s.ctl.mu.Lock()
	late := s.ctl.late
	s.ctl.late = nil
	s.ctl.mu.Unlock()
	for _, l := range late {
		l.Effect()
	}
	return len(late)
}
