package report

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"recfin/finalize"
	"recfin/store"
)

// shown makes a strange text visible; invalid UTF-8 and what is no character to
// read (controls, marks that turn the direction) come quoted.
func shown(s string) string { return store.Printable(s) }

// short is a visible text cut in the middle to that many runes.
func short(s string, most int) string {
	s = shown(s)
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	r := []rune(s)
	half := (most - 1) / 2
	return string(r[:half]) + "…" + string(r[len(r)-(most-1-half):])
}

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return digits(int64(n)) + " " + one + plural(one)
}

func plural(one string) string {
	if strings.HasSuffix(one, "ch") {
		return "es"
	}
	return "s"
}

// digits writes a number with a narrow no-break space between groups of three.
func digits(n int64) string {
	s := fmt.Sprint(max(n, -n))
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	if n < 0 {
		return "−" + s
	}
	return s
}

// clock gives ns as h:mm:ss.mmm.
func clock(ns int64) string {
	sign := ""
	if ns < 0 {
		sign, ns = "−", -max(ns, -math.MaxInt64)
	}
	ms := (ns + 500_000) / 1_000_000
	return fmt.Sprintf("%s%d:%02d:%02d.%03d", sign, ms/3_600_000, ms/60_000%60, ms/1000%60, ms%1000)
}

// spoken is a duration as people say it: 2.0 s, 3 min 20 s, 2 h 05 min.
func spoken(ns int64) string {
	d := time.Duration(ns)
	switch {
	case d < 0:
		return "−" + spoken(-max(ns, -math.MaxInt64))
	case d.Round(100*time.Millisecond) < time.Minute:
		d = d.Round(100 * time.Millisecond)
		return fmt.Sprintf("%d.%d s", d/time.Second, d%time.Second/(100*time.Millisecond))
	case d.Round(time.Second) < time.Hour:
		d = d.Round(time.Second)
		return fmt.Sprintf("%d min %02d s", d/time.Minute, d%time.Minute/time.Second)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%s h %02d min", digits(int64(d/time.Hour)), d%time.Hour/time.Minute)
}

// size gives bytes as people read them.
func size(n int64) string {
	switch {
	case n >= 1<<40:
		return tenths(n, 1<<40) + " TiB"
	case n >= 1<<30:
		return tenths(n, 1<<30) + " GiB"
	case n >= 1<<20:
		return tenths(n, 1<<20) + " MiB"
	case n >= 1<<10:
		return tenths(n, 1<<10) + " KiB"
	}
	return fmt.Sprintf("%d B", n)
}

func tenths(n, unit int64) string {
	t := n/unit*10 + (n%unit*10+unit/2)/unit
	return fmt.Sprintf("%d.%d", t/10, t%10)
}

// stamp is a wall time in UTC as a page shows it, to the minute where there is little
// room, and as its datetime attribute has it.
type stamp struct{ Text, Minute, Machine string }

func stampOf(t time.Time) stamp {
	if t.IsZero() {
		return stamp{}
	}
	t = t.UTC().Round(time.Millisecond) // sums of media durations miss a second by a nanosecond
	return stamp{Text: t.Format("2006-01-02 15:04:05") + " UTC", Minute: t.Format("2006-01-02 15:04"), Machine: t.Format(time.RFC3339)}
}

// reasonWords say in a sentence what the reason of a drop means.
var reasonWords = map[finalize.Reason]string{
	"identical":   "the same content as the copy that was kept",
	"duplicate":   "another copy of a segment that is in the recording",
	"truncated":   "cut off: the copy that was kept has all of it and more",
	"partial":     "its writer says that it lacks something, and others cover its time",
	"overlap":     "it overlaps what was chosen",
	"empty":       "it has no bytes",
	"unreadable":  "its bytes are no media, or damaged beyond use",
	"gone":        "it went away between listing and reading",
	"changed":     "another version of it is in a finished session",
	"late":        "it came too late to be taken into a finished session",
	"temporary":   "it was still being written under a temporary name",
	"tombstone":   "a tombstone beside it hides it",
	"excluded":    "its rendition was left out by --rendition",
	"undecodable": "media of a kind that cannot be joined",
}

// statusWords say what a status means.
var statusWords = map[finalize.Status]string{
	finalize.Ready:      "ready to be finalized",
	finalize.NotSettled: "not settled: it may still be written to",
	finalize.Done:       "finalized",
	finalize.Damaged:    "damaged: something that it stands on is lost",
	finalize.Refused:    "refused: a person must look",
	finalize.Leased:     "another run works on it",
	finalize.Left:       "left to a later run",
	finalize.Failed:     "failed",
}

// tone is how a status is coloured: good, wait, bad or plain.
func tone(s finalize.Status) string {
	switch s {
	case finalize.Done:
		return "good"
	case finalize.Ready, finalize.NotSettled, finalize.Leased, finalize.Left:
		return "wait"
	case finalize.Damaged, finalize.Refused, finalize.Failed:
		return "bad"
	}
	return "plain"
}

// statusOf is the status of a report, of a plan or of a run alike.
func statusOf(r *finalize.Report) finalize.Status {
	if r.Plan == nil {
		return finalize.Failed
	}
	if r.Err == nil && len(r.Committed) == 0 && r.Plan.Status == finalize.Ready {
		return finalize.Ready // only planned
	}
	return r.Status()
}

// writerName is how a writer is called on a page.
func writerName(nonce string) string {
	if nonce == "" {
		return "(no writer)"
	}
	return shown(nonce)
}

// list joins names, the first few of many.
func list(names []string, most int) string {
	var b strings.Builder
	for i, n := range names {
		if i == most {
			fmt.Fprintf(&b, " and %s more", digits(int64(len(names)-i)))
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(short(n, 60))
	}
	return b.String()
}
