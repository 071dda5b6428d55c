package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"recfin/finalize"
	"recfin/internal/bug"
	"recfin/internal/stages"
)

// Messages of log lines about the work. docs/logs.md says what is in them.
const (
	msgStep      = "step"
	msgStage     = "stage"
	msgRecording = "recording"
	msgSummary   = "summary"
	msgError     = "error"
)

// Keys of log lines.
const (
	keyRecording = "recording"
	keyStage     = "stage"
	keyDetail    = "detail"
	keyStatus    = "status"
	keyError     = "error"
	keyTook      = "took_ms"
)

// interruptedStatus is that of a recording that a signal stopped.
const interruptedStatus = "interrupted"

// logger writes log lines to standard error.
type logger struct {
	*slog.Logger
	json    bool // one JSON object a line
	auto    bool // nobody has asked for a level
	told    bool // how recordings ended is said at the same terminal, in a table
	started time.Time

	command string // of which the summary is; empty: there is none

	mu     sync.Mutex
	stages map[string]*stages.Stages // of the recordings at work
	status map[string]int            // how many recordings ended so
	cost   finalize.Cost             // of all that ended
}

// newLogger writes lines of a form (text, json) from a level on; "auto" is both for
// people where w is a terminal.
func newLogger(w io.Writer, format, level string) (*logger, error) {
	person, auto := terminal(w) != nil, level == "" || level == byTerminal
	if auto {
		if level = "info"; person {
			level = "warn"
		}
	}
	if format == "" || format == byTerminal {
		if format = "json"; person {
			format = "text"
		}
	}
	var min slog.Level
	if err := min.UnmarshalText([]byte(level)); err != nil {
		return nil, usagef("--%s %q: want debug, info, warn, error or auto", flagLogLevel, level)
	}
	l := &logger{json: format == "json", auto: auto, started: time.Now(), stages: map[string]*stages.Stages{}, status: map[string]int{}}
	opt := &slog.HandlerOptions{Level: min}
	switch format {
	case "text":
		l.Logger = slog.New(slog.NewTextHandler(w, opt))
	case "json":
		l.Logger = slog.New(slog.NewJSONHandler(w, opt))
	default:
		return nil, usagef("--%s %q: want text, json or auto", flagLogFormat, format)
	}
	return l, nil
}

func (l *logger) warn(msg string, args ...any) { l.Warn(msg, args...) }

// event logs a step of the work, and the stages that it ends. Steps that count are
// for a progress bar.
func (l *logger) event(e finalize.Event) {
	l.mu.Lock()
	s := l.stages[e.Recording]
	if s == nil {
		s = &stages.Stages{}
		l.stages[e.Recording] = s
	}
	ended := s.Event(e, time.Now())
	l.mu.Unlock()
	l.logStages(e.Recording, ended)
	if e.Total > 0 && e.Done != e.Total {
		return
	}
	l.Debug(msgStep, keyRecording, e.Recording, keyStage, string(e.Stage), keyDetail, e.Detail)
}

// logStages has a line for each stage. Looking is what every run does to every
// recording; working is news.
func (l *logger) logStages(recording string, ended []stages.Stage) {
	for _, s := range ended {
		level := slog.LevelInfo
		if s.Stage == finalize.StageList || s.Stage == finalize.StageMeasure {
			level = slog.LevelDebug
		}
		args := []any{keyRecording, recording, keyStage, string(s.Stage)}
		if s.Done > 0 {
			args = append(args, "done", s.Done, "unit", string(s.Unit))
		}
		l.Log(context.Background(), level, msgStage, append(append(args, costArgs(s.Cost)...), keyTook, s.Took.Milliseconds())...)
	}
}

// ended logs the stages that are left of a recording and counts how it ended.
func (l *logger) ended(recording, status string, cost finalize.Cost) {
	l.mu.Lock()
	var last []stages.Stage
	if s := l.stages[recording]; s != nil {
		last = s.End(cost, time.Now())
		delete(l.stages, recording)
	}
	l.status[status]++
	l.cost = l.cost.Plus(cost)
	l.mu.Unlock()
	l.logStages(recording, last)
}

// expect has nothing to add.
func (l *logger) expect(int) {}

// closed takes in what looking at finished recordings has cost.
func (l *logger) closed(_ int, cost finalize.Cost) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cost = l.cost.Plus(cost)
}

// left forgets a recording that was none.
func (l *logger) left(recording string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.stages, recording)
}

// stopped logs that a signal ended the work on a recording.
func (l *logger) stopped(r *finalize.Report) {
	l.ended(r.Recording, interruptedStatus, r.Cost)
	l.Info(msgRecording, append([]any{keyRecording, r.Recording, keyStatus, interruptedStatus}, costArgs(r.Cost)...)...)
}

// report logs how a recording ended.
func (l *logger) report(r *finalize.Report, took time.Duration) {
	status := r.Status()
	if status == finalize.Done && r.Plan != nil && r.Plan.Status == finalize.Ready && len(r.Committed) == 0 {
		status = finalize.Ready // it was only planned
	}
	l.ended(r.Recording, string(status), r.Cost)
	level, args := slog.LevelInfo, []any{keyRecording, r.Recording, keyStatus, string(status)}
	switch {
	case r.Status() == finalize.Leased, r.Status() == finalize.Left: // nothing failed
		args = append(args, keyError, r.Err.Error())
	case r.Err != nil:
		level, args = slog.LevelError, append(args, keyError, r.Err.Error()+advice(r.Err))
	}
	if l.told {
		return
	}
	if b := (*bug.Error)(nil); errors.As(r.Err, &b) {
		l.Debug("bug", keyRecording, r.Recording, "panic", b.What, "stack", string(b.Stack))
	}
	args = append(args, "committed", len(r.Committed), "condemned", r.Condemned, "deleted", len(r.Deleted), "kept", len(r.Kept))
	l.Log(context.Background(), level, msgRecording, append(append(args, costArgs(r.Cost)...), keyTook, took.Milliseconds())...)
}

// summing has a summary written for the commands that count what became of
// recordings.
func (l *logger) summing(command string) {
	switch command {
	case "run", "finalize", "recover", "plan", "verify":
		l.command = command
	}
}

// end logs what the command came to: recordings by status, and what all of it cost.
func (l *logger) end(code int) {
	if l.command == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	all, by := 0, []any{}
	for _, status := range slices.Sorted(maps.Keys(l.status)) {
		all += l.status[status]
		by = append(by, strings.ReplaceAll(status, "-", "_"), l.status[status])
	}
	args := []any{"command", l.command, "exit_code", code, "recordings", all, slog.Group("by_status", by...)}
	l.Info(msgSummary, append(append(args, costArgs(l.cost)...), keyTook, time.Since(l.started).Milliseconds())...)
}

// costArgs are the keys of a cost.
func costArgs(c finalize.Cost) []any {
	return []any{
		"list", c.List, "get", c.Get, "head", c.Head, "put", c.Put, "copy", c.Copy, "delete", c.Delete,
		"bytes_read", c.BytesRead, "bytes_written", c.BytesWritten,
	}
}
