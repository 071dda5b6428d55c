package finalize_test

import (
	"bytes"
	"context"
	"fmt"
	"hash"
	"io"
	"iter"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/store"
)

// stuffing are null packets (ISO/IEC 13818-1 §2.4.3.3), which hold nothing.
var stuffing = bytes.Repeat(append([]byte{0x47, 0x1f, 0xff, 0x10}, bytes.Repeat([]byte{0xff}, 184)...), 1024)

// stuffed reads a segment that null packets make so long.
type stuffed struct {
	head []byte
	at   int64
	end  int64
}

func (s *stuffed) Read(p []byte) (int, error) {
	if s.at >= s.end {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), s.end-s.at)]
	n := 0
	if s.at < int64(len(s.head)) {
		n = copy(p, s.head[s.at:])
	} else {
		n = copy(p, stuffing[(s.at-int64(len(s.head)))%int64(len(stuffing)):])
	}
	s.at += int64(n)
	return n, nil
}

// Close implements io.Closer.
func (s *stuffed) Close() error { return nil }

// vast is a world in which some segments have more bytes than a memory: null packets
// behind what they hold. Media objects are compared with the segments while they are
// written, and forgotten.
type vast struct {
	*world
	sizes map[string]int64 // of segments
	keys  []string         // in order
	made  *store.Info      // the media object
}

func (v *vast) vastly(o store.Object) store.Object {
	if n, ok := v.sizes[o.Key]; ok {
		o.Size = n
	}
	return o
}

func (v *vast) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		made := v.made
		if made != nil && !strings.HasPrefix(made.Key, prefix) {
			made = nil
		}
		for o, err := range v.world.List(ctx, prefix) {
			if made != nil && err == nil && made.Key < o.Key {
				if !yield(made.Object, nil) {
					return
				}
				made = nil
			}
			if !yield(v.vastly(o), err) {
				return
			}
		}
		if made != nil {
			yield(made.Object, nil)
		}
	}
}

func (v *vast) Head(ctx context.Context, key string) (store.Info, error) {
	if v.made != nil && v.made.Key == key {
		return *v.made, nil
	}
	info, err := v.world.Head(ctx, key)
	info.Object = v.vastly(info.Object)
	return info, err
}

func (v *vast) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	if _, ok := v.sizes[key]; !ok {
		return v.world.Get(ctx, key, r, opt)
	}
	info, err := v.Head(ctx, key)
	if err != nil {
		return store.Body{}, err
	}
	lo, hi := r.Bounds(info.Size)
	return store.Body{Info: info, Length: hi - lo, ReadCloser: v.open(key, lo, hi)}, nil
}

func (v *vast) open(key string, lo, hi int64) *stuffed {
	return &stuffed{head: v.Snapshot()[key].Body, at: lo, end: hi}
}

func (v *vast) Create(ctx context.Context, key string, opt store.CreateOptions) (store.Upload, error) {
	if !strings.Contains(key, ".media.") {
		return v.world.Create(ctx, key, opt)
	}
	u := &vastUpload{v: v, key: key, sum: store.NewCRC64(), hint: opt.SizeHint}
	var all []io.Reader
	for _, key := range v.keys {
		all = append(all, v.open(key, 0, v.sizes[key]))
	}
	u.want = io.MultiReader(all...)
	return u, nil
}

// vastUpload compares.
type vastUpload struct {
	v    *vast
	key  string
	want io.Reader
	buf  []byte
	n    int64
	hint int64
	sum  hash.Hash64
}

func (u *vastUpload) Write(p []byte) (int, error) {
	u.buf = append(u.buf[:0], p...)
	if _, err := io.ReadFull(u.want, u.buf); err != nil || !bytes.Equal(p, u.buf) {
		return 0, fmt.Errorf("not what the segments hold at %d: %w", u.n, err)
	}
	u.n += int64(len(p))
	if u.n > u.hint {
		return 0, fmt.Errorf("%d bytes, and %d were announced", u.n, u.hint)
	}
	return u.sum.Write(p)
}

// Commit implements store.Upload.
func (u *vastUpload) Commit(_ context.Context, head store.Headed) (store.Object, error) {
	if head.Size() != 0 {
		return store.Object{}, fmt.Errorf("a head of %d bytes", head.Size())
	}
	o := store.Object{Store: u.v.Label(), Key: u.key, Size: u.n, ETag: "vast", Modified: u.v.clock.now()}
	u.v.made = &store.Info{Object: o, CRC64: fmt.Sprintf("%016x", u.sum.Sum64())}
	return o, nil
}

// Abort implements store.Upload.
func (u *vastUpload) Abort() error { return nil }

// TestSingleBeyond4GiB: places behind 2^32 bytes, of segments that no memory holds.
func TestSingleBeyond4GiB(t *testing.T) {
	t.Parallel()
	v := &vast{world: newWorld(false), sizes: map[string]int64{}}
	v.lay("foo/A/720p", high, 0, 4, 0)
	var end int64
	for n := range 5 {
		key, size := fmt.Sprintf("foo/A/720p/%d.ts", n), int64(len(high.segment(n)))
		if n > 0 && n < 4 {
			size += (3 << 29) / 188 * 188
		}
		v.keys, v.sizes[key] = append(v.keys, key), size
		end += size
	}
	r := mustRun(t, with(only(v, finalize.Formats{}), inOne), "foo")
	if v.made == nil || v.made.Size != end {
		t.Fatalf("the object is %v, the segments have %d bytes", v.made, end)
	}
	q := &r.Committed[0].Record.Renditions[0]
	at := int64(0)
	for i, key := range v.keys {
		if q.Single.Offset[i] != at || q.Single.Length[i] != v.sizes[key] {
			t.Errorf("%s is %d bytes at %d, want %d at %d", key, q.Single.Length[i], q.Single.Offset[i], v.sizes[key], at)
		}
		at += v.sizes[key]
	}
	text := string(v.Snapshot()[v.output(t, "foo", "/720p.m3u8")].Body)
	if want := fmt.Sprintf("#EXT-X-BYTERANGE:%d@%d\n", len(high.segment(4)), end-int64(len(high.segment(4)))); end < 1<<32 || !strings.Contains(text, want) {
		t.Errorf("there is no %q in\n%s", want, text)
	}
}
