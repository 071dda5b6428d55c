package storetest

import (
	"errors"
	"sync"
)

// ErrCrashed is what a dead process gets from every operation.
var ErrCrashed = errors.New("the process has crashed")

// Plan says which operation of a Fault goes wrong, and how.
//
// Mutations are Put, Copy, Create, Commit, Abort (of an upload that has not ended),
// Sweep, and each single victim of Delete. Operations are those and List,
// Folders, Head, Get and Now.
type Plan struct {
	At    int   // number of the operation, from 0; negative: nothing goes wrong
	All   bool  // count all operations instead of mutations only
	After bool  // it goes wrong after it took effect (the answer is lost) instead of before
	Crash bool  // this and every later operation is ErrCrashed, Abort too
	Err   error // what a failure that is no crash returns; default store.ErrUnavailable
}

// Never is the plan of an undisturbed run, which is made to learn Count.
var Never = Plan{At: -1}

// process is one that uses stores by a plan.
type process struct {
	plan Plan

	mu      sync.Mutex
	count   int
	tripped bool
	crashed bool
}

// Count is how many operations were begun so far, the one that went wrong
// included and those of a dead process not.
func (p *process) Count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count
}

// Tripped reports whether the planned operation was reached.
func (p *process) Tripped() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tripped
}

// Crashed reports whether the process is dead.
func (p *process) Crashed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.crashed
}

type moment int

const (
	clean  moment = iota // nothing is planned here
	before               // it fails without effect
	after                // it fails after its effect
)

// step counts one operation and says what becomes of it. The error is what the
// caller returns, now or after the effect; it is ErrCrashed with before for a
// process that is dead already.
func (p *process) step(mutation bool) (moment, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.crashed {
		return before, ErrCrashed
	}
	if !mutation && !p.plan.All {
		return clean, nil
	}
	p.count++
	if p.count-1 != p.plan.At {
		return clean, nil
	}
	p.tripped = true
	err := p.plan.Err
	if p.plan.Crash {
		p.crashed = true
		err = ErrCrashed
	}
	if p.plan.After {
		return after, err
	}
	return before, err
}
