//go:build unix

package progress

import (
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"recfin/finalize"
)

// shown are bars at a terminal, drawn only when a test says so, and what came out.
type shown struct {
	*Bars
	pty, tty *os.File
	time     time.Time
}

func newShown(t *testing.T) *shown {
	t.Helper()
	s := &shown{time: started}
	var err error
	if s.pty, s.tty, err = pty.Open(); err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(s.pty, &pty.Winsize{Rows: 24, Cols: 60}); err != nil {
		t.Fatal(err)
	}
	s.Bars = newBars(s.tty, asIs, func() time.Time { return s.time })
	t.Cleanup(func() { _ = s.pty.Close() })
	return s
}

// tick draws what has changed a second later.
func (s *shown) tick() {
	s.time = s.time.Add(time.Second)
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.draw(nil)
}

// all is everything that was written.
func (s *shown) all(t *testing.T) string {
	t.Helper()
	_ = s.tty.Close()
	raw, _ := io.ReadAll(s.pty) // a terminal that nobody writes to is an error
	return strings.ReplaceAll(string(raw), "\r\n", "\n")
}

func step(name string, done int64) finalize.Event {
	return finalize.Event{Recording: name, Stage: finalize.StageMeasure, Done: done, Total: 4, Unit: finalize.UnitSegments}
}

// What is written goes above the lines, whole; what has not changed is not drawn
// again; at the end there is nothing.
func TestBars(t *testing.T) {
	s := newShown(t)
	s.Expect(1)
	s.Event(step("foo", 1))
	s.tick()
	s.mu.Lock()
	_ = s.draw(nil) // nothing has changed
	s.mu.Unlock()
	for _, part := range []string{"a war", "ning\nand", " more\n", "a beginning"} {
		if n, err := s.Write([]byte(part)); n != len(part) || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	s.Left("foo")
	s.tick()
	s.Close()
	s.Close()
	if _, err := s.Write([]byte(" and its end\n")); err != nil {
		t.Error(err)
	}
	s.Event(step("foo", 2)) // late
	const up, bar = "\x1b[1A\x1b[J\r\x1b[K", "foo  measure  [======>                   ]  1 of 4 segments\n"

	want := bar + up + "a warning\n" + bar + up + "and more\n" + bar + up + "a beginning and its end\n"
	if got := s.all(t); got != want {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
}

// Nothing is written where there is nothing to show: not one sequence.
func TestBarsOfNothing(t *testing.T) {
	s := newShown(t)
	s.tick()
	if _, err := s.Write([]byte("a line\n")); err != nil {
		t.Error(err)
	}
	s.Event(step("short", 1))
	s.Left("short")
	s.tick()
	s.Close()
	if got := s.all(t); got != "a line\n" {
		t.Errorf("%q", got)
	}
}

// A terminal that is gone stops no work, and takes no memory.
func TestBarsWithoutTerminal(t *testing.T) {
	s := newShown(t)
	s.Event(step("foo", 1))
	_ = s.tty.Close()
	for n := range int64(100) {
		s.tick()
		s.Event(step("foo", n%4))
	}
	if _, err := s.Write([]byte("a line\n")); err == nil {
		t.Error("a line was written to nowhere")
	}
	if s.cw.Len() > 1000 {
		t.Errorf("%d bytes wait for a terminal that is gone", s.cw.Len())
	}
	s.Close()
}

// Everything at once, for the race detector; at the end every line is whole.
func TestBarsAtOnce(t *testing.T) {
	s := newShown(t)
	b := New(s.tty, asIs)
	done := make(chan string)
	go func() {
		raw, _ := io.ReadAll(s.pty)
		done <- string(raw)
	}()
	var g sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d"} {
		g.Go(func() {
			for n := range int64(200) {
				b.Event(step(name, n%5))
				if n%50 == 0 {
					if _, err := b.Write([]byte("line of " + name + "\n")); err != nil {
						t.Error(err)
					}
				}
			}
			b.Left(name)
		})
	}
	g.Wait()
	b.Close()
	_ = s.tty.Close()
	text := <-done
	for _, name := range []string{"a", "b", "c", "d"} {
		if n := strings.Count(text, "line of "+name+"\r\n"); n != 4 {
			t.Errorf("%d lines of %s in %q", n, name, text)
		}
	}
}
