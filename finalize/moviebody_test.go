package finalize

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"

	"recfin/mp4"
	"recfin/store"
	"recfin/store/mem"
)

// minded is a store whose uploads note what is done to them.
type minded struct {
	store.Store
	fail    int64 // the write that fails, from 1; 0: none
	before  func(n int64)
	writes  atomic.Int64
	busy    atomic.Bool
	aborted atomic.Bool
	late    atomic.Bool // something came during or after the abort
}

type mindedUpload struct {
	store.Upload
	w *minded
}

func (w *minded) Create(ctx context.Context, key string, opt store.CreateOptions) (store.Upload, error) {
	u, err := w.Store.Create(ctx, key, opt)
	return &mindedUpload{u, w}, err
}

func (u *mindedUpload) Write(p []byte) (int, error) {
	w := u.w
	w.busy.Store(true)
	defer w.busy.Store(false)
	if w.aborted.Load() {
		w.late.Store(true)
	}
	n := w.writes.Add(1)
	if w.before != nil {
		w.before(n)
	}
	if n == w.fail {
		return 0, errDisk
	}
	return u.Upload.Write(p)
}

func (u *mindedUpload) Abort() error {
	if u.w.busy.Load() {
		u.w.late.Store(true)
	}
	u.w.aborted.Store(true)
	return u.Upload.Abort()
}

const frame = 512 << 10 // bytes of a sample

// minds makes a body for up to 400 samples.
func minds(ctx context.Context, w *minded) *movieBody {
	b := newMovieBody(ctx, &job{f: &Finalizer{cfg: Config{Out: w}}, ready: func() error { return nil }}, "out.mp4", movie{})
	b.hint = 400 * frame
	return b
}

// film writes samples of a second each until one fails.
func film(b *movieBody, samples int) error {
	t, err := b.movie.AddTrack(mp4.Track{Timescale: 48000, Entry: &mp4.AAC{Config: []byte{0x11, 0x90}, ObjectType: 2, SampleRate: 48000, Channels: 2, FrameSize: 1024}})
	if err != nil {
		return err
	}
	for i := range int64(samples) {
		s := mp4.Sample{PTS: i * 48000, DTS: i * 48000, Duration: 48000, Access: mp4.Sync, Pieces: [][]byte{bytes.Repeat([]byte{byte(i)}, frame)}}
		if err := b.movie.Write(t, &s); err != nil {
			return err
		}
	}
	return nil
}

// A body that is larger than what is held at first is written behind, and what
// is visible in the end is head and body.
func TestMovieBody(t *testing.T) {
	const samples = 100
	w := &minded{Store: mem.New(mem.Options{})}
	b := minds(t.Context(), w)
	if err := film(b, samples); err != nil {
		t.Fatal(err)
	}
	head, err := b.movie.Finish(b.room)
	if err != nil {
		t.Fatal(err)
	}
	if w.writes.Load() == 0 {
		t.Error("nothing was written before the end")
	}
	o, err := b.commit(head)
	if err != nil {
		t.Fatal(err)
	}
	b.abort() // as always, and of no effect
	if o.Size != head.Size()+samples*frame || b.n != samples*frame {
		t.Errorf("%d bytes, a head of %d and a body of %d", o.Size, head.Size(), b.n)
	}
	body, err := w.Get(t.Context(), "out.mp4", store.Whole, store.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	for i := range samples {
		if at := head.Size() + int64(i)*frame; !bytes.Equal(raw[at:at+frame], bytes.Repeat([]byte{byte(i)}, frame)) {
			t.Fatalf("sample %d is not what was written", i)
		}
	}
	if sum := sumOf(raw[head.Size():]); b.sum != sum {
		t.Errorf("sum %016x, want %016x", b.sum, sum)
	}
	if w.aborted.Load() {
		t.Error("aborted after the commit")
	}
}

// An error in the middle stops the joining, and so does the end of the context;
// the upload is aborted when its last write has ended, and nothing is visible.
func TestMovieBodyFails(t *testing.T) {
	for _, c := range []struct {
		name   string
		fail   int64 // write
		cancel int64 // before this write
		want   error
	}{
		{name: "first write", fail: 1, want: errDisk},
		{name: "in the middle", fail: 40, want: errDisk},
		{name: "cancelled", cancel: 40, want: context.Canceled},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w := &minded{Store: mem.New(mem.Options{}), fail: c.fail}
			w.before = func(n int64) {
				if n == c.cancel {
					cancel()
				}
			}
			b := minds(ctx, w)
			if err := film(b, 400); !errors.Is(err, c.want) {
				t.Errorf("film: %v, want %v", err, c.want)
			}
			b.abort()
			after := w.writes.Load()
			if !w.aborted.Load() || w.late.Load() {
				t.Errorf("aborted: %t; while or before something was written: %t", w.aborted.Load(), w.late.Load())
			}
			if n := max(c.fail, c.cancel); after > n {
				t.Errorf("%d writes, want none after the %dth", after, n)
			}
			if _, err := w.Head(t.Context(), "out.mp4"); !errors.Is(err, store.ErrNotExist) {
				t.Errorf("head of the output: %v, want that there is none", err)
			}
		})
	}
}

// What never reached the size that is held fails and is aborted at the commit.
func TestMovieBodySmallFails(t *testing.T) {
	w := &minded{Store: mem.New(mem.Options{}), fail: 2}
	b := minds(t.Context(), w)
	if err := film(b, 4); err != nil {
		t.Fatal(err)
	}
	head, err := b.movie.Finish(b.room)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.commit(head); !errors.Is(err, errDisk) {
		t.Errorf("commit: %v, want %v", err, errDisk)
	}
	b.abort()
	if !w.aborted.Load() || w.late.Load() {
		t.Error("not aborted, or too early")
	}
}
