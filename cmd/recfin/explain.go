package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"recfin/finalize"
	"recfin/store"
)

const flagExplain = "explain"

func explainFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: flagExplain, Usage: "say why the segment of that `KEY` was taken or dropped, and against which other (repeatable)", EnvVars: env(flagExplain)}
}

// explain answers plan --explain: for each key why it was taken or dropped.
func (s *session) explain(ctx context.Context, keys, names []string) error {
	if len(names) == 0 {
		for _, key := range keys {
			name, ok := s.f.RecordingOf(key)
			if !ok {
				return usagef("no --layout reads the key %s, so its recording is not known: give the ID too", printable(key))
			}
			names = append(names, name)
		}
		names = distinct(names)
	}
	found, planned := map[string]bool{}, map[string]bool{}
	var reports []*finalize.Report
	for _, name := range names {
		started := time.Now()
		r, _ := s.f.Plan(ctx, name)
		if as := partOf(r.Err); as != "" {
			r, _ = s.f.Plan(ctx, as)
		}
		if planned[r.Recording] {
			continue
		}
		planned[r.Recording] = true
		reports = append(reports, r)
		if err := ctx.Err(); err != nil {
			return err
		}
		s.log.report(r, time.Since(started))
		for _, key := range keys {
			for _, e := range r.Explain(key) {
				found[key] = true
				if err := s.printExplanation(&e); err != nil {
					return err
				}
			}
		}
	}
	for _, key := range keys {
		if !found[key] {
			return notListed(key, reports)
		}
	}
	return nil
}

// notListed is the error for a key that is not there. Where a recording could
// not be planned, that is the error.
func notListed(key string, reports []*finalize.Report) error {
	var near []string
	for _, r := range reports {
		if r.Err != nil {
			return r.Err
		}
		near = append(near, r.Nearest(key, 3)...)
	}
	for i := range near {
		near[i] = printable(near[i])
	}
	hint := ""
	if len(near) > 0 {
		hint = " (there is " + strings.Join(near[:min(len(near), 3)], ", ") + ")"
	}
	return fmt.Errorf("explain %s: %w in the listing%s", printable(key), store.ErrNotExist, hint)
}

func (s *session) printExplanation(e *finalize.Explanation) error {
	if s.json {
		enc := json.NewEncoder(s.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(e)
	}
	_, err := io.WriteString(s.out, explanationText(e))
	return err
}

// explanationText is an explanation as a person reads it.
func explanationText(e *finalize.Explanation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s: %s\n", e.Store, printable(e.Key), verdictText(e))
	fmt.Fprintf(&b, "  %s, uploaded %s\n", size(e.Size), moment(e.Uploaded))
	if e.Verdict == finalize.VerdictChosen {
		chosenText(&b, e)
	}
	if e.Kept != nil {
		fmt.Fprintf(&b, "  in its place: %s%s\n", e.Kept.Store, printable(e.Kept.Key))
		fmt.Fprintf(&b, "    %s", size(e.Kept.Size))
		if !e.Kept.Uploaded.IsZero() {
			fmt.Fprintf(&b, ", uploaded %s", moment(e.Kept.Uploaded))
		}
		if e.Kept.Duration > 0 {
			fmt.Fprintf(&b, ", %s long", clock(int64(e.Kept.Duration)))
		}
		b.WriteByte('\n')
	}
	if e.Verdict == finalize.VerdictDropped {
		fmt.Fprintf(&b, "  %s\n", fateText(e))
	}
	for i, r := range e.Rivals {
		if i == mostGroups {
			fmt.Fprintf(&b, "  and %s more that lost against it\n", count(len(e.Rivals)-i, "object"))
			break
		}
		fmt.Fprintf(&b, "  taken rather than %s%s: %s\n", r.Store, printable(r.Key), lostText(r.Reason, r.Why))
		fmt.Fprintf(&b, "    %s, uploaded %s\n", size(r.Size), moment(r.Uploaded))
	}
	if len(e.Rivals) == 0 && e.Verdict == finalize.VerdictChosen {
		b.WriteString("  no other object had its place\n")
	}
	for _, u := range e.Uncertain {
		fmt.Fprintf(&b, "  uncertain (%s): %s\n", u.What, u.Why)
	}
	return b.String()
}

func verdictText(e *finalize.Explanation) string {
	switch e.Verdict {
	case finalize.VerdictChosen:
		return "taken into " + printable(e.Recording)
	case finalize.VerdictCondemned:
		return "dropped as " + lostText(e.Reason, e.Why) + ", and marked for deletion"
	case finalize.VerdictDropped:
		return "dropped as " + lostText(e.Reason, e.Why)
	case finalize.VerdictSupport:
		return "read beside the segments; never touched"
	}
	return "no --layout reads this key; never touched"
}

func chosenText(b *strings.Builder, e *finalize.Explanation) {
	fmt.Fprintf(b, "  session %s, slot %d of %s, at %s: %s long, known by %s\n",
		e.Session, e.Slot, printable(e.Rendition), clock(int64(e.Start)), clock(int64(e.Duration)), e.Source)
	fmt.Fprintf(b, "  on air %s\n", moment(e.Wall))
	switch {
	case e.Before == "":
		b.WriteString("  it is the first of its rendition\n")
	case e.Discontinuity:
		fmt.Fprintf(b, "  media does not continue from %s: a discontinuity stands between them\n", printable(e.Before))
	default:
		fmt.Fprintf(b, "  it continues %s\n", printable(e.Before))
	}
}

// lostText is a reason in words.
func lostText(reason finalize.Reason, why string) string {
	if why == "" {
		why = meanings[reason]
	}
	if why == "" {
		return string(reason)
	}
	return string(reason) + " (" + why + ")"
}

// meanings are the reasons in words, where nothing more exact is known.
var meanings = map[finalize.Reason]string{
	"identical":   "the same content",
	"duplicate":   "another copy of the same segment",
	"truncated":   "the beginning of the one in its place, cut off",
	"partial":     "its writer says that something is missing",
	"overlap":     "its time is covered by others",
	"empty":       "0 bytes",
	"unreadable":  "its bytes arrived in full, twice, and are no media",
	"undecodable": "a container or codec that cannot be joined",
	"gone":        "listed, and not there when it was read",
	"changed":     "another version than the committed one",
	"late":        "it came after its session was committed, and cannot be taken",
	"temporary":   "its writer had not finished it",
	"tombstone":   "its writer hid it",
	"excluded":    "left out by --rendition",
}

// fateText says whether a dropped segment may be deleted.
func fateText(e *finalize.Explanation) string {
	switch {
	case e.Leftover:
		return "it is proved to hold nothing that is missed: --delete leftovers may delete it"
	case len(e.Uncertain) > 0:
		return "it is kept: what is uncertain is never deleted"
	case strings.HasSuffix(e.Why, " names it"): // and so it stays
		return "it is kept: what a playlist names is never deleted"
	case e.Kept != nil:
		return "it is kept: it is not proved that nothing of it is missed"
	}
	return "it is kept: nothing else has its place"
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "at an unknown time"
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}
