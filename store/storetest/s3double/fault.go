package s3double

import "path"

// Fault meets some requests with an effect. Of those that fit Op, Key and Match the
// first After pass, then Times are met, each with chance Rate.
type Fault struct {
	Op    string             // operation; empty: any
	Key   string             // pattern of package path; empty: any
	Match func(Request) bool // such as Request.Mutates; nil: any
	After int
	Times int     // 0: all
	Rate  float64 // 0: each
	Do    Effect
}

// Effect is what becomes of a request that a fault meets.
type Effect func(x *Exchange)

// Armed is a fault at work.
type Armed struct {
	s *Server
	a *armed
}

type armed struct {
	Fault
	passed, met int
	stopped     bool
}

// Fault arms a fault. The first one that fits meets a request.
func (s *Server) Fault(f Fault) Armed {
	a := &armed{Fault: f}
	s.ctl.mu.Lock()
	defer s.ctl.mu.Unlock()
	s.ctl.faults = append(s.ctl.faults, a)
	return Armed{s, a}
}

// Met is how many requests it has met.
func (a Armed) Met() int {
	a.s.ctl.mu.Lock()
	defer a.s.ctl.mu.Unlock()
	return a.a.met
}

// Stop takes it away.
func (a Armed) Stop() {
	a.s.ctl.mu.Lock()
	defer a.s.ctl.mu.Unlock()
	a.a.stopped = true
}

// fault gives the effect that meets a request, or nil.
func (s *Server) fault(x *Exchange) Effect {
	s.ctl.mu.Lock()
	defer s.ctl.mu.Unlock()
	for _, a := range s.ctl.faults {
		if a.meets(x.Request, s.ctl.dice.Float64) {
			return a.Do
		}
	}
	return nil
}

func (a *armed) meets(r Request, chance func() float64) bool {
	if a.stopped || a.Op != "" && a.Op != r.Op || a.Match != nil && !a.Match(r) {
		return false
	}
	if fits, err := path.Match(a.Key, r.Key); a.Key != "" && a.Key != r.Key && (err != nil || !fits) {
		return false
	}
	if a.passed < a.After {
		a.passed++
		return false
	}
	if a.Times > 0 && a.met >= a.Times || a.Rate > 0 && chance() >= a.Rate {
		return false
	}
	a.met++
	return true
}
