package s3double

import (
	"net/http"
	"slices"
)

// enter numbers and logs a request, and reports whether it is to be answered as
// usual; what else there is to say has been said then.
func (s *Server) enter(x *Exchange) bool {
	c := &s.ctl
	c.mu.Lock()
	x.N, x.OpN = len(c.log), c.counts[x.Op]
	c.counts[x.Op]++
	kept := x.Request
	kept.Header = nil // of a long run they would be most of the memory
	c.log = append(c.log, kept)
	c.active++
	crowded := c.ceiling > 0 && c.active > c.ceiling
	due := c.due()
	fate := c.crash.step(x)
	c.mu.Unlock()
	for _, l := range due {
		l.Effect()
	}
	switch {
	case fate == dies:
		x.Effect()
		c.die()
		x.bury()
		return false
	case fate == dead:
		x.bury()
		return false
	case crowded:
		x.Refuse(http.StatusServiceUnavailable, "SlowDown")
		return false
	}
	return true
}

func (s *Server) leave(*Exchange) {
	s.ctl.mu.Lock()
	s.ctl.active--
	s.ctl.mu.Unlock()
}

// Hook sees each request before the faults do. It may answer it and return true;
// otherwise the double goes on. Nil takes it away.
func (s *Server) Hook(hook func(x *Exchange) (answered bool)) {
	s.ctl.mu.Lock()
	defer s.ctl.mu.Unlock()
	s.ctl.hook = hook
}

// Ceiling makes the store answer 503 SlowDown to a request that arrives while n
// others are under way; 0 lifts it.
func (s *Server) Ceiling(n int) {
	s.ctl.mu.Lock()
	defer s.ctl.mu.Unlock()
	s.ctl.ceiling = n
}

// Calm takes hook, faults, ceiling and crash away; what is late takes effect.
func (s *Server) Calm() {
	s.ctl.mu.Lock()
	s.ctl.hook, s.ctl.faults, s.ctl.ceiling, s.ctl.crash = nil, nil, 0, nil
	s.ctl.mu.Unlock()
	s.Settle()
}

// Log gives the requests so far, in the order of their arrival and without headers.
func (s *Server) Log() []Request {
	s.ctl.mu.Lock()
	defer s.ctl.mu.Unlock()
	return slices.Clone(s.ctl.log)
}

// Count is how often an operation was asked for, refused or not.
func (s *Server) Count(op string) int {
	s.ctl.mu.Lock()
	defer s.ctl.mu.Unlock()
	return s.ctl.counts[op]
}
