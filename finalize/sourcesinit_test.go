package finalize_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
)

// layFragments lays three fragments and their init segment.
func layFragments(t *testing.T, w *world) {
	t.Helper()
	dir := encode(t, 6, "-f", "hls", "-hls_time", "2", "-hls_list_size", "0", "-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", "%d.m4s", "x.m3u8")
	w.upload(t, dir, "rec/A/720p/", func(name string) time.Time {
		n, _ := strconv.Atoi(strings.TrimSuffix(name, ".m4s"))
		return uploaded(n)
	})
	w.remove(t, "rec/A/720p/x.m3u8")
}

// TestSourcesInitThatWasSpoilt: an init segment stays where its copy is another one,
// and so does what needs it: without it no fragment can be read.
func TestSourcesInitThatWasSpoilt(t *testing.T) {
	flip := func(b []byte) []byte { b = slices.Clone(b); b[len(b)/2] ^= 1; return b }
	for name, spoil := range map[string]func([]byte) []byte{"right": slices.Clone[[]byte], "spoilt": flip} {
		stayed := func(t *testing.T, w *world, r *finalize.Report, err error) {
			t.Helper()
			left := inputs(w.Snapshot())
			switch {
			case r == nil:
				t.Fatal(err)
			case name == "right" && (err != nil || len(left) > 0):
				t.Errorf("%v, left %v, problems %q", err, left, r.Problems)
			case name == "spoilt" && (!errors.Is(err, finalize.ErrRefused) || len(left) != 4):
				t.Errorf("%v, left %v, problems %q", err, left, r.Problems)
			}
		}
		t.Run(name+", by the store that copied it", func(t *testing.T) {
			w := newWorld(true)
			layFragments(t, w)
			s := &untold{spoilingInits{w, spoil}}
			cfg := with(with(copying(s), letGo), func(c *finalize.Config) { c.Formats = finalize.Formats{HLS: true} })
			r, err := run(cfg, "rec")
			stayed(t, w, r, err)
		})
		t.Run(name+", on its way from another store", func(t *testing.T) {
			p := newPair(false)
			layFragments(t, p.backup)
			reads := &spoilingReads{world: p.backup, spoil: spoil}
			out := &hook{Store: p.primary, before: func(c call) error {
				if c.op == "create" && strings.Contains(c.key, "/init-") {
					reads.now.Store(true)
				}
				return nil
			}}
			r, err := run(with(with(p.settings(), letGo), func(c *finalize.Config) {
				c.Formats, c.HLS, c.Sources, c.Out = finalize.Formats{HLS: true}, finalize.HLSCopy, []store.Store{out, reads}, out
			}), "rec")
			stayed(t, p.backup, r, err)
		})
	}
}

// spoilingInits spoils init segments when it copies them.
type spoilingInits struct {
	*world
	spoil func([]byte) []byte
}

func (s *spoilingInits) Copy(ctx context.Context, from store.Object, key string, opt store.PutOptions) (store.Object, error) {
	if path.Base(from.Key) != "init.mp4" {
		return s.world.Copy(ctx, from, key, opt)
	}
	return s.Put(ctx, key, s.spoil(s.Snapshot()[from.Key].Body), opt)
}

// untold tells no checksum of what others have uploaded.
type untold struct{ spoilingInits }

func (u *untold) Head(ctx context.Context, key string) (store.Info, error) {
	info, err := u.world.Head(ctx, key)
	if strings.HasPrefix(key, "rec/") {
		info.CRC64 = ""
	}
	return info, err
}

// spoilingReads spoils the next read of an init segment on its way.
type spoilingReads struct {
	*world
	spoil func([]byte) []byte
	now   atomic.Bool
}

func (s *spoilingReads) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	b, err := s.world.Get(ctx, key, r, opt)
	if err != nil || path.Base(key) != "init.mp4" || !s.now.CompareAndSwap(true, false) {
		return b, err
	}
	raw, err := io.ReadAll(b)
	b.ReadCloser, b.Proved = io.NopCloser(bytes.NewReader(s.spoil(raw))), false
	return b, err
}
