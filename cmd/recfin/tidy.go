package main

import (
	"context"
	"fmt"
	"sync"
)

// voice is how a command line has its last word: as a line of text or, where the log
// has the form of JSON, as a line of that; and what is to be put in order before it.
type voice struct {
	mu   sync.Mutex
	log  *logger
	tidy []func()
}

// say writes an error, or that a signal has ended the work.
func (e *ending) say(text string) {
	e.voice.mu.Lock()
	log := e.log
	e.voice.mu.Unlock()
	if log == nil {
		fmt.Fprintln(e.stderr, "recfin: "+text)
		return
	}
	log.Error(msgError, keyError, text)
}

// speak makes a log the form of the last word.
func (v *voice) speak(l *logger) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.log = nil; l.json {
		v.log = l
	}
}

// before has something done before the process ends, whichever way it ends.
func (v *voice) before(do func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.tidy = append(v.tidy, do)
}

// tidyUp does it.
func (v *voice) tidyUp() {
	v.mu.Lock()
	all := v.tidy
	v.tidy = nil
	v.mu.Unlock()
	for _, do := range all {
		do()
	}
}

// endingOf is the ending of the process that a command runs in; in a test there may
// be none, and then it is one that nobody hears.
func endingOf(ctx context.Context) *ending {
	if e, ok := ctx.Value(endingKey{}).(*ending); ok {
		return e
	}
	return &ending{}
}

// codeAfter is the exit code of a command that ended with an error, or by a signal.
func codeAfter(ctx context.Context, err error) int {
	if i, ok := context.Cause(ctx).(interrupted); ok && !endedWell(err) {
		return signalCode(i.sig)
	}
	return exitCode(err)
}
