package storetest

import (
	"bytes"
	"errors"
	"io"

	"recfin/store"
)

// testGetProved: every store can prove the read of a whole object, of none, one or
// many bytes, and gives the same bytes as without.
func testGetProved(t *suite) {
	for key, body := range map[string]string{"none": "", "one": "x", "many": string(bytes.Repeat([]byte("many "), 20_000))} {
		o := t.put(key, body)
		for _, r := range []store.Range{store.Whole, {Len: o.Size}, {Off: -max(1, o.Size)}} {
			opt := store.Pinned(o)
			opt.Prove = true
			b, err := t.s.Get(t.ctx, key, r, opt)
			if err != nil {
				t.Errorf("get %q, %+v: %v", key, r, err)
				continue
			}
			got, err := io.ReadAll(b)
			if err != nil || string(got) != body {
				t.Errorf("get %q, %+v: %s, %v", key, r, excerpt(got), err)
			}
			if r == store.Whole && !b.Proved {
				t.Errorf("get %q: it cannot be proved", key)
			}
			b.Close()
		}
	}
	b, err := t.s.Get(t.ctx, "one", store.Whole, store.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if b.Proved {
		t.Error("proved without having been asked for")
	}
	b.Close()
}

// testUploadInParts: a small object is stored in the form of large ones, with room
// and without, and under a condition.
func testUploadInParts(t *suite) {
	for key, c := range map[string]struct{ head, body string }{
		"u/both": {"head", "body"}, "u/head": {"head", ""}, "u/body": {"", "body"}, "u/none": {"", ""},
	} {
		opt := store.CreateOptions{Room: int64(len(c.head)), Parts: true}
		opt.IfAbsent = true
		for _, want := range []error{nil, store.ErrConflict} {
			u, err := t.s.Create(t.ctx, key, opt)
			if err != nil {
				t.Fatalf("create %q: %v", key, err)
			}
			if _, err := u.Write([]byte(c.body)); err != nil {
				t.Fatalf("write %q: %v", key, err)
			}
			if _, err := u.Commit(t.ctx, bytes.NewReader([]byte(c.head))); !errors.Is(err, want) {
				t.Errorf("commit %q: %v, want %v", key, err, want)
			}
			t.holds(key, c.head+c.body)
		}
	}
}

// testChecksum: a checksum that is told is that of the contents, and one that is
// claimed changes nothing where it is right.
func testChecksum(t *suite) {
	for key, body := range map[string]string{"none": "", "some": "some bytes"} {
		sum := store.CRC64([]byte(body))
		if _, err := t.s.Put(t.ctx, key, []byte(body), store.PutOptions{CRC64: sum}); err != nil {
			t.Errorf("put %q with its checksum: %v", key, err)
			continue
		}
		t.holds(key, body)
		if info := t.head(key); info.CRC64 != "" && info.CRC64 != sum {
			t.Errorf("head %q: checksum %s, want %s", key, info.CRC64, sum)
		}
	}
}
