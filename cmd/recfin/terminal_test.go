//go:build unix

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"recfin/internal/broadcast"
	"recfin/store/storetest/s3double"
)

// longest is how long a test at a terminal waits for what must come.
const longest = 60 * time.Second

// atTerminal is a command line of which some outputs are a terminal.
type atTerminal struct {
	*screen
	cmd *exec.Cmd
	pty *os.File
	out bytes.Buffer // standard output, where that is none
}

// startAt runs a command line in a process of its own, at a terminal of 80 columns.
// piped: its standard output is a pipe.
func startAt(t *testing.T, piped bool, env []string, args ...string) *atTerminal {
	t.Helper()
	a := &atTerminal{screen: newScreen(80), cmd: child(t, args...)}
	a.cmd.Env = append(append(a.cmd.Env, "TERM=xterm-256color"), env...)
	if piped {
		a.cmd.Stdout = &a.out
	}
	var err error
	if a.pty, err = pty.StartWithSize(a.cmd, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = a.cmd.Process.Kill()
		_ = a.pty.Close()
	})
	return a
}

// wait takes all that it shows and gives the exit code.
func (a *atTerminal) wait(t *testing.T) int {
	t.Helper()
	end := time.AfterFunc(2*longest, func() { _ = a.cmd.Process.Kill() })
	defer end.Stop()
	_, _ = io.Copy(a.screen, a.pty) // the last reader of a terminal gets an error
	_ = a.cmd.Wait()
	text, col, strange := a.now()
	if len(strange) > 0 {
		t.Errorf("sequences that nobody expects: %q", strange)
	}
	if col != 0 {
		t.Errorf("the cursor is left in column %d:\n%s", col, text)
	}
	return a.cmd.ProcessState.ExitCode()
}

// shows reports whether a frame matched all patterns.
func (a *atTerminal) shows(patterns ...string) bool {
next:
	for _, frame := range a.seen() {
		for _, p := range patterns {
			if !regexp.MustCompile(p).MatchString(frame) {
				continue next
			}
		}
		return true
	}
	return false
}

// slow is a bucket with two recordings that answers certain requests only when they
// are let go.
type slow struct {
	*s3double.Server
	mu   sync.Mutex
	gate map[string]chan struct{} // by operation
}

// Of these the last segment is asked for late: until then there is something to see.
const (
	measuring = "GetObject"
	copying   = "CopyObject"
)

func newSlow(t *testing.T) *slow {
	t.Helper()
	d := &slow{gate: map[string]chan struct{}{measuring: make(chan struct{}), copying: make(chan struct{})}}
	d.Server = s3double.New(t, s3double.Options{Clock: func() time.Time { return onAir.Add(2 * time.Hour) }})
	put := func(key string, body []byte, at time.Time) error {
		d.SetObject(s3double.Object{Key: "live/" + key, Body: body, Modified: at})
		return nil
	}
	s := broadcast.Make(t, broadcast.Options{})
	broadcast.Lay(t, put, s.Uploads("one/A/720p", 0, 3, onAir))
	broadcast.Lay(t, put, s.Uploads("one/B/720p", 3, 3, onAir.Add(3*time.Second)))
	broadcast.Lay(t, put, s.Uploads("two 漢字/A/720p", 0, 3, onAir))
	d.Hook(func(x *s3double.Exchange) bool {
		source := x.R.Header.Get("X-Amz-Copy-Source")
		if d.held(x.Op) != nil && (x.Op == measuring && strings.HasSuffix(x.Key, "A/720p/2.ts") || strings.HasSuffix(source, "A/720p/2.ts")) {
			select {
			case <-d.held(x.Op):
			case <-x.R.Context().Done():
			case <-time.After(2 * longest):
			}
		}
		return false
	})
	t.Cleanup(func() { d.release(measuring, copying) })
	return d
}

func (d *slow) held(op string) chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.gate[op]
}

// release lets requests go, now and later.
func (d *slow) release(ops ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, op := range ops {
		if d.gate[op] != nil {
			close(d.gate[op])
			d.gate[op] = nil
		}
	}
}

// meanwhile does something while the terminal is waited for, and gives what waits for
// that.
func (a *atTerminal) meanwhile(do func()) (wait func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	return func() { <-done }
}

// until lets a function go on when a frame matches all patterns.
func (a *atTerminal) until(t *testing.T, patterns ...string) {
	t.Helper()
	for end := time.Now().Add(longest); !a.shows(patterns...); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			text, _, _ := a.now()
			t.Errorf("the terminal never showed %q, but\n%s", patterns, text)
			return
		}
	}
}

// At a terminal: lines while two recordings are worked on at once, also after the
// window was made narrower, and nothing of them but a table and advice at the end.
func TestTerminal(t *testing.T) {
	t.Parallel()
	d := newSlow(t)
	a := startAt(t, false, nil, "run", "--store", d.URL("live"), "--hls", "copy", "--delete", "leftovers", "--delete-delay", "0")
	meanwhile := a.meanwhile(func() {
		a.until(t, `one +measure .* of 5 segments`, `two 漢字 +measure .* of 4 segments`, `0 of 2 recordings`)
		d.release(measuring)
		a.until(t, `one +write .*KiB of .*KiB`, `two 漢字 +write .*KiB of .*KiB`)
		if err := pty.Setsize(a.pty, &pty.Winsize{Rows: 24, Cols: 40}); err != nil {
			t.Error(err)
		}
		a.until(t, `(?m)^one +write .*\d+ %`)
		d.release(copying)
	})
	defer meanwhile()
	if code := a.wait(t); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	text, _, _ := a.now()
	want := `RECORDING  SESSION              DURATION
one        20250601T180000Z  0:00:08.000
two 漢字   20250601T180000Z  0:00:08.000
`
	if text != want {
		t.Errorf("at the end it shows\n%s\nwant\n%s", text, want)
	}
	if strings.Contains(a.raw.String(), "\x1b[?") {
		t.Error("a mode of the terminal was changed")
	}
}

// A wide terminal has room for everything; what needs a look is said in a line, and
// what is logged meanwhile stands above the lines.
func TestTerminalTable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := broadcast.Folder(dir)
	s := broadcast.Make(t, broadcast.Options{Seconds: 18})
	broadcast.Lay(t, put, s.Uploads("one/A/720p", 0, 3, onAir))
	broadcast.Lay(t, put, s.Uploads("one/B/720p", 3, 3, onAir.Add(3*time.Second)))
	broadcast.Lay(t, put, s.Uploads("holed/A/720p", 0, 2, onAir))
	broadcast.Lay(t, put, s.Uploads("holed/A/720p", 6, 8, onAir))
	broadcast.Lay(t, put, s.Uploads("live/A/720p", 0, 3, time.Now().Add(-time.Minute)))
	if err := put("bad/A/720p/0.ts", noise(9000), onAir); err != nil {
		t.Fatal(err)
	}
	a := startAt(t, false, nil, "run", "--store", dir, "--delete", "leftovers", "--delete-delay", "0")
	a.resize(160)
	if err := pty.Setsize(a.pty, &pty.Winsize{Rows: 24, Cols: 160}); err != nil {
		t.Fatal(err)
	}
	if code := a.wait(t); code != exitPartly {
		t.Errorf("exit code %d", code)
	}
	text, _, _ := a.now()
	if strings.Contains(text, "level=") {
		t.Errorf("what the table says is logged as well:\n%s", text)
	}
	for _, p := range []string{
		`(?m)^RECORDING  SESSION              DURATION +SEGMENTS  DROPPED  HOLES +OUTPUT +DELETED +COST$`,
		`(?m)^bad        refused .* requests?, .* (Ki)?B$`,
		`(?m)^holed      20250601T180000Z  0:00:12\.000 +6 +1 \(\d\.\d s\)  hls .*B +\d+ requests, `,
		`(?m)^one        20250601T180000Z  0:00:08\.000 +4 +1 +hls .*B +1 +\d+ requests, `,
		`(?m)^1 recording: not settled$`,
		`(?m)^look at bad: none of its 1 segments can be used`,
	} {
		if !regexp.MustCompile(p).MatchString(text) {
			t.Errorf("it does not show %s:\n%s", p, text)
		}
	}
}

// Standard output in a pipe is for a program, whatever there is to see at the
// terminal.
func TestTerminalPiped(t *testing.T) {
	t.Parallel()
	d := newSlow(t)
	a := startAt(t, true, nil, "run", "--json", "--store", d.URL("live"))
	meanwhile := a.meanwhile(func() {
		a.until(t, `one +measure .* of 5 segments`)
		d.release(measuring, copying)
	})
	defer meanwhile()
	if code := a.wait(t); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	if got := documents[reportDoc](t, result{out: a.out.String()}); len(got) != 2 {
		t.Errorf("standard output: %s", &a.out)
	}
	if text, _, _ := a.now(); strings.TrimSpace(text) != "" {
		t.Errorf("at the end it shows\n%s", text)
	}
}

// Ctrl-C ends the work; of the lines and of the echo of the key nothing is left but
// what a shell would leave.
func TestTerminalInterrupted(t *testing.T) {
	t.Parallel()
	d := newSlow(t)
	a := startAt(t, false, nil, "run", "--store", d.URL("live"))
	meanwhile := a.meanwhile(func() {
		a.until(t, `one +measure .* of 5 segments`, `two 漢字 +measure`)
		if _, err := a.pty.Write([]byte{3}); err != nil {
			t.Error(err)
		}
	})
	defer meanwhile()
	if code := a.wait(t); code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
	if text, _, _ := a.now(); text != "recfin: interrupted; the next run carries on\n" {
		t.Errorf("at the end it shows\n%s", text)
	}
}

// Terminals that can only print, and people who want nothing, get no lines.
func TestTerminalWithoutLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		env  []string
		args []string
		any  bool // lines, after all
	}{
		{"dumb", []string{"TERM=dumb"}, nil, false},
		{"no TERM", []string{"TERM="}, nil, false},
		{"never", nil, []string{"--progress", "never"}, false},
		{"NO_COLOR", []string{"NO_COLOR=1"}, nil, true}, // there are none anyway
		{"always, dumb", []string{"TERM=dumb"}, []string{"--progress", "always"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newSlow(t)
			a := startAt(t, false, c.env, append([]string{"run", "--store", d.URL("live")}, c.args...)...)
			meanwhile := a.meanwhile(func() {
				if c.any {
					a.until(t, `one +measure .* of 5 segments`)
				} else {
					time.Sleep(time.Second) // in which lines would come
				}
				d.release(measuring, copying)
			})
			defer meanwhile()
			if code := a.wait(t); code != exitDone {
				t.Errorf("exit code %d", code)
			}
			if got := strings.Contains(a.raw.String(), "\x1b"); got != c.any || strings.Contains(a.raw.String(), "m\x1b[") {
				t.Errorf("sequences: %q", a.raw.String())
			}
			if text, _, _ := a.now(); !strings.HasPrefix(text, "RECORDING  SESSION ") || !strings.Contains(text, "two 漢字") {
				t.Errorf("at the end it shows\n%s", text)
			}
		})
	}
}

// What goes into pipes has no control characters.
func TestPiped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := broadcast.Make(t, broadcast.Options{})
	broadcast.Lay(t, broadcast.Folder(dir), s.Uploads("foo/A/720p", 0, 3, onAir))
	broadcast.Lay(t, broadcast.Folder(dir), s.Uploads("esc\x1b[31m/A/720p", 0, 3, onAir))
	for _, args := range [][]string{
		{"plan"}, {"run", "--log-level", "debug"}, {"run", "--log-format", "text"}, {"verify"}, {"run", "--json"}, {"finalize", "none"}, {"recover"},
	} {
		cmd := child(t, append(args, "--store", dir)...)
		cmd.Env = append(cmd.Env, "TERM=xterm-256color")
		out, _ := cmd.CombinedOutput() // some end with a code
		if len(out) == 0 && args[0] != "recover" {
			t.Errorf("recfin %q says nothing", args)
		}
		for _, c := range string(out) {
			if c < ' ' && c != '\n' && c != '\t' || c >= 0x7f && c < 0xa0 {
				t.Errorf("recfin %q writes %q:\n%q", args, c, out)
				break
			}
		}
	}
}
