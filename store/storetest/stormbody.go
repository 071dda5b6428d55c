package storetest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"

	"recfin/store"
)

// Get opens a part of an object.
func (s *Storm) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	when, d, planned := s.fate("get", fmt.Sprint(key, r))
	if when != clean {
		return store.Body{}, planned
	}
	b, err := s.inner.Get(ctx, key, r, opt)
	if err != nil {
		return b, err
	}
	sb := &stormBody{ReadCloser: b.ReadCloser, cut: -1, wrong: -1}
	sb.err = &store.Error{Op: "get", Store: s.Label(), Key: key, Err: store.ErrUnavailable}
	if rolls(d, s.w.Slow) {
		s.note("slow")
		sb.slow = 1 + d.IntN(1000)
	}
	if rolls(d, s.w.Cut) && b.Length > 0 {
		s.note("cut")
		sb.cut = d.Int64N(b.Length)
	}
	if rolls(d, s.w.Wrong) && b.Length > 0 && b.Length == b.Info.Size {
		s.note("wrong")
		sb.wrong = d.Int64N(b.Length)
		sb.noticed = opt.Prove && b.Proved
	}
	b.ReadCloser = sb
	return b, nil
}

// stormBody is a body on its way through the storm.
type stormBody struct {
	io.ReadCloser
	n       int64 // bytes so far
	slow    int   // most bytes of one read; 0: as many as there are
	cut     int64 // where it breaks off; negative: nowhere
	wrong   int64 // which byte is wrong; negative: none
	noticed bool  // by who compares a checksum in the end
	err     error
}

func (b *stormBody) Read(p []byte) (int, error) {
	if b.cut >= 0 && b.n >= b.cut {
		return 0, b.err
	}
	if b.slow > 0 && len(p) > b.slow {
		p = p[:b.slow]
		runtime.Gosched() // others go first
	}
	if b.cut >= 0 && int64(len(p)) > b.cut-b.n {
		p = p[:b.cut-b.n]
	}
	n, err := b.ReadCloser.Read(p)
	if at := b.wrong - b.n; b.wrong >= 0 && at >= 0 && at < int64(n) {
		p[at] ^= 0x10
	}
	b.n += int64(n)
	if err == io.EOF && b.wrong >= 0 && b.noticed {
		err = b.err
	}
	return n, err
}

// Create begins an upload.
func (s *Storm) Create(ctx context.Context, key string, opt store.CreateOptions) (store.Upload, error) {
	when, _, planned := s.fate("create", key)
	if when == before {
		return nil, planned
	}
	u, err := s.inner.Create(ctx, key, opt)
	if when == after {
		return nil, planned // the upload stays until it is swept
	}
	if err != nil {
		return nil, err
	}
	return &stormUpload{Upload: u, s: s, key: key}, nil
}

type stormUpload struct {
	store.Upload
	s     *Storm
	key   string
	ended bool // committed, or to be so later
}

// Write takes all of p or nothing, so it can be called again.
func (u *stormUpload) Write(p []byte) (int, error) {
	if when, _, planned := u.s.fate("write", u.key); when == before {
		return 0, planned
	}
	return u.Upload.Write(p)
}

func (u *stormUpload) Commit(ctx context.Context, head store.Headed) (store.Object, error) {
	when, d, planned := u.s.fate("commit", u.key)
	unknown := fmt.Errorf("%w: %w", store.ErrUnknown, planned)
	switch {
	case when == before && rolls(d, u.s.w.Late):
		raw := make([]byte, head.Size())
		if _, err := head.ReadAt(raw, 0); err != nil && err != io.EOF {
			return store.Object{}, err
		}
		u.ended = true
		u.s.putOff(d, func() { _, _ = u.Upload.Commit(context.WithoutCancel(ctx), bytes.NewReader(raw)) })
		return store.Object{}, unknown
	case when == before:
		return store.Object{}, planned
	}
	o, err := u.Upload.Commit(ctx, head)
	u.ended = true
	if when == after {
		return store.Object{}, unknown
	}
	return o, err
}

func (u *stormUpload) Abort() error {
	if u.ended { // what was asked for cannot be taken back
		return nil
	}
	when, _, planned := u.s.fate("abort", u.key)
	if when == before {
		return planned
	}
	err := u.Upload.Abort()
	if when == after {
		return planned
	}
	return err
}
