package main

import (
	"time"

	"recfin/finalize"
)

// watcher sees a command at work: the log, the progress bars, the metrics.
type watcher interface {
	// event is called from several goroutines.
	event(finalize.Event)
	// report is called once for each recording that the command says something of, when
	// the work on it has ended; never twice at once.
	report(r *finalize.Report, took time.Duration)
	// end is called once, when all is done, with the exit code that the command has
	// come to. What it cannot do is said in the log and changes no exit code.
	end(code int)
}

// crowd is a watcher that wants to know of all recordings, also of those that the
// command says nothing of.
type crowd interface {
	// expect is called when so many more recordings are to be worked on.
	expect(n int)
	// left is called from several goroutines, once for each of them, when the work on
	// it has ended and report, if at all, has been called.
	left(recording string)
}

// closer is a watcher that counts what is finished and was passed over.
type closer interface {
	// closed is called once at most, with how many recordings of this share that are, and
	// what it cost to see of some of them that nothing has changed.
	closed(n int, cost finalize.Cost)
}

// watchers are told one after the other.
type watchers []watcher

func (all watchers) event(e finalize.Event) {
	for _, w := range all {
		w.event(e)
	}
}

func (all watchers) report(r *finalize.Report, took time.Duration) {
	for _, w := range all {
		w.report(r, took)
	}
}

func (all watchers) expect(n int) {
	for _, w := range all {
		if c, ok := w.(crowd); ok {
			c.expect(n)
		}
	}
}

func (all watchers) left(recording string) {
	for _, w := range all {
		if c, ok := w.(crowd); ok {
			c.left(recording)
		}
	}
}

func (all watchers) closed(n int, cost finalize.Cost) {
	for _, w := range all {
		if c, ok := w.(closer); ok {
			c.closed(n, cost)
		}
	}
}

func (all watchers) end(code int) {
	for _, w := range all {
		w.end(code)
	}
}
