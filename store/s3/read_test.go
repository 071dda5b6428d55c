package s3

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

// breaks cuts bodies of GetObject behind n bytes each, times times.
func breaks(d *s3double.Server, n, times int) {
	d.Fault(s3double.Fault{Op: "GetObject", Times: times, Do: s3double.Truncate(n)})
}

func TestShortBody(t *testing.T) {
	for _, c := range []struct {
		name   string
		pinned bool
		after  int
		times  int
		want   error
	}{
		{"pinned, once", true, 3, 1, nil},
		{"pinned, again and again", true, 1, 9, nil},
		{"pinned, never a byte more", true, 0, 99, io.ErrUnexpectedEOF},
		{"not pinned", false, 3, 1, io.ErrUnexpectedEOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDouble(t)
			s := connect(t, d, quick())
			o, err := s.Put(t.Context(), "x", []byte("0123456789abcdef"), store.PutOptions{})
			if err != nil {
				t.Fatal(err)
			}
			breaks(d, c.after, c.times)
			opt := store.GetOptions{}
			if c.pinned {
				opt = store.Pinned(o)
			}
			b, err := s.Get(t.Context(), "x", store.Range{Off: 1, Len: 12}, opt)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			got, err := io.ReadAll(b)
			if !errors.Is(err, c.want) || (c.want == nil && (err != nil || string(got) != "123456789abc")) {
				t.Errorf("read %q, %v, want %v", got, err, c.want)
			}
			if n := d.Count("GetObject"); n > 1+c.times || n > 1+maxResume && c.after == 0 {
				t.Errorf("%d requests", n)
			}
			if c.want != nil && (!errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "get x in ")) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestReplacedWhileRead: the rest of a pinned body is not that of another version.
func TestReplacedWhileRead(t *testing.T) {
	for _, gone := range []bool{false, true} {
		d := newDouble(t)
		s := connect(t, d, quick())
		o, err := s.Put(t.Context(), "x", []byte("0123456789"), store.PutOptions{})
		if err != nil {
			t.Fatal(err)
		}
		breaks(d, 3, 1)
		b, err := s.Get(t.Context(), "x", store.Whole, store.Pinned(o))
		if err != nil {
			t.Fatal(err)
		}
		d.Set("pre/x", "abcdefghij")
		if gone {
			d.Remove("pre/x")
		}
		if got, err := io.ReadAll(b); !errors.Is(err, store.ErrChanged) || string(got) != "012" {
			t.Errorf("gone %v: read %q, %v, want ErrChanged", gone, got, err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		if _, err := b.Read(make([]byte, 1)); err == nil || err == io.EOF {
			t.Errorf("read after close: %v", err)
		}
	}
}

// TestDeafToConditions: a store that looks neither at If-Match nor at Range is
// found out.
func TestDeafToConditions(t *testing.T) {
	d := newDouble(t)
	s := connect(t, d, quick())
	o, err := s.Put(t.Context(), "x", []byte("0123456789"), store.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	old := o
	old.ETag = "other"
	d.Hook(func(x *s3double.Exchange) bool {
		x.R.Header.Del("If-Match")
		x.R.Header.Del("Range")
		return false
	})
	if _, err := s.Get(t.Context(), "x", store.Whole, store.Pinned(old)); !errors.Is(err, store.ErrChanged) {
		t.Errorf("another version: %v, want ErrChanged", err)
	}
	if _, err := s.Get(t.Context(), "x", store.Range{Off: 2, Len: 3}, store.Pinned(o)); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("another range: %v, want ErrInvalid", err)
	}
	for _, err := range s.Delete(t.Context(), []store.Object{old}, store.DeleteOptions{}) {
		if !errors.Is(err, store.ErrChanged) {
			t.Errorf("delete of another version: %v, want ErrChanged", err)
		}
	}
	if _, found := there(d, "x"); !found {
		t.Error("another version was deleted")
	}
}

// TestListPages: odd keys, over pages of two.
func TestListPages(t *testing.T) {
	d := newDouble(t)
	tune := quick()
	tune.pageSize = 2
	s := connect(t, d, tune)
	keys := []string{"a b", "a\nb", "a+b", "a%2Bb", "a&<b>\"", "ü/日", "a/b", "a//b", "\x01", "/rooted", ".recfin/state/00", ".recfin", ".recfinx"}
	for _, k := range keys {
		d.Set("pre/"+k, k)
	}
	d.Set("pre/", "")
	d.Set("prefix", "")
	want := slices.Sorted(slices.Values(keys))
	want = slices.DeleteFunc(want, func(key string) bool { return store.Hidden(key, "") })
	var got []string
	for o, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if o.Store != s.Label() || o.Size != int64(len(o.Key)) || !o.Strong() || o.Modified.IsZero() {
			t.Errorf("%+v", o)
		}
		got = append(got, o.Key)
	}
	if !slices.Equal(got, want) || len(want) != len(keys)-2 {
		t.Errorf("list: %q, want %q", got, want)
	}
}

// TestListBroken: a listing that is not whole is an error, never a short one.
func TestListBroken(t *testing.T) {
	const whole = "<ListBucketResult><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated><Contents><Key>pre/a</Key><Size>1</Size></Contents></ListBucketResult>"
	for _, c := range []struct {
		name, page string
		want       error
	}{
		{"as it should be", whole, nil},
		{"cut", whole[:len(whole)-30], store.ErrUnavailable},
		{"cut between keys", "<ListBucketResult><KeyCount>2</KeyCount><IsTruncated>false</IsTruncated><Contents><Key>pre/a</Key><Size>1</Size></Contents>", store.ErrUnavailable},
		{"fewer than it says", strings.Replace(whole, "<KeyCount>1", "<KeyCount>2", 1), store.ErrUnavailable},
		{"cut early", "<ListBucketResult><KeyCount>0</KeyCount>", store.ErrUnavailable},
		{"empty", "", store.ErrUnavailable},
		{"HTML", "<html><body>login</body></html>", store.ErrUnavailable},
		{"no way on", strings.ReplaceAll(whole, "false", "true"), store.ErrUnavailable},
		{"in a circle", strings.ReplaceAll(whole, "false</IsTruncated>", "true</IsTruncated><NextContinuationToken>t</NextContinuationToken>"), store.ErrUnavailable},
		{"out of order", strings.ReplaceAll(strings.ReplaceAll(whole, "<KeyCount>1", "<KeyCount>2"), "<Contents>", "<Contents><Key>pre/b</Key><Size>1</Size></Contents><Contents>"), store.ErrInvalid},
		{"elsewhere", strings.ReplaceAll(whole, "pre/a", "secret/a"), store.ErrInvalid},
		{"no size", strings.ReplaceAll(whole, "<Size>1</Size>", ""), store.ErrUnavailable},
		{"no key", strings.ReplaceAll(whole, "<Key>pre/a</Key>", ""), store.ErrUnavailable},
		{"badly encoded", strings.ReplaceAll(whole, "<Contents><Key>pre/a", "<EncodingType>url</EncodingType><Contents><Key>pre/%zz"), store.ErrInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDouble(t)
			s := connect(t, d, quick())
			d.Hook(func(x *s3double.Exchange) bool {
				fmt.Fprint(x.W, c.page)
				return true
			})
			var err error
			for _, err = range s.List(t.Context(), "") {
			}
			if !errors.Is(err, c.want) || (c.want == nil && err != nil) {
				t.Errorf("list: %v, want %v", err, c.want)
			}
		})
	}
}

// TestListFailsLater: the second page fails for good.
func TestListFailsLater(t *testing.T) {
	d := newDouble(t)
	tune := quick()
	tune.pageSize = 2
	s := connect(t, d, tune)
	for _, k := range []string{"a", "b", "c"} {
		d.Set("pre/"+k, "")
	}
	d.Hook(func(x *s3double.Exchange) bool {
		if !x.Query.Has("continuation-token") {
			return false
		}
		x.Refuse(http.StatusForbidden, "AccessDenied")
		return true
	})
	n := 0
	var last error
	for _, err := range s.List(t.Context(), "") {
		n++
		last = err
	}
	if n != 3 || !errors.Is(last, store.ErrDenied) {
		t.Errorf("%d pairs, the last with %v", n, last)
	}
}

func TestNowAsks(t *testing.T) {
	date := time.Date(2030, 5, 6, 7, 8, 9, 0, time.UTC)
	d := s3double.New(t, s3double.Options{
		AccessKey: testKey, SecretKey: testSecret, Clock: func() time.Time { return date },
	})
	s := connect(t, d, quick())
	for range 3 {
		if got, err := s.Now(t.Context()); err != nil || !got.Equal(date) {
			t.Errorf("now: %v, %v, want %v", got, err, date)
		}
	}
	if n := d.Count("HeadBucket"); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

var contentRanges = map[string][3]int64{
	"bytes 0-9/10":   {0, 10, 10},
	"bytes 3-3/10":   {3, 4, 10},
	"bytes 0-10/10":  {},
	"bytes 5-4/10":   {},
	"bytes 0-9/*":    {},
	"bytes */10":     {},
	"bytes -1-9/10":  {},
	"":               {},
	"bytes 0-9":      {},
	"bytes a-b/c":    {},
	"items 0-9/1000": {},
}

func TestContentRange(t *testing.T) {
	for text, want := range contentRanges {
		lo, hi, size, err := parseContentRange(text)
		if got := [3]int64{lo, hi, size}; got != want || (err == nil) != (want != [3]int64{}) {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
}

func FuzzContentRange(f *testing.F) {
	for text := range contentRanges {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lo, hi, size, err := parseContentRange(text)
		if err == nil && !(0 <= lo && lo < hi && hi <= size) {
			t.Errorf("%q: [%d, %d) of %d", text, lo, hi, size)
		}
	})
}
