package matrix

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"recfin/finalize/remux"
	"recfin/mp4"
	"recfin/probe"
)

// joined is a file and what its maker says of it.
type joined struct {
	body   []byte
	silent int // frames put in
	result remux.Result
}

// join hands the segments to the joiner as a plan would.
func (s *scene) join(t *testing.T, c cell) (*joined, error) {
	t.Helper()
	var body bytes.Buffer
	movie := mp4.NewMovie(&body)
	j := remux.New(movie, remux.Options{})
	container := probe.MP4
	if c.container == inTS {
		container = probe.MPEGTS
	}
	for i, g := range s.segments {
		b := remux.Boundary{Name: g.key, Join: g.join, Same: g.same, MissingBefore: g.missing, Container: container, Init: g.init, Shared: g.shared}
		b.NextShared = i+1 < len(s.segments) && s.segments[i+1].shared
		if err := errors.Join(j.Begin(b), feed(j, g.body), j.End()); err != nil {
			return nil, fmt.Errorf("join: %w", err)
		}
	}
	res, err := j.Finish()
	if err != nil {
		return nil, fmt.Errorf("finish the join: %w", err)
	}
	head, err := movie.Finish(0)
	if err != nil {
		return nil, fmt.Errorf("finish the movie: %w", err)
	}
	all, err := io.ReadAll(io.MultiReader(io.NewSectionReader(head, 0, head.Size()), &body))
	if err != nil {
		return nil, err
	}
	return &joined{body: all, silent: res.Silent, result: res}, nil
}

// feed writes a segment in slices that fit nothing.
func feed(w io.Writer, b []byte) error {
	for len(b) > 0 {
		n := min(len(b), 10007)
		if _, err := w.Write(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}
