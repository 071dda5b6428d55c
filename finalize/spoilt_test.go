package finalize_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/store"
)

// spoiling is a store of which the reads of one key that begin behind its head, or
// of all of it, are rubbish of the right length for some time.
type spoiling struct {
	store.Store
	key   string
	times int
}

func (s *spoiling) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	b, err := s.Store.Get(ctx, key, r, opt)
	if err == nil && key == s.key && r.Len == 0 && s.times > 0 {
		s.times--
		junk := bytes.Repeat([]byte{byte(s.times)}, int(b.Length))
		b.Proved, b.ReadCloser = false, io.NopCloser(bytes.NewReader(junk))
	}
	return b, err
}

// TestSpoiltOnTheWay: bytes that came wrong once are no reason to leave a segment
// out. Where they come wrong each time the run is to be made again, and nothing
// is committed without the segment.
func TestSpoiltOnTheWay(t *testing.T) {
	for _, c := range []struct {
		times int
		ok    bool
	}{{1, true}, {2, true}, {1000, false}} {
		t.Run(fmt.Sprint(c.times), func(t *testing.T) {
			w := newWorld(false)
			w.lay("foo/A/720p", high, 0, 9, 0)
			before := w.Snapshot()
			_, err := run(only(&spoiling{w, "foo/A/720p/5.ts", c.times}, finalize.Formats{MP4: true}), "foo")
			if c.ok {
				if err != nil {
					t.Fatal(err)
				}
				a := read(t, w.Snapshot(), "foo")
				if got := a.chosen(a.Sessions[0].ID); len(got) != 10 {
					t.Errorf("chosen: %q", got)
				}
				return
			}
			if !finalize.Retry(err) {
				t.Errorf("the error is %v", err)
			}
			if a := read(t, w.Snapshot(), "foo"); a != nil {
				t.Errorf("committed: %q", a.chosen(a.Sessions[0].ID))
			}
			same(t, "gone", gone(before, w.Snapshot()), nil)
		})
	}
}

// TestSpoiltFragments: the same where the bytes cannot be demuxed at all.
func TestSpoiltFragments(t *testing.T) {
	for times, ok := range map[int]bool{1: true, 1000: false} {
		w := mediaMTXFolder(t)
		var keys []string
		for key := range w.Snapshot() {
			if strings.HasSuffix(key, ".mp4") {
				keys = append(keys, key)
			}
		}
		slices.Sort(keys)
		cfg := laid(t, "mediamtx", &spoiling{w, keys[1], times})
		cfg.Formats = finalize.Formats{MP4: true}
		var r *finalize.Report
		err := finalize.ErrAgain
		for n := 0; n < 3 && finalize.Retry(err); n++ {
			r, err = run(cfg, path.Dir(keys[0]))
			if r.Plan != nil {
				same(t, "dropped", dropped(r), nil)
			}
		}
		if (err == nil) != ok || err != nil && !finalize.Retry(err) {
			t.Errorf("%d bad reads: the error is %v", times, err)
		}
	}
}

func dropped(r *finalize.Report) []string {
	var out []string
	for _, d := range r.Plan.Dropped {
		out = append(out, string(d.Reason)+" "+d.Key)
	}
	return out
}

// garbling gives other bytes for the first read of all of a key.
type garbling struct {
	store.Store
	key  string
	body []byte
}

func (s *garbling) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	b, err := s.Store.Get(ctx, key, r, opt)
	if err == nil && key == s.key && r.Len == 0 && s.body != nil {
		b.Proved, b.ReadCloser = false, io.NopCloser(bytes.NewReader(s.body))
		s.body = nil
	}
	return b, err
}

// TestSpoiltHeadIsForgotten: what was learned of a segment goes with the bytes that turn
// out to be spoilt, whether it was learned as it was joined or, of the last, before that: a
// clock that only they had is no join.
func TestSpoiltHeadIsForgotten(t *testing.T) {
	for _, n := range []int{5, 19} {
		w := newWorld(false)
		w.lay("foo/A/720p", high, 0, 19, 0)
		wrong := high
		wrong.Clock += 900000
		body := wrong.segment(n)
		copy(body[188*4:188*9], bytes.Repeat([]byte("x"), 188*5))
		g := &garbling{w, fmt.Sprintf("foo/A/720p/%d.ts", n), body}
		r := mustRun(t, only(g, finalize.Formats{MP4: true}), "foo")
		if g.body != nil {
			t.Fatal("the spoilt bytes were not read")
		}
		if rec := r.Committed[0].Record; rec.Renditions[0].Len() != 20 || len(rec.Slots.Join) > 0 {
			t.Errorf("%d: %d segments, joins at %v, want 20 and none", n, rec.Renditions[0].Len(), rec.Slots.Join)
		}
	}
}
