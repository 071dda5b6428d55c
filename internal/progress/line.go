package progress

import (
	"fmt"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/vbauerster/mpb/v8/decor"

	"recfin/finalize"
)

// Sizes of what is drawn, in columns.
const (
	widest    = 100 // a wider window leaves room, so that one made narrower wraps nothing
	mostName  = 28
	leastName = 8
	mostBar   = 30
	leastBar  = 10
)

// patience is how long a recording is at work before it gets a line: a thousand that
// have nothing to do are no flicker.
const patience = 300 * time.Millisecond

// Lines draws rows, one line each, and below them how many of the expected
// recordings are done with, where more than one is. No line is as wide as the
// window, and there are fewer lines than it has. name makes a name safe to print.
func Lines(rows []Row, ended, expected, width, height int, name func(string) string) []string {
	width, height = min(width-1, widest), height-1
	if width < 1 || height < 1 {
		return nil
	}
	var shown []Row
	names := 0
	for _, r := range rows {
		if r.Running >= patience {
			r.Recording = name(r.Recording)
			names = max(names, runewidth.StringWidth(r.Recording))
			shown = append(shown, r)
		}
	}
	names = min(names, mostName, max(leastName, width/3))
	var lines []string
	for i := range shown {
		if len(lines) == height-1 && expected > 1 || len(lines) == height {
			break
		}
		lines = append(lines, line(&shown[i], names, width))
	}
	if expected > 1 && len(rows) > 0 {
		lines = append(lines, runewidth.Truncate(fmt.Sprintf("%d of %d recordings", ended, expected), width, "…"))
	}
	return lines
}

// line draws one row: what fits of its name, stage, bar, counts (or only how much of a
// hundred), rate and time left.
func line(r *Row, names, width int) string {
	head := runewidth.FillRight(runewidth.Truncate(r.Recording, names, "…"), names) + "  " + fmt.Sprintf("%-7s", r.Stage)
	if r.Total <= 0 {
		return runewidth.Truncate(head+"  "+clock(r.Running), width, "…")
	}
	counts, rate, left := counted(r), "", ""
	if r.Rate > 0 && r.Done < r.Total {
		rate = "  " + amount(r.Rate, r.Unit) + "/s"
	}
	if r.Left >= 0 && r.Done < r.Total {
		left = "  " + clock(r.Left) + " left"
	}
	room := width - runewidth.StringWidth(head) - 2
	if room < len(counts) {
		counts = fmt.Sprintf("%d %%", int(share(r.Done, r.Total)*100))
	}
	room -= len(counts)
	for _, s := range []*string{&left, &rate} { // the bar goes first, then the rate
		if room < len(*s) {
			*s = ""
		}
		room -= len(*s)
	}
	text := head + "  " + counts + rate + left
	if bar := min(room-2, mostBar); bar >= leastBar {
		text = head + "  " + drawn(r.Done, r.Total, bar) + "  " + counts + rate + left
	}
	return runewidth.Truncate(text, width, "…")
}

// drawn is a bar of so many columns, brackets included. Only what is done whole is
// drawn full.
func drawn(done, total int64, columns int) string {
	inner := columns - 2
	full := int(share(done, total) * float64(inner))
	if full = min(max(full, 0), inner); full == inner && done < total {
		full--
	}
	tip := ""
	if full < inner {
		tip = ">"
	}
	return "[" + strings.Repeat("=", full) + tip + strings.Repeat(" ", inner-full-len(tip)) + "]"
}

// share is how much of it is done, from 0 to 1.
func share(done, total int64) float64 { return float64(done) / float64(total) }

// counted is how much is done of how much.
func counted(r *Row) string {
	if r.Unit == finalize.UnitBytes {
		return amount(r.Done, r.Unit) + " of " + amount(r.Total, r.Unit)
	}
	return fmt.Sprintf("%d of %d %s", r.Done, r.Total, r.Unit)
}

// amount is so much of a unit.
func amount(n int64, unit finalize.Unit) string {
	if unit == finalize.UnitBytes {
		return fmt.Sprintf("% .1f", decor.SizeB1024(n))
	}
	return fmt.Sprint(n)
}

// clock is a time as h:mm:ss, or m:ss below an hour.
func clock(d time.Duration) string {
	s := int64(d / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
