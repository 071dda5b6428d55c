package s3

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/internal/testenv"
	"recfin/store"
	"recfin/store/storetest/s3double"
)

// below lists and gives the keys.
func below(ctx context.Context, s *Store, prefix string) (keys []string, err error) {
	for o, e := range s.List(ctx, prefix) {
		if e != nil {
			return keys, e
		}
		keys = append(keys, o.Key)
	}
	return keys, nil
}

// tree gives names in folders: what a listing is spread over.
func tree(nonces, renditions, segments int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for n := range nonces {
			for r := range renditions {
				for i := range segments {
					if !yield(fmt.Sprintf("pre/foo/%03d/%dp/%05d.ts", n, r, i)) {
						return
					}
				}
			}
		}
	}
}

func spreadStore(t testing.TB, page int32, keys iter.Seq[string]) (*s3double.Server, *Store, []string) {
	d := newDouble(t)
	d.Fill(keys, "x", time.Now())
	tune := quick()
	tune.idle = 20 * time.Second // a busy machine
	tune.giveUp = 2 * time.Minute
	tune.pageSize = page
	var want []string
	for _, key := range d.Keys("pre/") {
		want = append(want, strings.TrimPrefix(key, "pre/"))
	}
	return d, connectTo(t, d.Endpoint, tune), want
}

// TestSpread: a long listing is read in several places at once, is the same as ever,
// and costs few requests more than it has pages.
func TestSpread(t *testing.T) {
	for _, c := range []struct {
		name                        string
		nonces, renditions, segment int
		page                        int32
		more                        int // requests beyond the pages, at most
		least                       int // requests in flight at the same time, at least
	}{
		{"a page", 1, 1, 100, 100, 0, 1},
		{"two pages", 1, 2, 100, 100, 0, 1},
		{"one folder", 1, 1, 3000, 100, 3, 1},
		{"five renditions", 1, 5, 2000, 100, 5 + 3, 4},
		{"eight nonces of five renditions", 8, 5, 500, 100, 40 + 20, 12},
		{"folders of a page", 60, 1, 100, 100, 30, 4},
		{"small folders", 1000, 2, 5, 100, 40, 4},
		{"folders of one", 3000, 1, 1, 100, 45, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, s, want := spreadStore(t, c.page, tree(c.nonces, c.renditions, c.segment))
			var mu sync.Mutex
			active, most := 0, 0
			d.Hook(func(x *s3double.Exchange) bool {
				mu.Lock()
				active++
				most = max(most, active)
				mu.Unlock()
				time.Sleep(10 * time.Millisecond)
				mu.Lock()
				active--
				mu.Unlock()
				return false
			})
			got, err := below(t.Context(), s, "foo/")
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%d keys, %v, want %d", len(got), err, len(want))
			}
			pages := (len(want) + int(c.page) - 1) / int(c.page)
			n := d.Count("ListObjectsV2")
			testenv.Figure(t, "listing "+c.name, "%d objects: %d requests for %d pages, at most %d at the same time", len(want), n, pages, most)
			if n > pages+c.more {
				t.Errorf("%d requests for %d pages, want at most %d more", n, pages, c.more)
			}
			if most < c.least || most > spreadWidth+1 {
				t.Errorf("%d requests at the same time, want %d to %d", most, c.least, spreadWidth+1)
			}
		})
	}
}

// TestSpreadDistrusts: a store that takes no notice of where a span shall begin, or that
// begins too late, is found out, and the listing is whole all the same.
func TestSpreadDistrusts(t *testing.T) {
	for name, bend := range map[string]func(after string) string{
		"deaf":          func(string) string { return "" },
		"too late":      func(after string) string { return after + "00001.ts" },
		"much too late": func(string) string { return "pre/zzz" },
		"too early":     func(after string) string { return after[:len(after)-2] },
	} {
		d, s, want := spreadStore(t, 10, tree(5, 3, 60))
		d.Hook(func(x *s3double.Exchange) bool {
			if q := x.R.URL.Query(); q.Get("start-after") != "" && q.Get("continuation-token") == "" {
				q.Set("start-after", bend(q.Get("start-after")))
				x.R.URL.RawQuery = q.Encode()
			}
			return false
		})
		got, err := below(t.Context(), s, "foo/")
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %d keys, %v, want %d", name, len(got), err, len(want))
		}
		if n := d.Count("ListObjectsV2"); n < 90 || n > 220 {
			t.Errorf("%s: %d requests", name, n)
		}
	}
}

// TestSpreadDisorder: a page that is not in the order of bytes ends a listing, also where
// another span is to tell the names that are wrong.
func TestSpreadDisorder(t *testing.T) {
	for _, c := range []struct {
		names, hi string
		shown     int
		want      error
	}{
		{"a b c", "", 3, nil},
		{"a b c", "pre/b", 2, nil},
		{"a c b", "", 2, store.ErrInvalid},
		{"a z y", "pre/b", 1, store.ErrInvalid},
		{"a z a2", "pre/b", 1, store.ErrInvalid},
		{"a z z", "pre/b", 1, store.ErrInvalid},
	} {
		var b builder
		b.reset()
		for _, name := range strings.Fields(c.names) {
			b.object([]byte("pre/"+name), nil, 1, time.Time{})
		}
		p, err := b.finish()
		if err != nil {
			t.Fatal(err)
		}
		shown := 0
		l := listing{s: &Store{opt: Options{Prefix: "pre/"}}, yield: func(store.Object, error) bool { shown++; return true }}
		if more := l.show(p, "", c.hi); more != (c.want == nil) || shown != c.shown || !errors.Is(l.err, c.want) {
			t.Errorf("%s up to %q: %d shown, %v, want %d, %v", c.names, c.hi, shown, l.err, c.shown, c.want)
		}
	}
}

// TestSpreadFails: what a request at any place meets is the error of the listing, or is
// got over; never a short listing.
func TestSpreadFails(t *testing.T) {
	for _, c := range []struct {
		name string
		do   s3double.Effect
		want error
	}{
		{"denied", s3double.Error(403, "AccessDenied"), store.ErrDenied},
		{"gone", s3double.Error(404, "NoSuchBucket"), store.ErrNoStore},
		{"busy", s3double.Error(503, "SlowDown"), nil},
		{"lost", s3double.Lose(), nil},
		{"cut", s3double.Truncate(-1), nil},
		{"shortened", s3double.Shorten(900), nil},
		{"the first page again", s3double.Restart(), nil},
	} {
		for at := 0; at < 26; at += 3 {
			d, s, want := spreadStore(t, 10, tree(3, 4, 25))
			f := d.Fault(s3double.Fault{Op: "ListObjectsV2", After: at, Times: 1, Do: c.do})
			got, err := below(t.Context(), s, "foo/")
			switch {
			case err == nil && !slices.Equal(got, want):
				t.Errorf("%s at %d: %d keys, want %d", c.name, at, len(got), len(want))
			case err != nil && (c.want == nil || !errors.Is(err, c.want)):
				t.Errorf("%s at %d: %v, want %v", c.name, at, err, c.want)
			case f.Met() != 1:
				t.Errorf("%s at %d: not met", c.name, at)
			}
			d.Close()
		}
	}
}

// TestSpreadEnds: a listing that is not wanted any more stops, as does one whose caller
// is gone.
func TestSpreadEnds(t *testing.T) {
	d, s, want := spreadStore(t, 10, tree(5, 4, 50))
	for _, n := range []int{1, 10, 11, 21, 35, 500, 999} {
		ctx, cancel := context.WithCancel(t.Context())
		got, before := 0, d.Count("ListObjectsV2")
		for _, err := range s.List(ctx, "foo/") {
			if err != nil {
				t.Fatal(err)
			}
			if got++; got == n {
				break
			}
		}
		if asked := d.Count("ListObjectsV2") - before; n <= 20 && asked != (n+9)/10 {
			t.Errorf("%d requests for %d objects", asked, n)
		}
		got = 0
		for _, err := range s.List(ctx, "foo/") {
			if got++; got == n {
				cancel()
			}
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			if err == nil && got > len(want) {
				t.Errorf("%d objects", got)
			}
		}
		cancel()
	}
}

// TestSpreadModel: any keys, any size of a page, while others write and delete: what is
// there all the time is listed once and in order, and nothing that never was.
func TestSpreadModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.Custom(func(t *rapid.T) string {
			parts := rapid.SliceOfN(rapid.StringMatching("[a-c0.-]{1,2}"), 1, 4).Draw(t, "parts")
			return "pre/" + strings.Join(parts, "/") + rapid.SampledFrom([]string{"", "", "/"}).Draw(t, "end")
		})
		lasting := rapid.SliceOfN(name, 0, 120).Draw(rt, "lasting")
		passing := rapid.SliceOfN(name, 0, 40).Draw(rt, "passing")
		d, s, _ := spreadStore(t, int32(rapid.IntRange(1, 7).Draw(rt, "page")), slices.Values(slices.Concat(lasting, passing)))
		defer d.Close()
		stays := map[string]bool{}
		for _, key := range lasting {
			stays[key] = true
		}
		var mu sync.Mutex
		n := 0
		d.Hook(func(*s3double.Exchange) bool {
			mu.Lock()
			defer mu.Unlock()
			if n++; n <= len(passing) && !stays[passing[n-1]] {
				d.Remove(passing[n-1])
			}
			if n%3 == 0 && len(passing) > 0 {
				d.Set(passing[n%len(passing)]+"x", "new")
			}
			return false
		})
		prefix := rapid.SampledFrom([]string{"", "a", "a/", "b/a"}).Draw(rt, "prefix")
		got, err := below(t.Context(), s, prefix)
		if err != nil {
			rt.Fatal(err)
		}
		for i := range got {
			if i > 0 && got[i] <= got[i-1] {
				rt.Fatalf("%q follows %q", got[i], got[i-1])
			}
			if !strings.HasPrefix(got[i], prefix) {
				rt.Fatalf("%q is not below %q", got[i], prefix)
			}
		}
		for key := range stays {
			if key = strings.TrimPrefix(key, "pre/"); strings.HasPrefix(key, prefix) && !slices.Contains(got, key) {
				rt.Fatalf("%q is missing in %q", key, got)
			}
		}
	})
}
