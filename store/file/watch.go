package file

import (
	"errors"
	"os"
)

// Kind is one kind of operation on the file system.
type Kind uint8

// Operations that change what is there, or what survives a power cut.
const (
	Mkdir      Kind = iota + 1 // a folder Name
	SyncFolder                 // the names in the folder Name
	Create                     // the file Name, new and empty; nameless if Name is empty. File is it, once it is made
	Write                      // Len bytes of File from Off on
	Sync                       // the data, size and modification time of File
	Touch                      // the modification time of File
	Link                       // File, which may have the name Old, also gets Name, which must be free
	Rename                     // Old becomes Name, in the place of what is there
	RenameNew                  // Old becomes Name, which must be free
	Remove                     // the name Name

	// Operations that change nothing.
	Open    // the file or folder Name, for reading; File is it, once it is open
	Read    // from File, which was opened as Name
	Stat    // Name, or File where Name is empty
	ReadDir // names of the folder Name
	Lock    // File
)

// Changes reports whether an operation of that kind changes anything.
func (k Kind) Changes() bool { return k <= Remove }

func (k Kind) String() string {
	names := [...]string{
		"nothing", "mkdir", "sync the folder", "create", "write", "sync", "touch", "link", "rename", "rename to a free name", "remove",
		"open", "read", "stat", "read the folder", "lock",
	}
	if int(k) >= len(names) {
		return "unknown"
	}
	return names[k]
}

// Op is one operation. Names are paths below the root, as keys are.
type Op struct {
	Kind      Kind
	Name, Old string
	File      *os.File
	Off, Len  int64
}

// Watch is told of every operation of a store on its file system. That is for
// tests: one that forgets what was not synced, or that fails where it is told to.
type Watch interface {
	// Before is called first. An error takes the place of the operation and is
	// its outcome, but ErrDone takes its place and is success.
	Before(op *Op) error
	// After is called when the operation was done, with its outcome, and gives
	// the outcome that the store shall see.
	After(op *Op, err error) error
}

// ErrDone says that Watch.Before has done the operation itself.
var ErrDone = errors.New("done")

// NewWatched opens the folder at path as New does, and tells w of every
// operation from then on.
func NewWatched(path string, w Watch) (*Store, error) {
	s, err := New(path)
	if err != nil {
		return nil, err
	}
	s.disk.watch = w
	return s, nil
}
