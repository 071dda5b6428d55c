package finalize

import (
	"errors"
	"fmt"

	"recfin/store"
)

// Sentinels of the pipeline. Store errors come through wrapped.
var (
	// ErrUsage: the settings cannot work. A human must change them.
	ErrUsage = errors.New("wrong usage")
	// ErrNoMatch: there are keys, and no layout reads one of them. It is an ErrUsage.
	ErrNoMatch = fmt.Errorf("%w: no layout fits", ErrUsage)
	// ErrRefused: going on might lose media, or a recording is damaged. A human must look.
	ErrRefused = errors.New("refused")
	// ErrVerify: an output that was read back is not what was written. Nothing that
	// rests on it is committed or deleted.
	ErrVerify = errors.New("verification failed")
	// ErrNothing: neither segments nor a marker.
	ErrNothing = errors.New("no such recording")
	// ErrAgain: what the run stood on changed under it. Again.
	ErrAgain = errors.New("changed while it was worked on; run again")

	// errTaken: a key of the version that was being written holds other bytes.
	errTaken = errors.New("the name of the version is taken by other bytes")
	// errForm: what is there has a form of another program, or of a newer one.
	errForm = fmt.Errorf("%w", ErrRefused)
	// errMoved: the marker is not the one that the plan was made from.
	errMoved = errors.New("the marker was changed by another run")
)

// refusal is an ErrRefused whose text is the recording and the reason: the
// status beside it says the rest.
type refusal string

// Error names the recording and the reason.
func (r refusal) Error() string { return string(r) }

// Unwrap gives ErrRefused.
func (r refusal) Unwrap() error { return ErrRefused }

// Retry reports whether an error is of the kind "again": the same command may
// succeed later without anybody doing anything.
func Retry(err error) bool {
	return errors.Is(err, ErrAgain) || errors.Is(err, ErrLeased) || errors.Is(err, errMoved) ||
		errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrUnknown) ||
		errors.Is(err, store.ErrChanged) || errors.Is(err, store.ErrConflict)
}
