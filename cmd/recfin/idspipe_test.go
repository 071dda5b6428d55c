//go:build unix

package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A list of which nothing ever comes, be it a named pipe that nobody opens, ends with
// the command.
func TestIDsOfNobody(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	never, writer := io.Pipe()
	t.Cleanup(func() { writer.Close() })
	t.Cleanup(func() { // lets go of whoever still opens it
		if f, err := os.OpenFile(pipe, os.O_RDWR, 0); err == nil {
			f.Close()
		}
	})
	for _, name := range []string{pipe, "-"} {
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			_, err := listed(ctx, name, never)
			ended <- err
		}()
		end()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
