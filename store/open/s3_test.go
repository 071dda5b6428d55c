package open

import (
	"io"
	"strings"
	"testing"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

// TestOpenS3: a URL with awkward credentials reaches a folder whose name is awkward
// too, and no error tells them.
func TestOpenS3(t *testing.T) {
	d := s3double.New(t, s3double.Options{})
	s, err := URL(t.Context(), d.URL("a b/ü"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), "x", []byte("body"), store.PutOptions{IfAbsent: true}); err != nil {
		t.Fatal(err)
	}
	b, err := s.Get(t.Context(), "x", store.Whole, store.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if got, err := io.ReadAll(b); err != nil || string(got) != "body" || d.Body("a b/ü/x") != "body" {
		t.Errorf("read %q, %v; stored %q", got, err, d.Keys(""))
	}
	if strings.Contains(s.Label(), d.SecretKey) || strings.Contains(s.Label(), d.AccessKey) {
		t.Errorf("label %s", s.Label())
	}
	d.Deny("s3:GetObject", "")
	if _, err := s.Head(t.Context(), "x"); err == nil || strings.Contains(err.Error(), d.SecretKey) {
		t.Errorf("head: %v", err)
	}
}
