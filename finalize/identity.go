package finalize

// Identity says who runs, so that the lease of a process that is gone can be told
// from that of one which works. It is written into leases and nowhere else.
type Identity struct {
	Host    string // name of the machine; empty: unknown, and no lease is taken
	Boot    string // identifies the time since the machine was started; empty: unknown
	PIDs    string // names the space in which process numbers are told apart (a container has its own); empty: unknown
	PID     int    // number of the process
	Started int64  // when the process was started, in a unit of the machine; tells two with one number apart

	// Alive reports whether the process with this number that was started then still
	// runs on this machine. nil: that cannot be told.
	Alive func(pid int, started int64) bool
}

// knows reports whether there is somebody to hold a lease.
func (id Identity) knows() bool { return id.Host != "" }

// seesDead reports whether the process that holds a lease is known to be gone: it
// ran on this machine before it was started anew, or its number is nobody's now.
// Where neither can be told, a lease ends by its age alone.
func (id Identity) seesDead(l *Lease) bool {
	if l.Host != id.Host || id.Host == "" || l.Boot == "" || id.Boot == "" {
		return false
	}
	if l.Boot != id.Boot {
		return true
	}
	return l.PIDs == id.PIDs && id.Alive != nil && !id.Alive(l.PID, l.Started)
}
