package report

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"recfin/internal/broadcast"
	"recfin/internal/golden"
)

// viewText is a page as a person reads it, a line for each thing that it says.
func viewText(p *page) string {
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
	}
	line("%s: %s (%s): %s", p.Name, p.Status, p.Tone, p.Verdict)
	for _, f := range p.Facts {
		line("  %s %s, %s", f.Name, f.Value, f.Note)
	}
	for _, l := range p.Looks {
		line("look (%s): %s: %s %q", l.Tone, l.What, l.Text, l.Keys)
	}
	for _, s := range p.Sessions {
		line("session %s: %s to %s, %s, %s slots, %s %s", s.ID, s.Start.Text, s.End.Text, s.Length, s.Slots, s.Action, s.Why)
		line("  %s", s.Picture.Label)
		for _, q := range s.Renditions {
			line("  rendition %s %s %s: %s segments, GAP %q, %s, durations from %s", q.Name, q.Resolution, q.Rate, q.Segments, q.Gaps, q.Length, q.Sources)
		}
		for _, h := range s.Holes {
			line("  hole in %q at %s: %s between %s", h.Rendition, h.Start, h.Duration, h.Between)
		}
		for _, r := range s.Runs {
			line("  %s %s %s, %s, %s; %s", r.Rendition, r.Start, r.Writer, r.Segments, r.Length, r.Begins)
		}
	}
	for _, l := range p.Lanes {
		line("mark %s: %s", l.Mark, l.Name)
	}
	for _, g := range p.Dropped {
		line("dropped %s (%s): %s, %s", g.Reason, g.Mark, g.Count, g.Leftovers)
		for _, d := range g.Rows[:min(3, len(g.Rows))] {
			line("  %s, kept %q: %s", d.Key, d.Kept, d.Why)
		}
	}
	line("unknown %q, beside %q", p.Unknown.Keys, p.Beside.Keys)
	return b.String()
}

// viewCases are what the semantics decide, as a page shows it.
var viewCases = []struct {
	name string
	lay  func(w *world, put func(prefix string, from, to int, at time.Duration))
}{
	{"failover", func(_ *world, put func(string, int, int, time.Duration)) {
		put("foo/A/720p", 0, 9, 0)
		put("foo/B/720p", 8, 19, time.Second)
	}},
	{"pause", func(w *world, put func(string, int, int, time.Duration)) {
		put("foo/A/720p", 0, 9, 0)
		w.again("foo/B/720p", 0, 9, 32*time.Second)
	}},
	{"two-sessions", func(w *world, put func(string, int, int, time.Duration)) {
		put("foo/A/720p", 0, 9, 0)
		w.again("foo/B/720p", 0, 9, time.Hour)
	}},
	{"hole-and-gap", func(_ *world, put func(string, int, int, time.Duration)) {
		put("foo/A/720p", 0, 5, 0)
		put("foo/A/720p", 9, 14, 0)
		put("foo/A/360p", 0, 3, 0)
		put("foo/A/360p", 5, 5, 0)
		put("foo/A/360p", 9, 14, 0)
	}},
	{"uncertain", func(w *world, put func(string, int, int, time.Duration)) {
		w.Still = true
		put("foo/A/720p", 0, 9, 0)
		w.again("foo/B/720p", 0, 9, 0)
	}},
	{"excluded-and-empty", func(w *world, put func(string, int, int, time.Duration)) {
		w.Cfg.Selection.Exclude = []string{"360p"}
		put("foo/A/720p", 0, 4, 0)
		put("foo/A/360p", 0, 4, 0)
		w.Put("foo/B/720p/3.ts", nil, onAir.Add(9*time.Second))
		w.Put("foo/notes.txt", []byte("x"), onAir)
	}},
}

var encoding = regexp.MustCompile(`[0-9.]+ (?:[KMG]i)?B\b|[0-9]+ of 30 pictures`)

// steady takes out what depends on the encoder.
func steady(text string) string { return encoding.ReplaceAllString(text, "SIZE") }

func TestViews(t *testing.T) {
	for _, c := range viewCases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			s := broadcast.Make(t, broadcast.Options{Seconds: 80, Width: 160, Height: 96})
			c.lay(w, func(prefix string, from, to int, at time.Duration) {
				broadcast.Lay(t, w.Put, s.Uploads(prefix, from, to, onAir.Add(at)))
			})
			golden.Check(t, "views/"+c.name+".txt", steady(viewText(w.view("foo"))))
		})
	}
	t.Run("match", func(t *testing.T) {
		w := newWorld(t)
		w.match("match-7")
		golden.Check(t, "views/match.txt", steady(viewText(w.view("match-7"))))
	})
}
