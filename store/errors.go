package store

import (
	"errors"
	"strings"
)

// Sentinels. Test for them with errors.Is.
var (
	ErrNotExist = errors.New("no such object")                      // the key holds nothing
	ErrNoStore  = errors.New("no such bucket or folder")            // a human must look
	ErrConflict = errors.New("another version is there")            // a condition on a write failed
	ErrChanged  = errors.New("changed since it was listed")         // a pinned read or delete met another version
	ErrWeak     = errors.New("its ETag cannot prove what it is")    // a delete without proof is refused
	ErrRange    = errors.New("range is outside of the object")      //
	ErrUnknown  = errors.New("the outcome of the write is unknown") // read the key and see; again
	ErrArchived = errors.New("object is archived and must be restored first")

	// ErrUnavailable: the store does not answer, or says "later". Again.
	ErrUnavailable = errors.New("the store is unavailable")
	// ErrDenied: credentials are missing, wrong or not sufficient. A human must look.
	ErrDenied = errors.New("access denied")
	// ErrInvalid: the call can never work (a bad key, a contradiction in options). A human must look.
	ErrInvalid = errors.New("invalid request")
	// ErrFull: no room, or a read-only store. A human must look.
	ErrFull = errors.New("the store cannot take more")
)

// Error says what was being done, in which store and to which key.
type Error struct {
	Op    string // "list", "get", "put", …
	Store string // label
	Key   string // key or prefix; may be empty
	Err   error
}

// Error has the form "get foo/A/0.ts in s3://bucket/: no such object".
// Control characters of a key are escaped, so that it stays on its line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Key != "" {
		b.WriteByte(' ')
		b.WriteString(Printable(e.Key))
	}
	if e.Store != "" {
		b.WriteString(" in ")
		b.WriteString(e.Store)
	}
	b.WriteString(": ")
	b.WriteString(e.Err.Error())
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }
