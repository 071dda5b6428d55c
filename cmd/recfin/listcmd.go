package main

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/urfave/cli/v2"

	"recfin/finalize"
)

func listCommand() *cli.Command {
	return &cli.Command{
		Name:        "list",
		Usage:       "tell what is finalized, and what is due for deletion; changes nothing",
		UsageText:   "recfin list [flags] [ID...]",
		Description: listHelp,
		Flags:       append(sourceFlags(), delayFlag(), shardFlag(), idsFlag()),
		Action: func(c *cli.Context) error {
			names, err := looking(c)
			if err != nil {
				return err
			}
			return withFinalizer(c, func(s *session) error {
				some, err := s.finalized(c.Context, names)
				if err != nil {
					return err
				}
				l := &lister{session: s, from: names, text: standingText, printed: map[string]bool{}}
				if file := terminal(c.App.Writer); file != nil && names == nil {
					t := newListTable(some, columns(file))
					l.title, l.text = t.title(), t.text
				}
				return l.list(c.Context, some)
			})
		},
	}
}

// lister prints where recordings stand, in the order of their names.
type lister struct {
	*session
	from    *idList
	title   string // ahead of the first
	text    func(*standing) string
	printed map[string]bool // recordings that names turned out to be parts of
	code    int             // what the worst is
}

// standing is what is told of one name.
type standing struct {
	recording string // the one that the name is a part of
	json      finalize.StandingJSON
	err       error
}

// list tells of every name. One of which nothing can be told does not stop the others.
func (l *lister) list(ctx context.Context, names []string) error {
	err := inOrder(ctx, names, max(1, l.cfg.Concurrency/2), l.read, l.print)
	if err == nil && l.code != exitDone {
		err = quiet{l.code}
	}
	return err
}

// read asks where a recording stands. A part of another one stands for all of it.
func (l *lister) read(ctx context.Context, name string) *standing {
	started := time.Now()
	x := &standing{recording: name}
	s, err := l.f.Standing(ctx, name)
	if err == nil && s.As != "" {
		x.recording = s.As
		s, err = l.f.Standing(ctx, s.As)
	}
	if err != nil {
		x.err = l.from.at(name, err)
		x.json = finalize.UnlistedJSON(x.recording, x.err)
		return x
	}
	x.json = s.JSON()
	l.log.Debug("list", keyRecording, x.recording, keyStatus, string(x.json.Status), keyTook, time.Since(started).Milliseconds())
	return x
}

// print prints one recording, once.
func (l *lister) print(name string, x *standing) error {
	if l.printed[x.recording] {
		return nil
	}
	if l.from != nil {
		l.printed[x.recording] = true // several may be parts of one
	}
	if x.err != nil {
		l.log.Error("list", keyRecording, x.recording, keyError, x.err.Error()+advice(x.err))
		l.code = worse(l.code, exitCode(x.err))
	}
	var b bytes.Buffer
	if l.json {
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(x.json); err != nil {
			return err
		}
	} else {
		b.WriteString(l.title)
		b.WriteString(l.text(x))
		l.title = ""
	}
	_, err := l.out.Write(b.Bytes())
	return err
}
