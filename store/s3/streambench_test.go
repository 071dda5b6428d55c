package s3

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

// streaming is a double with so many objects of 1 MiB, of a store that is known to
// compare checksums. What it takes to answer is a part of what is measured.
func streaming(b *testing.B, objects int) *Store {
	d := s3double.New(b, s3double.Options{AccessKey: testKey, SecretKey: testSecret})
	for i := range objects {
		d.Set(fmt.Sprintf("pre/%d", i), string(bytes.Repeat([]byte{byte(i)}, mib)))
	}
	s := connectTo(b, d.Endpoint, defaults())
	if _, err := store.Detect(b.Context(), s, ".recfin/"); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkGetProved reads objects of 1 MiB into a buffer, and proves them.
func BenchmarkGetProved(b *testing.B) {
	s, buf := streaming(b, 8), make([]byte, mib)
	b.SetBytes(mib)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		body, err := s.Get(b.Context(), fmt.Sprint(i%8), store.Whole, store.GetOptions{Prove: true})
		if err == nil {
			_, err = io.ReadFull(body, buf)
			body.Close()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUpload writes an object of 64 MiB in pieces of 64 KiB, with a head in front.
func BenchmarkUpload(b *testing.B) {
	s, chunk := streaming(b, 0), bytes.Repeat([]byte("0123456789abcdef"), 4096)
	b.SetBytes(64 * mib)
	b.ReportAllocs()
	for b.Loop() {
		u, err := s.Create(b.Context(), "large", store.CreateOptions{Room: 1000, SizeHint: 65 * mib})
		for range 64 * mib / len(chunk) {
			if err == nil {
				_, err = u.Write(chunk)
			}
		}
		if err == nil {
			_, err = u.Commit(b.Context(), bytes.NewReader(chunk[:1000]))
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
