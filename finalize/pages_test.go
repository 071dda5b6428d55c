package finalize

import (
	"bytes"
	"io"
	"testing"

	"recfin/store"
	"recfin/store/mem"
)

// TestPages: a head whose size is known is read by one request, however often and in
// whatever steps it is looked at; a very large one is never in memory as a whole.
func TestPages(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		name         string
		size, head   int64 // of the object, and as it is announced; 0: it is not
		looks        int64 // bytes that are read, twice, 1 MiB at a time
		gets, memory int64
	}{
		{"a small head", 20 * mib, 5000, mib, 1, mib},
		{"one of an hour", 20 * mib, 2*mib + 5, 3 * mib, 1, 3 * mib},
		{"as large as may be", 20 * mib, 2 * pageSize, 2 * pageSize, 1, 2 * pageSize},
		{"too large for one", 40 * mib, 2*pageSize + 1, 2*pageSize + mib, 6, pageSize},
		{"not known", 20 * mib, 0, 3 * mib, 4, pageSize},
		{"a file that ends before", 3*mib + 7, 3*mib + 2, 3*mib + 7, 1, 3*mib + 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := bytes.Repeat([]byte("0123456789abcdefghi"), int(c.size/19+1))[:c.size]
			s, n := store.Count(mem.New(mem.Options{}))
			o, err := s.Put(t.Context(), "x", body, store.PutOptions{})
			if err != nil {
				t.Fatal(err)
			}
			p := &pages{ctx: t.Context(), r: s, o: o}
			if c.head > 0 {
				p.expect(c.head)
			}
			for range 2 {
				got := make([]byte, 0, c.looks)
				for int64(len(got)) < c.looks {
					step := got[len(got) : int64(len(got))+min(mib, c.looks-int64(len(got)))]
					if _, err := p.ReadAt(step, int64(len(got))); err != nil && err != io.EOF {
						t.Fatal(err)
					}
					got = got[:len(got)+len(step)]
				}
				if !bytes.Equal(got, body[:c.looks]) {
					t.Fatal("other bytes than are there")
				}
			}
			if n.Get.Load() != c.gets || int64(len(p.page)) > c.memory {
				t.Errorf("%d requests, want %d; %d bytes in memory, want %d at most", n.Get.Load(), c.gets, len(p.page), c.memory)
			}
		})
	}
}
