package playlist

import (
	"fmt"
	"slices"
)

// Severity tells how bad a [Finding] is.
type Severity int

const (
	// Info: legal and harmless, but this program does not write it.
	Info Severity = iota + 1
	// Warning: legal, and some clients may do worse than they could.
	Warning
	// Error: against the letter of the specification, or against what this program
	// promises of its playlists.
	Error
)

func (s Severity) String() string {
	switch s {
	case Info:
		return "info"
	case Warning:
		return "warning"
	case Error:
		return "error"
	}
	return fmt.Sprintf("severity %d", int(s))
}

// Finding is one place where a playlist breaks a [Rule]. What the rule says, how
// bad that is and what to do are facts of the rule.
type Finding struct {
	Rule     Rule
	Severity Severity
	Playlist string // as the caller named it
	Line     int    // from 1; 0: the playlist as a whole, or what it does not have
	Text     string // one line, what was found; what it cites is quoted and cut
}

func (f Finding) String() string {
	at := f.Playlist
	if f.Line > 0 {
		at = fmt.Sprintf("%s:%d", at, f.Line)
	}
	return fmt.Sprintf("%s: %v: %s (%s, %s)", at, f.Severity, f.Text, f.Rule, f.Rule.Reference())
}

// maxFindings is how many findings of one rule are kept of one playlist: a playlist
// of 100,000 segments is often wrong in the same way in all of them.
const maxFindings = 10

// report collects the findings of one playlist.
type report struct {
	name     string
	findings []Finding
	counts   map[Rule]int
}

// add notes a finding. The text is made only where it is kept.
func (r *report) add(rule Rule, line int, format string, args ...any) {
	if r.counts == nil {
		r.counts = map[Rule]int{}
	}
	r.counts[rule]++
	if r.counts[rule] > maxFindings {
		return
	}
	r.findings = append(r.findings, Finding{
		Rule: rule, Severity: rule.Severity(), Playlist: r.name, Line: line,
		Text: fmt.Sprintf(format, args...),
	})
}

// all gives the findings by line, those of the whole playlist last. The last one of
// a rule says how many more there are.
func (r *report) all() []Finding {
	kept := map[Rule]int{}
	for i := range r.findings {
		f := &r.findings[i]
		kept[f.Rule]++
		if more := r.counts[f.Rule] - maxFindings; kept[f.Rule] == maxFindings && more > 0 {
			f.Text += fmt.Sprintf(" (and %d more of this rule)", more)
		}
	}
	slices.SortStableFunc(r.findings, func(a, b Finding) int {
		if (a.Line == 0) != (b.Line == 0) {
			return b.Line - a.Line
		}
		return a.Line - b.Line
	})
	return r.findings
}
