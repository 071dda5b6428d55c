package s3double

import "net/http"

// Crash says when the process that talks to the double dies: at a request, before
// it takes effect or right after. Whatever it asks from then on has no effect.
type Crash struct {
	At        int  // number of the request from now on, from 0; negative: never
	After     bool // the request takes effect, and its answer is lost
	Mutations bool // count those only that may change the bucket
	// Denied answers a dead process with 403 instead of a broken connection, so that
	// a client which tries again and again gives up at once.
	Denied bool
}

// crash is a plan under way. Its fields are guarded by control.mu.
type crash struct {
	Crash
	count int
	over  bool
	dead  chan struct{} // closed when the last effect is done
}

type fate int

const (
	lives fate = iota
	dies       // this is its last effect
	dead       // it has no effect any more
)

// Crash begins a new process that dies by the plan; the channel is closed when it
// is dead, so that its test can cancel what it still does. A sweep runs once with
// Crash{At: -1}, and then for every number below Counted.
func (s *Server) Crash(plan Crash) <-chan struct{} {
	c := &crash{Crash: plan, dead: make(chan struct{})}
	s.ctl.mu.Lock()
	defer s.ctl.mu.Unlock()
	s.ctl.crash = c
	return c.dead
}

// Revive begins a new process that lives.
func (s *Server) Revive() {
	s.ctl.mu.Lock()
	defer s.ctl.mu.Unlock()
	s.ctl.crash = nil
}

// Counted is the number of requests since Crash that its plan counts, those of a
// dead process apart.
func (s *Server) Counted() int {
	s.ctl.mu.Lock()
	defer s.ctl.mu.Unlock()
	if s.ctl.crash == nil {
		return 0
	}
	return s.ctl.crash.count
}

// Crashed reports whether the process is dead.
func (s *Server) Crashed() bool {
	s.ctl.mu.Lock()
	defer s.ctl.mu.Unlock()
	return s.ctl.crash != nil && s.ctl.crash.over
}

// step counts a request and tells what becomes of it.
func (c *crash) step(x *Exchange) fate {
	if c == nil {
		return lives
	}
	x.life = c
	if c.over {
		return dead
	}
	if c.Mutations && !x.Mutates() {
		return lives
	}
	c.count++
	if c.count-1 != c.At {
		return lives
	}
	c.over = true
	if c.After {
		return dies
	}
	close(c.dead)
	return dead
}

// die ends the life of a process whose last request has had its effect.
func (c *control) die() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.crash != nil && c.crash.over && c.crash.After {
		select {
		case <-c.crash.dead:
		default:
			close(c.crash.dead)
		}
	}
}

// dead reports whether the caller has died since it asked.
func (x *Exchange) dead() bool {
	x.s.ctl.mu.Lock()
	defer x.s.ctl.mu.Unlock()
	return x.life != nil && x.life.over
}

// bury tells a dead process nothing.
func (x *Exchange) bury() {
	if x.life.Denied {
		x.load()
		x.write(Reply{refuse(http.StatusForbidden, "AccessDenied", "the process is dead")})
		return
	}
	x.Drop()
}
