package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"recfin/finalize"
	"recfin/store"
)

func idsFlag() cli.Flag {
	return &cli.StringFlag{Name: flagIDs, Usage: "take the IDs from a `FILE`, or - for standard input, one to a line, and look for no others; none: nothing to do", EnvVars: env(flagIDs)}
}

const (
	maxIDs    = 256 << 20 // bytes of a list: some millions of names
	maxIDLine = 64 << 10  // bytes of a line; no store takes a key of more than 1,024
)

// idList are the names that a command is given.
type idList struct {
	names []string
	lines map[string]int // of names from a list: the first line that has each
	list  bool           // they are from a list, which may be empty
	byID  bool           // they stand on the command line
}

// given are the IDs of the command line, or of --ids; nil: neither is there, and the
// recordings are looked for.
func given(c *cli.Context) (*idList, error) {
	from, days := c.String(flagIDs), c.String(flagFrom)+c.String(flagTo) != ""
	switch {
	case days && c.Args().Present():
		return nil, usagef("--%s and --%s find the recordings of those days by themselves: give no IDs (got %s), or no days", flagFrom, flagTo, echo(c.Args().First()))
	case days && from != "":
		return nil, usagef("--%s and --%s find the recordings of those days by themselves: leave --%s out, or the days", flagFrom, flagTo, flagIDs)
	case from != "" && c.Args().Present():
		return nil, usagef("give IDs or --%s, not both (got %s)", flagIDs, echo(c.Args().First()))
	case from != "":
		return listed(c.Context, from, c.App.Reader)
	case c.Args().Present():
		return &idList{names: distinct(c.Args().Slice()), byID: true}, nil
	}
	return nil, nil
}

// listed reads a list of IDs.
func listed(ctx context.Context, name string, stdin io.Reader) (*idList, error) {
	type read struct {
		list *idList
		err  error
	}
	done := make(chan read, 1)
	go func() { // whoever writes may never begin (a named pipe), and never end
		l, err := readList(name, stdin)
		done <- read{l, err}
	}()
	select {
	case r := <-done:
		return r.list, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// readList reads the list of a file, or of standard input, which is "-".
func readList(name string, stdin io.Reader) (*idList, error) {
	from, what := stdin, "standard input"
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, usagef("--%s: %v", flagIDs, err)
		}
		defer f.Close()
		from, what = f, printable(name)
	}
	l, err := readIDs(from)
	if err != nil {
		return nil, fmt.Errorf("--%s: %s: %w", flagIDs, what, err)
	}
	return l, nil
}

// readIDs reads one ID a line. Lines end in LF or CRLF; empty ones are passed over, and
// of equal ones the first counts. What is no ID stays in the list: the work on it says
// so, and the others are worked on.
func readIDs(from io.Reader) (*idList, error) {
	l := &idList{list: true, lines: map[string]int{}}
	limited := &io.LimitedReader{R: from, N: maxIDs + 1}
	s := bufio.NewScanner(limited)
	s.Buffer(make([]byte, 0, 4096), maxIDLine)
	n := 0
	for s.Scan() {
		n++
		line := s.Bytes()
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if bytes.IndexByte(line, 0) >= 0 {
			return nil, usagef("line %d holds a zero byte: this is no list of IDs", n)
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if id := string(line); l.lines[id] == 0 {
			l.lines[id] = n
			l.names = append(l.names, id)
		}
	}
	switch err := s.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, usagef("line %d has more than %d bytes: this is no list of IDs", n+1, maxIDLine)
	case err != nil:
		return nil, fmt.Errorf("read line %d: %w", n+1, err)
	case limited.N == 0:
		return nil, usagef("it has more than %d bytes: give it in parts", maxIDs)
	}
	return l, nil
}

// at says of an error with a name from a list on which line that stands.
func (l *idList) at(name string, err error) error {
	if l == nil || err == nil || l.lines[name] == 0 || !errors.Is(err, finalize.ErrUsage) && !errors.Is(err, finalize.ErrNothing) && !errors.Is(err, store.ErrInvalid) {
		return err
	}
	return fmt.Errorf("line %d of --%s: %w", l.lines[name], flagIDs, err)
}

// all are the names; of nothing there are none.
func (l *idList) all() []string {
	if l == nil {
		return nil
	}
	return l.names
}

// choose gives what a command works on: the names that it was given, of a list those
// in the share of this shard, or else the recordings that are found.
func (s *session) choose(ctx context.Context, names *idList) (*batch, error) {
	if names != nil && names.byID {
		return &batch{names: names.names, given: names, direct: true}, nil
	}
	b := &batch{given: names, found: names.all()}
	if names == nil && !s.cfg.Days.All() {
		return s.ofDays(ctx)
	}
	if names == nil {
		var err error
		if b.found, err = s.f.DiscoverAll(ctx); err != nil {
			return nil, err
		}
	}
	all := named(b.found, s.require)
	b.names, b.found = s.f.Share(all), slices.Sorted(slices.Values(all))
	return b, nil
}

// sayNone says that a list names nothing to be worked on.
func (s *session) sayNone() {
	hint := "--" + flagIDs + " names no recording"
	if s.cfg.Shard.Count > 1 {
		hint += " of share " + s.share()
	}
	s.log.Info("nothing to do", "hint", hint)
}

// share is the share of this shard, as the flag has it.
func (s *session) share() string { return fmt.Sprintf("%d/%d", s.cfg.Shard.Index, s.cfg.Shard.Count) }
