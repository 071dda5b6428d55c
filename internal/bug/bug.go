// Package bug keeps a mistake of this program to the work that met it. A panic in
// one recording's work becomes an error of that recording: the other recordings of
// the night matter more than the end of the process, and nothing is committed or
// deleted by work that ended with an error.
//
// A panic ends the whole process if it leaves the goroutine in which it happened,
// so all goroutines that work for a recording are started by a [Group]. What the
// runtime ends by itself (no memory, a map that several write) cannot be caught.
package bug

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Error is a panic that was caught.
type Error struct {
	// What is the text of a runtime error; of anything else only its type, because it
	// may hold anything, a secret among it.
	What string
	// Stack says where, without any value but addresses and lengths.
	Stack []byte
}

// Error asks for a report.
func (e *Error) Error() string {
	return "a bug of recfin: please report it with what --log-level debug says: panic: " + e.What
}

// Catch makes a panic of the function that defers it the error of that function.
func Catch(err *error) {
	switch v := recover().(type) {
	case nil:
	case runtime.Error:
		*err = &Error{What: v.Error(), Stack: debug.Stack()}
	default:
		*err = &Error{What: fmt.Sprintf("%T", v), Stack: debug.Stack()}
	}
}

// Contain does some work; where it panics, an [Error] is its error.
func Contain(work func() error) (err error) {
	defer Catch(&err)
	return work()
}
