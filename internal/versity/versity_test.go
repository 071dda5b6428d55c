package versity

import (
	"net/http"
	"strings"
	"testing"
)

func TestStart(t *testing.T) {
	s := Start(t)
	resp, err := http.Get(s.Endpoint + "/" + s.Bucket(t))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("an unsigned request: status %d, want 403", resp.StatusCode)
	}
	if first, second := s.Bucket(t), s.Bucket(t); !s.External() && first == second {
		t.Error("the same bucket twice")
	}
}

func TestParse(t *testing.T) {
	for _, text := range []string{
		"s3+http://key:s3cret@127.0.0.1:9000/bucket?region=eu-1",
		"s3+https://key:s3cret@minio.example/bucket?region=us-east-1",
	} {
		s, err := parse(text)
		if err != nil || s.URL(s.bucket) != text || !s.External() {
			t.Errorf("%s: %+v, %v", text, s, err)
			continue
		}
		if first, second := s.Prefix(), s.Prefix(); first == second {
			t.Errorf("%s: %+v, %v", text, s, err)
		}
	}
	for _, text := range []string{"", "s3+http://127.0.0.1/b", "s3+http://k:s3cret@h/", "s3+http://k:s3cret@h/b/p", "ftp://k:s3cret@h/b", "s3+http://k:s3cret@h:x%/b"} {
		if _, err := parse(text); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
