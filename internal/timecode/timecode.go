// Package timecode burns numbers into the pictures of test clips and reads them
// back, so that a test can tell which picture of which take of which rendition a
// player or a decoder shows, after any coding and scaling.
//
// A picture is a grid of 8 by 2 cells, black or white. From the upper left on they
// are the number of the picture (12 bits, the lowest first), the number of the
// stream (3 bits), and a bit that makes the count of white cells odd: pictures of
// one colour have no code.
package timecode

import (
	"fmt"
	"strings"
)

// The grid, and the numbers that it holds: each is below its limit.
const (
	Columns = 8
	Rows    = 2
	Numbers = 1 << numberBits
	Streams = 1 << streamBits

	numberBits = 12
	streamBits = 3
	parity     = numberBits + streamBits
)

// A cell is read as black below dark and as white from light on; between them the
// picture has no code. Video in limited range has black at 16 and white at 235.
const (
	dark  = 90
	light = 166
)

// Code is what a picture says.
type Code struct {
	Number int // of the picture
	Stream int
}

// Filter is a chain of filters of ffmpeg that burns Number, Number+1 … into the
// pictures that pass, from the first one on. It covers what they showed.
func (c Code) Filter() string {
	if c.Number < 0 || c.Number >= Numbers || c.Stream < 0 || c.Stream >= Streams {
		panic(fmt.Sprintf("timecode: no room for %+v", c))
	}
	var bits []string
	for i := range numberBits {
		bits = append(bits, fmt.Sprintf("mod(floor((n+%d)/%d),2)", c.Number, 1<<i))
	}
	for i := range streamBits {
		bits = append(bits, fmt.Sprint(c.Stream>>i&1))
	}
	bits = append(bits, "mod(1+"+strings.Join(bits, "+")+",2)")
	var b strings.Builder
	b.WriteString("drawbox=x=0:y=0:w=iw:h=ih:color=black:t=fill")
	for i, bit := range bits {
		fmt.Fprintf(&b, ",drawbox=x=iw*%d/%d:y=ih*%d/%d:w=iw/%d:h=ih/%d:color=white:t=fill:enable='%s'",
			i%Columns, Columns, i/Columns, Rows, Columns, Rows, bit)
	}
	return b.String()
}

// Read reads a picture that was scaled down to one byte of brightness a cell, row
// by row. Not ok: it has no code.
func Read(cells []byte) (c Code, ok bool) {
	if len(cells) != Columns*Rows {
		return Code{}, false
	}
	white := 0
	for i, cell := range cells {
		switch {
		case cell < dark:
			continue
		case cell < light:
			return Code{}, false
		}
		white++
		switch {
		case i < numberBits:
			c.Number |= 1 << i
		case i < parity:
			c.Stream |= 1 << (i - numberBits)
		}
	}
	if white%2 == 0 {
		return Code{}, false
	}
	return c, true
}

// Shrink is a filter of ffmpeg that makes a picture of each cell's brightness.
var Shrink = fmt.Sprintf("scale=%d:%d:flags=area", Columns, Rows)

// Cells are arguments of ffmpeg that write each picture of its input to its
// standard output as the bytes that Read takes.
func Cells() []string {
	return []string{"-vf", Shrink, "-pix_fmt", "gray", "-f", "rawvideo", "-"}
}

// ReadAll reads pictures one after the other. It says which one has no code.
func ReadAll(cells []byte) ([]Code, error) {
	const size = Columns * Rows
	if len(cells)%size != 0 {
		return nil, fmt.Errorf("%d bytes of pictures with %d cells", len(cells), size)
	}
	var all []Code
	for len(cells) > 0 {
		c, ok := Read(cells[:size])
		if !ok {
			return all, fmt.Errorf("picture %d has no code: %v", len(all), cells[:size])
		}
		all, cells = append(all, c), cells[size:]
	}
	return all, nil
}
