package main

import (
	"io"
	"os"
	"runtime"

	"golang.org/x/term"
)

// Values of --log-format, --log-level and --progress that depend on where the
// output goes.
const (
	byTerminal = "auto"
	onAlways   = "always"
	onNever    = "never"
)

// fileOf is the file that an output of execute goes to; nil: it is none.
func fileOf(w io.Writer) *os.File {
	if v, ok := w.(*visible); ok {
		w = v.to
	}
	f, _ := w.(*os.File)
	return f
}

// terminal is the terminal that an output of execute goes to; nil: it is none.
func terminal(w io.Writer) *os.File {
	if f := fileOf(w); f != nil && term.IsTerminal(int(f.Fd())) {
		return f
	}
	return nil
}

// movable reports whether the cursor of the terminals of this process can be moved.
func movable() bool {
	name := os.Getenv("TERM")
	return name != "dumb" && (name != "" || runtime.GOOS == "windows")
}

// columns is how wide a terminal is; one that does not say is as wide as most were.
func columns(f *os.File) int {
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		return 80
	}
	return width
}

// sameTerminal reports whether two files are one terminal.
func sameTerminal(a, b *os.File) bool {
	if a == nil || b == nil {
		return false
	}
	x, err := a.Stat()
	if err != nil {
		return false
	}
	y, err := b.Stat()
	return err == nil && os.SameFile(x, y)
}
