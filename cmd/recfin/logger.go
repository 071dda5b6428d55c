package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"recfin/finalize"
	"recfin/internal/bug"
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

// logger writes log lines to standard error.
type logger struct{ *slog.Logger }

func newLogger(w io.Writer, format, level string) (*logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, usagef("--%s %q: want debug, info, warn or error", flagLogLevel, level)
	}
	opt := &slog.HandlerOptions{Level: l}
	switch format {
	case "text":
		return &logger{slog.New(slog.NewTextHandler(w, opt))}, nil
	case "json":
		return &logger{slog.New(slog.NewJSONHandler(w, opt))}, nil
	}
	return nil, usagef("--%s %q: want text or json", flagLogFormat, format)
}

func (l *logger) warn(msg string, args ...any) { l.Warn(msg, args...) }

// event logs a step of the work. Steps that count are for a progress bar.
func (l *logger) event(e finalize.Event) {
	if e.Total > 0 && e.Done != e.Total {
		return
	}
	l.Debug("step", keyRecording, e.Recording, keyStage, string(e.Stage), keyDetail, e.Detail)
}

// stopped logs that a signal ended the work on a recording.
func (l *logger) stopped(r *finalize.Report) {
	l.Info("recording", keyRecording, r.Recording, keyStatus, "interrupted")
}

// end has nothing to add.
func (l *logger) end(int) {}

// report logs how a recording ended.
func (l *logger) report(r *finalize.Report, took time.Duration) {
	level, args := slog.LevelInfo, []any{keyRecording, r.Recording, keyStatus, string(r.Status())}
	switch {
	case r.Status() == finalize.Leased, r.Status() == finalize.Left: // nothing failed
		args = append(args, keyError, r.Err.Error())
	case r.Err != nil:
		level, args = slog.LevelError, append(args, keyError, r.Err.Error()+advice(r.Err))
	}
	if b := (*bug.Error)(nil); errors.As(r.Err, &b) {
		l.Debug("bug", keyRecording, r.Recording, "panic", b.What, "stack", string(b.Stack))
	}
	c := r.Cost
	args = append(args, "list", c.List, "get", c.Get, "head", c.Head, "put", c.Put, "copy", c.Copy, "delete", c.Delete,
		"bytes_read", c.BytesRead, "bytes_written", c.BytesWritten, keyTook, took.Milliseconds())
	l.Log(context.Background(), level, "recording", args...)
}
