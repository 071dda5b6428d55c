package s3

import (
	"errors"
	"fmt"
	"testing"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

// TestPages: pages of something in front of the store are no objects, no writes that
// were done, and no news of objects that are gone.
func TestPages(t *testing.T) {
	for _, status := range []int{200, 404} {
		d := newDouble(t)
		s := connect(t, d, quick())
		d.Set("pre/x", "x")
		d.Hook(func(x *s3double.Exchange) bool {
			x.W.Header().Set("Content-Type", "text/html")
			x.W.WriteHeader(status)
			if x.R.Method != "HEAD" {
				fmt.Fprint(x.W, "<html><body>Oops</body></html>")
			}
			return true
		})
		for name, call := range calls(t.Context(), s) {
			err := call()
			if name == "now" || name == "sweep" && status == 200 {
				continue // it has a date, and lists no upload
			}
			if !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("%s, status %d: %v, want ErrUnavailable", name, status, err)
			}
		}
	}
}

// TestShorter: an answer for fewer bytes than the version has says nothing of it;
// a version that has fewer is another one.
func TestShorter(t *testing.T) {
	d := newDouble(t)
	s := connect(t, d, quick())
	o, err := s.Put(t.Context(), "x", []byte("123456"), store.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	d.Fault(s3double.Fault{Op: "GetObject", Times: 1, Do: s3double.Shorten(3)})
	if _, err := s.Get(t.Context(), "x", store.Whole, store.Pinned(o)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a short answer: %v", err)
	}
	o.Size = 7
	if _, err := s.Get(t.Context(), "x", store.Whole, store.Pinned(o)); !errors.Is(err, store.ErrChanged) {
		t.Errorf("another size: %v", err)
	}
}

// TestCutRefusal: a 404 of the store whose body broke off does not say what is
// missing: it is asked for again, and neither gone nor a case for a human.
func TestCutRefusal(t *testing.T) {
	for _, body := range []string{"<Error>", "<Error><Code>NoSuch", "<?xml ver"} {
		d := newDouble(t)
		s := connect(t, d, quick())
		d.Set("pre/x", "x")
		broken := 1
		d.Hook(func(x *s3double.Exchange) bool {
			if x.R.Method != "GET" || broken == 0 {
				return false
			}
			broken--
			x.W.Header().Set("X-Amz-Request-Id", "REQ1")
			x.W.Header().Set("Content-Type", "application/xml")
			x.W.WriteHeader(404)
			fmt.Fprint(x.W, body)
			return true
		})
		b, err := s.Get(t.Context(), "x", store.Whole, store.GetOptions{})
		if err != nil {
			t.Errorf("%q once: %v", body, err)
		} else {
			b.Close()
		}
		broken = 1 << 20
		if _, err := s.Get(t.Context(), "x", store.Whole, store.GetOptions{}); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%q always: %v", body, err)
		}
	}
}
