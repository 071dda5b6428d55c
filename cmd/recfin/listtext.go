package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"recfin/finalize"
)

// standingText says in a few lines where a recording stands.
func standingText(x *standing) string {
	if x.err != nil {
		return fmt.Sprintf("%s: %s\n", printable(x.recording), unlisted(x.err))
	}
	var b strings.Builder
	j := &x.json
	fmt.Fprintf(&b, "%s: %s, marked %s", printable(x.recording), j.Status, stamp(*j.Committed))
	fmt.Fprintf(&b, ", %s of %s, outputs of %s\n", count(len(j.Sessions), "session"), clock(int64(j.Duration)), size(j.Size))
	if len(j.IDs) > 0 {
		fmt.Fprintf(&b, "  of several IDs: %s\n", someNames(j.IDs))
	}
	for i := range j.Sessions {
		standingSession(&b, &j.Sessions[i])
	}
	if len(j.Late) > 0 {
		fmt.Fprintf(&b, "  came later and was not taken: %s\n", droppedWords(j.Late))
	}
	for _, d := range j.Due {
		fmt.Fprintf(&b, "  %s\n", dueWords(&d))
	}
	return b.String()
}

// standingSession is a session in some lines.
func standingSession(b *strings.Builder, s *finalize.StandingSessionJSON) {
	fmt.Fprintf(b, "  session %s  until %s  %s  %s\n", s.ID, compact(s.End), clock(int64(s.Duration)), s.Formats)
	if s.Door != nil {
		fmt.Fprintf(b, "    for players: %s%s\n", s.Door.Store, printable(s.Door.Key))
	}
	for _, o := range s.Outputs {
		fmt.Fprintf(b, "    %s  %s%s  %s  %s", o.Kind, o.Store, printable(o.Key), clock(int64(o.Duration)), size(o.Size))
		if o.Objects > 1 {
			fmt.Fprintf(b, " in %s", count(o.Objects, "object"))
		}
		b.WriteByte('\n')
	}
	for i := range s.Holes {
		if i == mostDoubts {
			fmt.Fprintf(b, "    and %s more (--json lists all)\n", count(len(s.Holes)-i, "hole"))
			break
		}
		h, where := &s.Holes[i], "all renditions"
		if h.Rendition != "" {
			where = printable(h.Rendition)
		}
		fmt.Fprintf(b, "    hole in %s between %d and %d: %s\n", where, h.AfterSeq, h.BeforeSeq, clock(int64(h.Duration)))
	}
	if len(s.Dropped) > 0 {
		fmt.Fprintf(b, "    dropped: %s\n", droppedWords(s.Dropped))
	}
	for i, u := range s.Uncertain {
		if i == mostDoubts {
			fmt.Fprintf(b, "    and %s more (--json lists all)\n", count(len(s.Uncertain)-i, "uncertainty"))
			break
		}
		fmt.Fprintf(b, "    uncertain (%s): %s: %s\n", u.What, printable(u.Why), some(u.Keys[0], len(u.Keys)))
	}
	for _, u := range s.Unmade {
		fmt.Fprintf(b, "    %s\n", u)
	}
}

// unlisted is why nothing can be told of a recording.
func unlisted(err error) string {
	if errors.Is(err, finalize.ErrNothing) {
		return err.Error()
	}
	what := "failed"
	if errors.Is(err, finalize.ErrRefused) {
		what = "refused"
	}
	return what + ": " + err.Error() + advice(err)
}

// droppedWords counts by reason.
func droppedWords(list []finalize.DroppedCountJSON) string {
	var words []string
	for _, d := range list {
		words = append(words, fmt.Sprintf("%d %s (%s)", d.Segments, d.Reason, size(d.Size)))
	}
	return strings.Join(words, ", ")
}

// dueWords says what of a set is to be deleted, and when.
func dueWords(d *finalize.StandingDueJSON) string {
	what := fmt.Sprintf("%s of %s (%s)", d.Kind, d.Session, count(d.Objects, "object")+", "+size(d.Size))
	switch {
	case d.Kept:
		return "kept: " + what
	case d.At == nil:
		return "marked for deletion: " + what
	}
	mode := "leftovers"
	if d.Kind == "sources" {
		mode = d.Kind
	}
	return fmt.Sprintf("marked for deletion: %s; due at %s with --delete %s", what, stamp(*d.At), mode)
}

// someNames are the first of a list of names.
func someNames(names []string) string {
	const most = 10
	var words []string
	for _, name := range names[:min(len(names), most)] {
		words = append(words, printable(name))
	}
	if n := len(names) - most; n > 0 {
		words = append(words, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(words, ", ")
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
