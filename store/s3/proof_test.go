package s3

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

// proofWays are the ways to prove a read, by what the store has to offer.
var proofWays = []struct {
	name   string
	opt    s3double.Options
	header map[string]string // of the answers
	reads  int               // of a body that is as it should be
}{
	{"CRC-64/NVME", s3double.Options{OpaqueETags: true}, nil, 1},
	{"CRC-32", s3double.Options{OpaqueETags: true, Checksums: s3double.ChecksumsIgnored}, map[string]string{"x-amz-checksum-crc32": "y/Q5Jg=="}, 1},
	{"CRC-32C", s3double.Options{OpaqueETags: true, Checksums: s3double.ChecksumsIgnored}, map[string]string{"x-amz-checksum-crc32c": "4waSgw=="}, 1},
	{"MD5", s3double.Options{Checksums: s3double.ChecksumsIgnored}, nil, 1},
	{"an ETag that is no MD5", s3double.Options{Checksums: s3double.ChecksumsIgnored}, map[string]string{"ETag": `"0123456789abcdef0123456789abcdef"`}, 2},
	{"nothing", s3double.Options{OpaqueETags: true, Checksums: s3double.ChecksumsIgnored}, nil, 2},
	{"a checksum of checksums", s3double.Options{OpaqueETags: true, Checksums: s3double.ChecksumsIgnored},
		map[string]string{"x-amz-checksum-crc32": "y/Q5Jg==-3", "x-amz-checksum-type": "COMPOSITE"}, 2},
}

// answerWith sets headers of the answers to GetObject.
func answerWith(header map[string]string) func(x *s3double.Exchange) bool {
	return func(x *s3double.Exchange) bool {
		if x.Op == "GetObject" {
			x.R.Header.Del("If-Match") // the ETag of the answer may be another
			x.W = &overrides{x.W, header}
		}
		return false
	}
}

// overrides sets headers last.
type overrides struct {
	http.ResponseWriter
	header map[string]string
}

func (o *overrides) WriteHeader(status int) {
	for name, value := range o.header {
		o.Header().Set(name, value)
	}
	o.ResponseWriter.WriteHeader(status)
}

// TestProvedRead: a byte that is spoilt on the way is found, whatever the store has
// to compare with, and the last bytes are not handed out.
func TestProvedRead(t *testing.T) {
	const body = "123456789"
	for _, c := range proofWays {
		for _, spoilt := range []int{-1, 0, 8} {
			t.Run(fmt.Sprintf("%s/%d", c.name, spoilt), func(t *testing.T) {
				c.opt.AccessKey, c.opt.SecretKey = testKey, testSecret
				d := s3double.New(t, c.opt)
				s := connect(t, d, quick())
				d.Set("pre/x", body)
				if c.header != nil {
					d.Hook(answerWith(c.header))
				}
				if spoilt >= 0 {
					d.Fault(s3double.Fault{Op: "GetObject", Times: 1, Do: s3double.Garble(spoilt)})
				}
				b, err := s.Get(t.Context(), "x", store.Range{Len: 9}, store.GetOptions{Size: 9, Sized: true, Prove: true})
				if err != nil || !b.Proved {
					t.Fatalf("get: %v, proved %v", err, b.Proved)
				}
				defer b.Close()
				got := make([]byte, 9)
				n, err := io.ReadFull(b, got)
				if spoilt < 0 && (err != nil || string(got) != body || d.Count("GetObject") != c.reads) {
					t.Errorf("%q, %v, %d requests, want %d", got, err, d.Count("GetObject"), c.reads)
				}
				if spoilt >= 0 && (!errors.Is(err, store.ErrUnavailable) || n == 9) {
					t.Errorf("%d bytes, %v, want ErrUnavailable", n, err)
				}
			})
		}
	}
}

// TestProvedParts: of a part of an object nothing is proved, and nothing is claimed.
func TestProvedParts(t *testing.T) {
	d := newDouble(t)
	s := connect(t, d, quick())
	d.Set("pre/x", "123456789")
	d.Set("pre/empty", "")
	for _, c := range []struct {
		key  string
		r    store.Range
		opt  store.GetOptions
		want bool
	}{
		{"x", store.Whole, store.GetOptions{}, false},
		{"x", store.Whole, store.GetOptions{Prove: true}, true},
		{"x", store.Range{Len: 8}, store.GetOptions{Prove: true, Size: 9, Sized: true}, false},
		{"x", store.Range{Off: 1}, store.GetOptions{Prove: true}, false},
		{"x", store.Range{Off: -9}, store.GetOptions{Prove: true}, true}, // all the same
		{"empty", store.Whole, store.GetOptions{Prove: true}, true},
	} {
		b, err := s.Get(t.Context(), c.key, c.r, c.opt)
		if err != nil || b.Proved != c.want {
			t.Errorf("%+v: proved %v, %v", c, b.Proved, err)
			continue
		}
		if _, err := io.ReadAll(b); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		b.Close()
	}
}

// TestProvedResume: a body that broke and was continued is proved as one.
func TestProvedResume(t *testing.T) {
	for _, spoilt := range []bool{false, true} {
		d := newDouble(t)
		s := connect(t, d, quick())
		o, err := s.Put(t.Context(), "x", []byte(large), store.PutOptions{})
		if err != nil {
			t.Fatal(err)
		}
		d.Fault(s3double.Fault{Op: "GetObject", Times: 1, Do: s3double.Truncate(100)})
		if spoilt {
			d.Fault(s3double.Fault{Op: "GetObject", Times: 1, Do: s3double.Garble(3)})
		}
		opt := store.Pinned(o)
		opt.Prove = true
		b, err := s.Get(t.Context(), "x", store.Whole, opt)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(b)
		if !spoilt && (err != nil || string(got) != large) || spoilt && !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("spoilt %v: %d bytes, %v", spoilt, len(got), err)
		}
		b.Close()
	}
}

// TestSecondReading: it is of the version that was read first, and whole.
func TestSecondReading(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(d *s3double.Server)
		want error
	}{
		{"replaced", func(d *s3double.Server) { d.Set("pre/x", strings.Repeat("y", 9)) }, store.ErrChanged},
		{"gone", func(d *s3double.Server) { d.Remove("pre/x") }, store.ErrChanged},
		{"cut", func(d *s3double.Server) { d.Fault(s3double.Fault{Op: "GetObject", Do: s3double.Truncate(4)}) }, store.ErrUnavailable},
		{"denied", func(d *s3double.Server) { d.Deny("s3:GetObject", "") }, store.ErrDenied},
	} {
		d := s3double.New(t, s3double.Options{AccessKey: testKey, SecretKey: testSecret, OpaqueETags: true, Checksums: s3double.ChecksumsIgnored})
		s := connect(t, d, quick())
		d.Set("pre/x", "123456789")
		b, err := s.Get(t.Context(), "x", store.Whole, store.GetOptions{Prove: true})
		if err != nil {
			t.Fatal(err)
		}
		c.do(d)
		if got, err := io.ReadAll(b); !errors.Is(err, c.want) {
			t.Errorf("%s: %q, %v, want %v", c.name, got, err, c.want)
		}
		b.Close()
	}
}
