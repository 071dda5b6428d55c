package store

import (
	"context"
	"errors"
	"time"
)

// Limits of Reread: a store that is silent is given up within a minute.
const (
	maxReads   = 4
	rereadTime = 20 * time.Second
)

// Reread calls read, which opens a body and reads it to its end. A body that was
// opened, and then broke off or was spoilt on its way (ErrUnavailable), says nothing
// about the object: it is read again from its start, some times and not for long.
// read reports whether a body was opened; to open one the store has tried as often
// as it should.
func Reread(ctx context.Context, read func() (opened bool, err error)) error {
	begun := time.Now()
	for n := 1; ; n++ {
		opened, err := read()
		if err == nil || !opened || !errors.Is(err, ErrUnavailable) || n == maxReads || ctx.Err() != nil || time.Since(begun) > rereadTime {
			return err
		}
	}
}
