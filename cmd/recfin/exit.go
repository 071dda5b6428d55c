package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"recfin/finalize"
	"recfin/store"
)

// Exit codes. Other programs read them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitPartly      = 3
	exitNotSettled  = 4
	exitRefused     = 5
	exitUnavailable = 6
	exitLeased      = 11
	exitUsage       = 64
	exitInterrupted = 130
	exitTerminated  = 143
)

// quiet is an exit code of which the reason was printed already.
type quiet struct{ code int }

func (q quiet) Error() string { return fmt.Sprintf("exit code %d", q.code) }

func asQuiet(err error, q *quiet) bool { return errors.As(err, q) }

// endedWell reports whether a command says that it has done what it was to do, although
// a signal may have ended it: that is how a server ends.
func endedWell(err error) bool {
	var q quiet
	return asQuiet(err, &q) && q.code == exitDone
}

func usagef(format string, args ...any) error {
	return fmt.Errorf("%w: %s", finalize.ErrUsage, fmt.Sprintf(format, args...))
}

// exitCode maps an error to the code that the contract gives it.
func exitCode(err error) int {
	var q quiet
	switch {
	case err == nil:
		return exitDone
	case asQuiet(err, &q):
		return q.code
	case errors.Is(err, finalize.ErrUsage), errors.Is(err, store.ErrNoStore), errors.Is(err, store.ErrDenied):
		return exitUsage
	case errors.Is(err, finalize.ErrLeased):
		return exitLeased
	case errors.Is(err, finalize.ErrRefused):
		return exitRefused
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return exitUnavailable
	}
	return exitFailed
}

// advice says what to do about an error that does not say so itself.
func advice(err error) string {
	switch {
	case errors.Is(err, store.ErrDenied):
		return ": check the credentials and what they are allowed"
	case errors.Is(err, store.ErrNoStore):
		return ": check the URL given as --store or --out"
	case errors.Is(err, store.ErrFull):
		return ": make room, or make it writable, and run again"
	case errors.Is(err, store.ErrArchived):
		return ": restore it, and run again"
	case errors.Is(err, finalize.ErrLeased): // it says so itself
	case errors.Is(err, store.ErrUnavailable), finalize.Retry(err):
		return ": run again later"
	}
	return ""
}

// outcome sums up the reports of one command. direct: the recordings were named
// by hand, so one that is not settled, or that another run holds, is the answer
// and not just counted.
func outcome(ends []ended, direct bool) int {
	failed, code, kept, short, waiting := 0, exitDone, 0, 0, 0
	for i := range ends {
		e := &ends[i]
		if kept += e.kept; e.err == nil && e.short {
			short++
		}
		switch {
		case e.err == nil && e.status == finalize.NotSettled:
			waiting++
		case e.err != nil && e.status == finalize.Leased && !direct:
		case e.err != nil:
			failed++
			if c := exitCode(e.err); code == exitDone || code == c {
				code = c
			} else {
				code = exitFailed
			}
		}
	}
	switch {
	case failed > 0 && failed < len(ends):
		return exitPartly
	case failed > 0:
		return code
	case kept+short > 0:
		return exitPartly
	case waiting > 0 && direct:
		return exitNotSettled
	}
	return exitDone
}

// flagName is the name of a flag in an argument such as --store or --store=x.
func flagName(arg string) (name string, ok bool) {
	if len(arg) < 2 || arg[0] != '-' {
		return "", false
	}
	name, _, _ = strings.Cut(strings.TrimLeft(arg, "-"), "=")
	return name, name != ""
}

func hasValue(arg string) bool { return strings.Contains(arg, "=") }
