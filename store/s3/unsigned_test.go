package s3

import (
	"bytes"
	"io"
	"sync"
	"testing"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

// TestUnsigned: a part is sent without a signature of its bytes where its checksum
// is compared, and there only; an object that is stored at once never is.
func TestUnsigned(t *testing.T) {
	for _, c := range []struct {
		name string
		sums s3double.Checksums
		want bool // parts are not signed
	}{
		{"compared", s3double.ChecksumsComputed, true},
		{"echoed", s3double.ChecksumsEchoed, false},
		{"ignored", s3double.ChecksumsIgnored, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := s3double.New(t, s3double.Options{AccessKey: testKey, SecretKey: testSecret, MinPart: 40, Checksums: c.sums})
			s := connect(t, d, quick())
			if _, err := store.Detect(t.Context(), s, "out/.recfin/"); err != nil {
				t.Fatal(err)
			}
			var mu sync.Mutex
			seen := map[string]int{} // requests by operation and whether their bytes are signed
			d.Hook(func(x *s3double.Exchange) bool {
				mu.Lock()
				defer mu.Unlock()
				name := x.Op
				if x.Header.Get("X-Amz-Content-Sha256") == "UNSIGNED-PAYLOAD" {
					name += " unsigned"
				}
				seen[name]++
				return false
			})
			if _, err := finish(t, s, store.CreateOptions{Room: 1}, "h", large); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Put(t.Context(), "small", []byte("marker"), store.PutOptions{}); err != nil {
				t.Fatal(err)
			}
			if got := seen["UploadPart unsigned"] > 0 && seen["UploadPart"] == 0; got != c.want || seen["PutObject"] != 1 {
				t.Errorf("sent %v", seen)
			}
		})
	}
}

// TestUnsignedSpoilt: a byte of an unsigned part that changes on its way is seen by
// the store, and the part is sent again.
func TestUnsignedSpoilt(t *testing.T) {
	d := newDouble(t)
	s := connect(t, d, quick())
	if _, err := store.Detect(t.Context(), s, "out/.recfin/"); err != nil {
		t.Fatal(err)
	}
	sent := d.Count("UploadPart")
	var once sync.Once
	d.Hook(func(x *s3double.Exchange) bool {
		if x.Op == "UploadPart" {
			once.Do(func() {
				body, err := io.ReadAll(x.R.Body)
				if err != nil || len(body) == 0 {
					t.Errorf("the part: %d bytes, %v", len(body), err)
					return
				}
				body[len(body)/2] ^= 1
				x.R.Body = io.NopCloser(bytes.NewReader(body))
			})
		}
		return false
	})
	if _, err := finish(t, s, store.CreateOptions{Room: 1}, "h", large); err != nil {
		t.Fatal(err)
	}
	if got, _ := there(d, "x"); got != "h"+large {
		t.Error("a spoilt part was stored")
	}
	if again := d.Count("UploadPart") - sent - (1+len(large)+63)/64; again != 1 {
		t.Errorf("%d parts were sent again", again)
	}
}
