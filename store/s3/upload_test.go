package s3

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

// TestParts holds the shape of an upload: equal parts but the last, numbered
// from 1 without a gap, the front sent last, and one Put where one part does.
func TestParts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDouble(t)
		defer d.Close()
		s := connect(t, d, quick())
		const part = 64
		room := rapid.IntRange(0, 3*part).Draw(rt, "room")
		extra := rapid.SampledFrom([]int{0, 0, 0, 1, part, 5 * part}).Draw(rt, "extra")
		body := bytes.Repeat([]byte("body"), part)[:rapid.IntRange(0, 4*part).Draw(rt, "body")]
		head := bytes.Repeat([]byte("h"), room+extra)
		var sizes []int
		d.Hook(func(x *s3double.Exchange) bool {
			if x.Op == complete {
				for _, up := range d.Uploads() {
					for n := 1; n <= len(up.Parts); n++ {
						sizes = append(sizes, int(up.Parts[n]))
					}
				}
			}
			return false
		})
		u, err := s.Create(t.Context(), "x", store.CreateOptions{Room: int64(room)})
		if err != nil {
			rt.Fatal(err)
		}
		for rest := body; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(rt, "write")
			if _, err := u.Write(rest[:n]); err != nil {
				rt.Fatal(err)
			}
			rest = rest[n:]
		}
		o, err := u.Commit(t.Context(), bytes.NewReader(head))
		if err != nil {
			rt.Fatal(err)
		}
		want := string(head) + string(body)
		if got, _ := there(d, "x"); got != want || o.Size != int64(len(want)) {
			rt.Fatalf("stored %d bytes, want %d; commit returned %+v", len(got), len(want), o)
		}
		if single := d.Count("PutObject") == 1; single != (len(want) <= part) {
			rt.Fatalf("one Put: %v, for %d bytes", single, len(want))
		}
		if extra == 0 && len(sizes) > 1 {
			equal := slices.Repeat([]int{part}, len(sizes)-1)
			if last := sizes[len(sizes)-1]; !slices.Equal(sizes[:len(sizes)-1], equal) || last > part {
				rt.Fatalf("parts of %v bytes", sizes)
			}
		}
	})
}

// TestMemory: buffers are reused, and there are never more than workers + 1
// beside the one that is held back.
func TestMemory(t *testing.T) {
	d := newDouble(t)
	s := connect(t, d, quick())
	made, err := s.Create(t.Context(), "x", store.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	u := made.(*upload)
	seen := map[*byte]bool{}
	for range 200 * 64 {
		if _, err := u.Write([]byte{1}); err != nil {
			t.Fatal(err)
		}
		if len(u.cur) > 0 {
			seen[&u.cur[0]] = true
		}
	}
	if len(seen) > maxPartWorkers+1 || len(seen) == 0 {
		t.Errorf("%d buffers for parts, want at most %d", len(seen), maxPartWorkers+1)
	}
	if _, err := u.Commit(t.Context(), strings.NewReader("")); err != nil {
		t.Fatal(err)
	}
}

// TestFront: the parts held back are as few as hold the room.
func TestFront(t *testing.T) {
	d := newDouble(t)
	s := connect(t, d, quick())
	for _, c := range []struct {
		room  int64
		front int32
		limit int
	}{{0, 1, 64}, {1, 1, 63}, {63, 1, 1}, {64, 1, 0}, {65, 2, 63}, {128, 2, 0}, {129, 3, 63}} {
		made, err := s.Create(t.Context(), "x", store.CreateOptions{Room: c.room})
		if err != nil {
			t.Fatal(err)
		}
		if u := made.(*upload); u.front != c.front || u.limit != c.limit || u.next != c.front+1 {
			t.Errorf("room %d: %d parts, %d bytes of body; want %d, %d", c.room, u.front, u.limit, c.front, c.limit)
		}
	}
}

func TestPartSize(t *testing.T) {
	const gib = 1 << 30
	for _, c := range []struct{ room, hint, want int64 }{
		{0, 0, 8 * mib},
		{0, 100 * mib, 8 * mib},
		{0, 9000*8*mib - 1, 8 * mib},
		{0, 9000*8*mib + 1, 16 * mib},
		{0, 9000*16*mib + 1, 32 * mib},
		{9000*8*mib + 1, 0, 16 * mib},
		{0, 40 << 40, 8 * gib},
	} {
		got, err := defaults().partSize(store.CreateOptions{Room: c.room, SizeHint: c.hint})
		if c.want > maxPart {
			if !errors.Is(err, store.ErrInvalid) {
				t.Errorf("part size for %d: %d, %v, want ErrInvalid", c.hint, got, err)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("part size for room %d and hint %d: %d, %v, want %d", c.room, c.hint, got, err, c.want)
		}
	}
}

// TestTooManyParts: an object that outgrows what was announced is refused
// before its parts are no longer taken.
func TestTooManyParts(t *testing.T) {
	d := newDouble(t)
	tune := quick()
	tune.minPart = 1
	s := connect(t, d, tune)
	p, err := s.beginParts(t.Context(), "x", store.PutOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.send(maxParts+1, strings.NewReader("x"), 1, func() {}); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("part %d: %v", maxParts+1, err)
	}
	if err := p.wait(); err != nil || d.Count("UploadPart") != 0 {
		t.Errorf("%v, %d parts sent", err, d.Count("UploadPart"))
	}
}

// TestPutLostAnswer: a conditional put that meets itself is success, and one
// that meets another is not.
func TestPutLostAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		trouble trouble
		want    error
	}{
		"itself":         {cuts(1, putOne), nil},
		"another":        {stolen(putOne, "thief"), store.ErrConflict},
		"its own double": {stolen(putOne, "owner"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDouble(t)
			s := connect(t, d, quick())
			c.trouble(d)
			o, err := s.Put(t.Context(), "x", []byte("owner"), store.PutOptions{IfAbsent: true})
			if !errors.Is(err, c.want) || (c.want == nil && err != nil) {
				t.Errorf("put: %v, want %v", err, c.want)
			}
			if err == nil && (!o.Strong() || o.Size != 5) {
				t.Errorf("put returned %+v", o)
			}
			if n := d.Count(putOne); n != 2 {
				t.Errorf("%d attempts, want 2", n)
			}
		})
	}
}
