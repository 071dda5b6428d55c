package progress

import (
	"bytes"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8/cwriter"

	"recfin/finalize"
)

// refresh is how often the lines are drawn at most. Over a slow connection that is
// a few hundred bytes a second.
const refresh = 200 * time.Millisecond

// Bars draws a model below whatever else is written to a terminal. The cursor rests
// below the lines and no mode of the terminal is changed, so that a process that is
// killed leaves it usable.
type Bars struct {
	*Model
	file *os.File
	name func(string) string
	now  func() time.Time
	stop chan struct{} // closed when nothing is drawn any more

	began time.Time

	mu     sync.Mutex
	cw     *cwriter.Writer
	drawn  []string
	rest   []byte // of what was written: the beginning of a line
	closed bool
}

// New draws a model of nothing at a terminal, and goes on until Close. What is no
// terminal has 80 columns. name makes the name of a recording safe to print.
func New(out *os.File, name func(string) string) *Bars {
	b := newBars(out, name, time.Now)
	go b.run()
	return b
}

func newBars(out *os.File, name func(string) string, now func() time.Time) *Bars {
	return &Bars{
		Model: NewModel(), file: out, name: name, now: now, cw: cwriter.New(out),
		stop: make(chan struct{}), began: now(),
	}
}

func (b *Bars) run() {
	tick := time.NewTicker(refresh)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			b.mu.Lock()
			_ = b.draw(nil) // with the next line that is written it is reported
			b.mu.Unlock()
		case <-b.stop:
			return
		}
	}
}

// Event takes the next step of a recording.
func (b *Bars) Event(e finalize.Event) { b.Model.Event(e, b.now()) }

// home goes to the first column, wherever the echo of a key has left the cursor, and
// clears the line.
const home = "\r\x1b[K"

// draw writes text above the lines and draws these anew. Without text it writes only
// what has changed.
func (b *Bars) draw(text []byte) error {
	if b.closed {
		return nil
	}
	width, height, err := b.cw.GetTermSize()
	if err != nil {
		width, height = 80, 25
	}
	ended, expected := b.Ended()
	if b.now().Sub(b.began) < patience {
		expected = 0
	}
	lines := Lines(b.Rows(b.now()), ended, expected, width, height, b.name)
	if len(text) == 0 && slices.Equal(lines, b.drawn) {
		return nil
	}
	return b.put(text, lines)
}

// put replaces what is drawn by text and lines.
func (b *Bars) put(text []byte, lines []string) error {
	if len(b.drawn) > 0 {
		b.cw.WriteString(home)
	}
	b.cw.Write(text)
	for _, line := range lines {
		b.cw.WriteString(line + "\n")
	}
	b.drawn = lines
	err := b.cw.Flush(len(lines))
	if err != nil { // the terminal is gone
		b.end()
	}
	return err
}

// Write writes whole lines above what is drawn; the beginning of a line waits for
// the rest of it. After Close it writes to the terminal as it is.
func (b *Bars) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return b.file.Write(p)
	}
	b.rest = append(b.rest, p...)
	whole := bytes.LastIndexByte(b.rest, '\n') + 1
	if whole == 0 {
		return len(p), nil
	}
	text := b.rest[:whole:whole]
	b.rest = b.rest[whole:]
	if err := b.draw(text); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Close takes the lines away. It may be called more than once.
func (b *Bars) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	if len(b.drawn) > 0 || len(b.rest) > 0 {
		_ = b.put(b.rest, nil) // a terminal that is gone needs no tidying
	}
	b.end()
}

// end stops the drawing.
func (b *Bars) end() {
	if !b.closed {
		b.closed = true
		close(b.stop)
	}
}
