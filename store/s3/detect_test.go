package s3

import (
	"testing"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

// TestDetect: what a store does not honour is seen, although our own look before a
// delete would hide it, and the probe leaves nothing where it may delete.
func TestDetect(t *testing.T) {
	aws := store.Capabilities{CreateOnce: true, Replace: true, DeleteIfMatch: true, DeleteBatch: true, Checksum: true}
	but := func(edit func(*store.Capabilities)) store.Capabilities {
		c := aws
		edit(&c)
		return c
	}
	for _, c := range []struct {
		name string
		opt  s3double.Options
		deny string // an action
		want store.Capabilities
		sum  checksum // of uploads behind it
	}{
		{"aws", s3double.Options{}, "", aws, sumCRC64},
		{"opaque", s3double.Options{OpaqueETags: true}, "", aws, sumCRC64},
		{"MinIO", s3double.Options{Deaf: s3double.Deaf{Delete: true, DeleteBatch: true}}, "",
			but(func(c *store.Capabilities) { c.DeleteIfMatch, c.DeleteBatch = false, false }), sumCRC64},
		{"versitygw", s3double.Options{Deaf: s3double.Deaf{DeleteBatch: true}}, "",
			but(func(c *store.Capabilities) { c.DeleteBatch = false }), sumCRC64},
		{"GCS", s3double.Options{Deaf: s3double.Deaf{Create: true, Replace: true}}, "",
			but(func(c *store.Capabilities) { c.CreateOnce, c.Replace = false, false }), sumCRC64},
		{"echo", s3double.Options{Checksums: s3double.ChecksumsEchoed}, "",
			but(func(c *store.Capabilities) { c.Checksum = false }), sumMD5},
		{"old", s3double.Options{Checksums: s3double.ChecksumsIgnored, EqualParts: true}, "",
			but(func(c *store.Capabilities) { c.Checksum = false }), sumMD5},
		{"versions", s3double.Options{Versioning: s3double.VersioningOn}, "",
			but(func(c *store.Capabilities) { c.Versioned = true }), sumCRC64},
		{"suspended versions", s3double.Options{Versioning: s3double.VersioningSuspended}, "", aws, sumCRC64},
		{"no right to delete", s3double.Options{}, "s3:DeleteObject",
			but(func(c *store.Capabilities) { c.DeleteIfMatch, c.DeleteBatch, c.DeleteDenied = false, false, true }), sumCRC64},
		{"no right to list uploads", s3double.Options{}, "s3:ListBucketMultipartUploads", aws, sumCRC64},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.opt.AccessKey, c.opt.SecretKey = testKey, testSecret
			d := s3double.New(t, c.opt)
			if c.deny != "" {
				d.Deny(c.deny, "")
			}
			s := connect(t, d, quick())
			got, err := store.Detect(t.Context(), s, "out/.recfin/")
			if err != nil || got != c.want {
				t.Errorf("%+v, %v, want %+v", got, err, c.want)
			}
			if left := d.Keys(""); len(left) != 0 && !got.DeleteDenied {
				t.Errorf("it left %q", left)
			}
			if left := d.Uploads(); len(left) != 0 {
				t.Errorf("it left uploads: %v", left)
			}
			if s.checksum() != c.sum {
				t.Errorf("uploads carry checksum %d, want %d", s.checksum(), c.sum)
			}
			if n := len(d.Log()); n > 60 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// TestLearnedChecksum: behind a probe the store's own checksum of an upload in
// parts is told, and it is that of the whole.
func TestLearnedChecksum(t *testing.T) {
	d := newDouble(t)
	s := connect(t, d, quick())
	if _, err := store.Detect(t.Context(), s, ".recfin/"); err != nil {
		t.Fatal(err)
	}
	if _, err := finish(t, s, store.CreateOptions{Room: 4}, "HEAD", large); err != nil {
		t.Fatal(err)
	}
	info, err := s.Head(t.Context(), "x")
	if want := store.CRC64([]byte("HEAD" + large)); err != nil || info.CRC64 != want {
		t.Errorf("%+v, %v, want %s", info, err, want)
	}
}

// TestClaim: what a store is told of an upload is compared, in one part and in many.
func TestClaim(t *testing.T) {
	for _, body := range []string{"b", large} {
		for _, right := range []bool{true, false} {
			d := newDouble(t)
			s := connect(t, d, quick())
			opt := store.CreateOptions{Parts: true}
			opt.CRC64 = store.CRC64([]byte("HEAD" + body))
			if !right {
				opt.CRC64 = store.CRC64(nil)
			}
			_, err := finish(t, s, opt, "HEAD", body)
			if got, found := there(d, "x"); (err == nil) != right || found != right || right && got != "HEAD"+body {
				t.Errorf("%d bytes, right claim %v: %v, there %v", len(body), right, err, found)
			}
			if d.Count("CompleteMultipartUpload")+d.Count("UploadPart") > 8 || d.Count("PutObject") != 0 || len(d.Uploads()) != 0 {
				t.Errorf("%d bytes, right claim %v: uploads left %v", len(body), right, d.Uploads())
			}
		}
	}
}
