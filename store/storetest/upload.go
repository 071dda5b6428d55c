package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"recfin/store"
)

// pattern is a repeatable body without a period that a part size would hide.
func pattern(n int, seed byte) []byte {
	p := make([]byte, n)
	x := uint32(seed) + 1
	for i := range p {
		x = x*1664525 + 1013904223
		p[i] = byte(x >> 24)
	}
	return p
}

func headOf(p []byte) store.Headed { return bytes.NewReader(p) }

func zeros(n int) store.Headed { return headOf(make([]byte, n)) }

// upload runs a whole upload with writes of uneven sizes.
func (t *suite) upload(key string, opt store.CreateOptions, head, body []byte) (store.Object, error) {
	u, err := t.s.Create(t.ctx, key, opt)
	if err != nil {
		return store.Object{}, err
	}
	defer u.Abort()
	for step, rest := 1, body; len(rest) > 0; step = step*3 + 1 {
		n := min(step, len(rest))
		if m, err := u.Write(rest[:n]); err != nil || m != n {
			return store.Object{}, errors.Join(err, fmt.Errorf("wrote %d of %d bytes", m, n))
		}
		rest = rest[n:]
		if step > 3<<20 {
			step = 0
		}
	}
	return u.Commit(t.ctx, headOf(head))
}

func testUploadSizes(t *suite) {
	const MiB = 1 << 20
	for _, c := range []struct {
		room, head, body int
		large            bool
	}{
		{0, 0, 0, false},
		{0, 0, 1, false},
		{0, 10, 0, false},
		{0, 10, 100, false},
		{100, 100, 0, false},
		{100, 100, 1000, false},
		{100, 150, 1000, false},
		{64 << 10, 64 << 10, 3 * MiB, false},
		{1000, 2 * MiB, 3 * MiB, false},
		{MiB, MiB, 22*MiB + 7, true},
		{MiB, 3*MiB + 1, 22 * MiB, true},
		{0, 0, 24 * MiB, true},
		{17 * MiB, 17 * MiB, 9*MiB + 5, true},
		{17*MiB + 3, 26 * MiB, 20 * MiB, true},
		{17 * MiB, 17 * MiB, 0, true},
	} {
		if c.large && t.f.Small {
			continue
		}
		name := fmt.Sprintf("room %d, head %d, body %d", c.room, c.head, c.body)
		head, body := pattern(c.head, 1), pattern(c.body, 2)
		opt := store.CreateOptions{Room: int64(c.room), SizeHint: int64(max(c.room, c.head) + c.body)}
		opt.IfAbsent = true
		key := fmt.Sprintf("up/%d-%d-%d.mp4", c.room, c.head, c.body)
		o, err := t.upload(key, opt, head, body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if o.Key != key || o.Size != int64(c.head+c.body) || !o.Strong() || !o.Same(t.head(key).Object) || !o.Same(t.list(key)[0]) {
			t.Errorf("%s: commit returned %+v, head says %+v", name, o, t.head(key))
		}
		got, err := t.read(key, store.Whole, store.Pinned(o))
		if err != nil || !bytes.Equal(got, append(head, body...)) {
			t.Errorf("%s: %v, or the object is not head and body", name, err)
		}
	}
}

func testUploadVisibility(t *suite) {
	size := 20 << 20
	if t.f.Small {
		size = 1 << 20
	}
	u, err := t.s.Create(t.ctx, "v/x", store.CreateOptions{PutOptions: store.PutOptions{
		IfAbsent: true, ContentType: "video/mp4", Metadata: map[string]string{"a": "b"},
	}, Room: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer u.Abort()
	t.absent("v/x")
	if _, err := u.Write(pattern(size, 3)); err != nil {
		t.Fatal(err)
	}
	t.absent("v/x")
	if got := t.keys(""); len(got) != 0 {
		t.Errorf("an unfinished upload shows %q", got)
	}
	if _, err := u.Commit(t.ctx, zeros(10)); err != nil {
		t.Fatal(err)
	}
	info := t.head("v/x")
	if info.Size != int64(10+size) {
		t.Errorf("head: %+v", info)
	}
	if !t.f.NoMetadata && (info.ContentType != "video/mp4" || info.Metadata["a"] != "b") {
		t.Errorf("head: content type %q, metadata %v", info.ContentType, info.Metadata)
	}
}

func testUploadConflict(t *suite) {
	opt := store.CreateOptions{PutOptions: store.PutOptions{IfAbsent: true}}
	sizes := []int{10, 20 << 20}
	if t.f.Small {
		sizes = sizes[:1]
	}
	for _, size := range sizes {
		key := fmt.Sprintf("c/%d", size)
		u, err := t.s.Create(t.ctx, key, opt)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := u.Write(pattern(size, 4)); err != nil {
			t.Fatal(err)
		}
		t.put(key, "was faster")
		_, err = u.Commit(t.ctx, zeros(0))
		t.want("commit over an object", err, store.ErrConflict)
		t.holds(key, "was faster")
		if err := u.Abort(); err != nil {
			t.Errorf("abort after a conflict: %v", err)
		}
		t.holds(key, "was faster")
	}
}

func testUploadReplaces(t *suite) {
	old := t.put("r", "old")
	o, err := t.upload("r", store.CreateOptions{Room: 2}, []byte("he"), []byte("ad"))
	if err != nil {
		t.Fatal(err)
	}
	t.holds("r", "head")
	if o.ETag == old.ETag {
		t.Errorf("the ETag is still %q", o.ETag)
	}
}

func testUploadOneWinner(t *suite) {
	opt := store.CreateOptions{PutOptions: store.PutOptions{IfAbsent: true}, Room: 1}
	winners := t.race(func(i int) error {
		_, err := t.upload("race", opt, []byte{'0' + byte(i)}, []byte(" won"))
		return err
	})
	if len(winners) != 1 {
		t.Fatalf("winners %v, want one", winners)
	}
	t.holds("race", fmt.Sprintf("%d won", winners[0]))
}

func testUploadAbort(t *suite) {
	old := t.put("a/kept", "kept")
	size := 20 << 20
	if t.f.Small {
		size = 1 << 20
	}
	for _, key := range []string{"a/kept", "a/new"} {
		for _, n := range []int{0, 10, size} {
			u, err := t.s.Create(t.ctx, key, store.CreateOptions{Room: 5})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := u.Write(pattern(n, 5)); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := u.Abort(); err != nil {
					t.Errorf("abort: %v", err)
				}
			}
			_, err = u.Commit(t.ctx, zeros(5))
			t.want("commit after abort", err, store.ErrInvalid)
		}
	}
	t.absent("a/new")
	if !t.head("a/kept").Same(old) {
		t.Errorf("an aborted upload touched its object: %+v, was %+v", t.head("a/kept"), old)
	}
}

func testUploadEnded(t *suite) {
	u, err := t.s.Create(t.ctx, "e", store.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Write([]byte("body")); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Commit(t.ctx, zeros(0)); err != nil {
		t.Fatal(err)
	}
	_, err = u.Write([]byte("more"))
	t.want("write after commit", err, store.ErrInvalid)
	_, err = u.Commit(t.ctx, zeros(0))
	t.want("commit after commit", err, store.ErrInvalid)
	if err := u.Abort(); err != nil {
		t.Errorf("abort after commit: %v", err)
	}
	t.holds("e", "body")
}

var errHead = errors.New("the head cannot be made")

type badHead struct{ size int64 }

func (h badHead) ReadAt([]byte, int64) (int, error) { return 0, errHead }
func (h badHead) Size() int64                       { return h.size }

// testUploadHead: a head that is too small or cannot be made leaves nothing.
func testUploadHead(t *suite) {
	for what, c := range map[string]struct {
		head store.Headed
		want error
	}{
		"small": {zeros(9), store.ErrInvalid},
		"bad":   {badHead{10}, errHead},
		"short": {short{bytes.NewReader(make([]byte, 8)), 10}, io.ErrUnexpectedEOF},
	} {
		u, err := t.s.Create(t.ctx, "h", store.CreateOptions{Room: 10})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := u.Write([]byte("body")); err != nil {
			t.Fatal(err)
		}
		_, err = u.Commit(t.ctx, c.head)
		t.want("commit with a head that is "+what, err, c.want)
		t.absent("h")
		if err := u.Abort(); err != nil {
			t.Errorf("abort: %v", err)
		}
	}
}

// short promises more bytes than it has.
type short struct {
	io.ReaderAt
	size int64
}

func (h short) Size() int64 { return h.size }

func testUploadInvalid(t *suite) {
	for what, opt := range map[string]store.CreateOptions{
		"if match":      {PutOptions: store.PutOptions{IfMatch: "e"}},
		"negative room": {Room: -1},
		"negative hint": {SizeHint: -1},
		"small hint":    {Room: 10, SizeHint: 9},
	} {
		_, err := t.s.Create(t.ctx, "i", opt)
		t.want("create with "+what, err, store.ErrInvalid)
	}
	_, err := t.s.Create(t.ctx, "/i", store.CreateOptions{})
	t.want("create with a bad key", err, store.ErrInvalid)
}

// testSweep: a sweep ends what is old and under its prefix, if it sees it, and
// nothing else; it never touches an object.
func testSweep(t *suite) {
	size := 20 << 20
	if t.f.Small {
		size = 1 << 10
	}
	t.put("s/object", "kept")
	u, err := t.s.Create(t.ctx, "s/unfinished", store.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer u.Abort()
	if _, err := u.Write(pattern(size, 6)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		prefix string
		age    time.Duration
	}{{"s/", time.Hour}, {"other/", 0}} {
		if n, err := t.s.Sweep(t.ctx, c.prefix, c.age); err != nil || n != 0 {
			t.Errorf("sweep %q of %v: %d, %v, want none", c.prefix, c.age, n, err)
		}
	}
	if _, err := u.Commit(t.ctx, zeros(0)); err != nil {
		t.Errorf("commit after sweeps that do not concern it: %v", err)
	}
	if n, err := t.s.Sweep(t.ctx, "s/", 0); err != nil || n != 0 {
		t.Errorf("sweep after the commit: %d, %v", n, err)
	}
	if got := t.keys(""); len(got) != 2 {
		t.Errorf("after sweeps: %q", got)
	}
}
