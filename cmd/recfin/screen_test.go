package main

import (
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// screen is what a terminal shows of what was written to it, the lines that have
// scrolled away included. It knows the few sequences that are allowed here, and
// notes every other one.
type screen struct {
	mu       sync.Mutex
	width    int
	lines    [][]rune // 0 behind a wide rune
	row, col int
	rest     []byte
	raw      strings.Builder
	frames   []string // what it showed whenever the cursor was moved up
	strange  []string
}

func newScreen(width int) *screen { return &screen{width: width} }

// resize is what the user does to the window.
func (s *screen) resize(width int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.width = width
}

// Write shows p.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw.Write(p)
	s.rest = append(s.rest, p...)
	for len(s.rest) > 0 {
		n := s.step(s.rest)
		if n == 0 {
			break
		}
		s.rest = s.rest[n:]
	}
	return len(p), nil
}

// step shows one rune or sequence and gives its length; 0: it is not all there.
func (s *screen) step(p []byte) int {
	switch {
	case p[0] == '\n':
		s.row++
		return 1
	case p[0] == '\r':
		s.col = 0
		return 1
	case p[0] == 0x1b:
		return s.sequence(p)
	case !utf8.FullRune(p):
		return 0
	}
	r, n := utf8.DecodeRune(p)
	if r < ' ' || r == 0x7f || r == utf8.RuneError {
		s.strange = append(s.strange, fmt.Sprintf("%q", r))
		return n
	}
	s.show(r)
	return n
}

func (s *screen) sequence(p []byte) int {
	var up int
	end := strings.IndexFunc(string(p), func(r rune) bool { return r >= 'A' && r <= 'z' && r != '[' })
	if end < 0 {
		return 0
	}
	switch seq := string(p[:end+1]); {
	case seq == "\x1b[K":
		s.cut()
	case seq == "\x1b[J":
		s.cut()
		s.lines = s.lines[:min(len(s.lines), s.row+1)]
	default:
		if n, _ := fmt.Sscanf(seq, "\x1b[%dA", &up); n != 1 || up < 1 || up > s.row {
			s.strange = append(s.strange, fmt.Sprintf("%q", seq))
			break
		}
		s.frames = append(s.frames, s.text())
		s.row -= up
	}
	return end + 1
}

// cut clears the line from the cursor on.
func (s *screen) cut() {
	if s.row < len(s.lines) {
		s.lines[s.row] = s.lines[s.row][:min(len(s.lines[s.row]), s.col)]
	}
}

func (s *screen) show(r rune) {
	n := runewidth.RuneWidth(r)
	if s.col+n > s.width {
		s.row, s.col = s.row+1, 0
	}
	for len(s.lines) <= s.row {
		s.lines = append(s.lines, nil)
	}
	for len(s.lines[s.row]) < s.col+n {
		s.lines[s.row] = append(s.lines[s.row], ' ')
	}
	for i := range n {
		s.lines[s.row][s.col+i] = 0
	}
	if n > 0 {
		s.lines[s.row][s.col] = r
	}
	s.col += n
}

func (s *screen) text() string {
	var b strings.Builder
	for _, line := range s.lines {
		b.WriteString(strings.TrimRight(strings.ReplaceAll(string(line), "\x00", ""), " ") + "\n")
	}
	return b.String()
}

// seen is everything that was shown: each frame, and what is shown now.
func (s *screen) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(append([]string(nil), s.frames...), s.text())
}

// now is what is shown.
func (s *screen) now() (text string, col int, strange []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text(), s.col, s.strange
}
