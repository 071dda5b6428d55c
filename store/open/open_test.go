package open

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"recfin/store"
	"recfin/store/mem"
)

type want struct {
	kind                                   Kind
	endpoint, region, bucket, prefix, path string
	key, secret, label                     string
}

var good = map[string]want{
	"s3://bucket":                                {kind: S3, bucket: "bucket", label: "s3://bucket/"},
	"s3://bucket/":                               {kind: S3, bucket: "bucket", label: "s3://bucket/"},
	"s3://bucket/a/b":                            {kind: S3, bucket: "bucket", prefix: "a/b/", label: "s3://bucket/a/b/"},
	"s3://bucket/a/b/":                           {kind: S3, bucket: "bucket", prefix: "a/b/", label: "s3://bucket/a/b/"},
	"s3://bucket/a?region=eu-west-1":             {kind: S3, bucket: "bucket", prefix: "a/", region: "eu-west-1", label: "s3://bucket/a/"},
	"s3://bucket/a%20b/c+d":                      {kind: S3, bucket: "bucket", prefix: "a b/c+d/", label: "s3://bucket/a%20b/c+d/"},
	"s3://bucket/a@b":                            {kind: S3, bucket: "bucket", prefix: "a@b/", label: "s3://bucket/a@b/"},
	"S3://bucket":                                {kind: S3, bucket: "bucket", label: "s3://bucket/"},
	"s3://AK:sec@us-west-2/bucket":               {kind: S3, region: "us-west-2", bucket: "bucket", key: "AK", secret: "sec", label: "s3://bucket/"},
	"s3://AK:a+b=c:d@e@us-west-2/bucket/p":       {kind: S3, region: "us-west-2", bucket: "bucket", prefix: "p/", key: "AK", secret: "a+b=c:d@e", label: "s3://bucket/p/"},
	"s3://AK:a%2Fb%3fc%23d%25e@us-west-2/bucket": {kind: S3, region: "us-west-2", bucket: "bucket", key: "AK", secret: "a/b?c#d%e", label: "s3://bucket/"},
	"s3://AK:sec@us-west-2/bucket?region=eu-1":   {kind: S3, region: "eu-1", bucket: "bucket", key: "AK", secret: "sec", label: "s3://bucket/"},
	"s3+https://AK:sec@s3.eu-central-1.example.com/bucket/x": {kind: S3, endpoint: "https://s3.eu-central-1.example.com", region: "eu-central-1", bucket: "bucket", prefix: "x/",
		key: "AK", secret: "sec", label: "s3+https://s3.eu-central-1.example.com/bucket/x/"},
	"s3+https://play.example.com/bucket": {kind: S3, endpoint: "https://play.example.com", region: "us-east-1", bucket: "bucket", label: "s3+https://play.example.com/bucket/"},
	"s3+http://127.0.0.1:9000/bucket":    {kind: S3, endpoint: "http://127.0.0.1:9000", region: "us-east-1", bucket: "bucket", label: "s3+http://127.0.0.1:9000/bucket/"},
	"s3+http://[::1]:9000/bucket":        {kind: S3, endpoint: "http://[::1]:9000", region: "us-east-1", bucket: "bucket", label: "s3+http://[::1]:9000/bucket/"},
	"s3+http://AK:sec@minio:9000/a_b/c?region=x": {kind: S3, endpoint: "http://minio:9000", region: "x", bucket: "a_b", prefix: "c/",
		key: "AK", secret: "sec", label: "s3+http://minio:9000/a_b/c/"},
	"s3+https://HOST.example/bucket": {kind: S3, endpoint: "https://host.example", region: "us-east-1", bucket: "bucket", label: "s3+https://host.example/bucket/"},
	"file:///data/x":                 {kind: File, path: "/data/x", label: "file:///data/x/"},
	"file:///data/x/":                {kind: File, path: "/data/x", label: "file:///data/x/"},
	"file://localhost/data":          {kind: File, path: "/data", label: "file:///data/"},
	"file:///data/a%20b%3F":          {kind: File, path: "/data/a b?", label: "file:///data/a%20b%3F/"},
	"file:///":                       {kind: File, path: "/", label: "file:///"},
	"/data/a:b@c":                    {kind: File, path: "/data/a:b@c", label: "file:///data/a:b@c/"},
	"/data/../x":                     {kind: File, path: "/x", label: "file:///x/"},
	"mem://demo":                     {kind: Mem, path: "demo", label: "mem://demo/"},
	"mem://demo/":                    {kind: Mem, path: "demo", label: "mem://demo/"},
}

// bad lists what is refused, with a part of why.
var bad = map[string]string{
	"":                                     "empty",
	"s3://":                                "bucket",
	"s3://b":                               "bucket",
	"s3:///prefix":                         "bucket",
	"s3:bucket":                            "without its scheme",
	"gs://bucket":                          "a store is",
	"https://AKXY:QJVKWZX@host/bucket":     "a store is",
	"s3+htps://AKXY:QJVKWZX@host/bucket":   "a store is",
	"AKXY:QJVKWZX@us-west-2/bucket":        "without its scheme",
	"//AKXY:QJVKWZX@us-west-2/bucket":      "without its scheme",
	"s3://AKXY:QJVKWZX@host.example/b12":   "region",
	"s3://AKXY:QJVKWZX@us-west-2":          "bucket",
	"s3://AKXY:QJVKWZX@/bucket":            "region",
	"s3://AKXY@us-west-2/bucket":           "KEY:SECRET",
	"s3://:QJVKWZX@us-west-2/bucket":       "KEY:SECRET",
	"s3://AKXY:@us-west-2/bucket":          "KEY:SECRET",
	"s3://AKXY:QJV/KWZX@us-west-2/bucket":  "must be escaped",
	"s3://AKXY:QJV?KWZX@us-west-2/bucket":  "must be escaped",
	"s3://AKXY:QJV#KWZX@us-west-2/bucket":  "must be escaped",
	"s3://AKXY:QJV%cdKWZX@us-west-2/bck":   "%25",
	"s3://AKXY:QJV%41KWZX@us-west-2/bck":   "%25",
	"s3://AKXY:QJV%zzKWZX@us-west-2/bck":   "%25",
	"s3://AKXY:QJVKWZX%@us-west-2/bck":     "%25",
	"s3://AKXY:QJVKWZX%00@us-west-2/bck":   "%25",
	"s3://bucket/QJVKWZX:a@us-west-2/b":    "must be escaped",
	"s3+https://AKXY:80/abc/QJVKWZX@h/bck": "must be escaped",
	"s3+https://AKXY:QJVKWZX@/bucket":      "host",
	"s3+https://AKXY:QJVKWZX@host:x/bck":   "host",
	"s3+https://host:0/bucket":             "host",
	"s3+https://host:70000/bucket":         "host",
	"s3+https://[127.0.0.1]/bucket":        "host",
	"s3+https://host":                      "bucket",
	"s3+https://host/":                     "bucket",
	"s3+https:///bucket":                   "host",
	"s3://bucket//a":                       "prefix",
	"s3://bucket/a//":                      "prefix",
	"s3://bucket/a/../b":                   "prefix",
	"s3://bucket/%zz":                      "prefix",
	"s3://bucket/a%ff":                     "prefix",
	"s3://bucket?region=":                  "region=NAME",
	"s3://bucket?region=a&region=b":        "region=NAME",
	"s3://bucket?endpoint=x":               "region=NAME",
	"s3://bucket?":                         "region=NAME",
	"s3://buc\nket":                        "control",
	"s3://buc\xffket":                      "control",
	"file://data":                          "three slashes",
	"file://host/data":                     "three slashes",
	"file:///data?x":                       "escaped",
	"file:///da%00ta":                      "escape",
	"file:///da%zz":                        "escape",
	"file:/data":                           "without its scheme",
	"mem://":                               "mem://",
	"mem://a/b":                            "mem://",
}

func TestParse(t *testing.T) {
	for raw, w := range good {
		l, err := Parse(raw)
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		key, secret := l.Credentials.Reveal()
		got := want{l.Kind, l.Endpoint, l.Region, l.Bucket, l.Prefix, l.Path + l.Name, key, secret, l.Label}
		if got != w {
			t.Errorf("%s:\n got %+v\nwant %+v", raw, got, w)
		}
	}
}

func TestParseRelative(t *testing.T) {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range []string{"x/y", "./x/y", "x/y/"} {
		if l, err := Parse(raw); err != nil || l.Path != filepath.Join(dir, "x/y") {
			t.Errorf("%s: %+v, %v", raw, l, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for raw, why := range bad {
		l, err := Parse(raw)
		if !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v, want %q in an ErrInvalid", raw, err, why)
			continue
		}
		if l.Label != "" || strings.Contains(err.Error(), "QJV") || strings.Contains(err.Error(), "KWZX") || strings.Contains(err.Error(), "AKXY") {
			t.Errorf("%q: it tells a secret: %v, %+v", raw, err, l)
		}
	}
}

// everything that a program might print of a result.
func printed(l Location, err error) string {
	encoded, _ := json.Marshal(l)
	return fmt.Sprintf("%v %+v %#v %s %q %x | %v | %v | %s", l, l, l, l.Credentials, l.Credentials, l.Credentials, &l, err, encoded)
}

// TestSecretsStay: whatever the secret holds, escaped or not, and wherever it
// ends up, no piece of it is printed.
func TestSecretsStay(t *testing.T) {
	forms := []string{
		"s3://AKEY:%s@us-west-2/bucket/p", "s3+https://AKEY:%s@s3.example.com/bucket", "s3+http://AKEY:%s@localhost:9000/bucket/p/q",
		"AKEY:%s@us-west-2/bucket", "s3+htps://AKEY:%s@host/bucket", "s3://AKEY:%s@/bucket", "s3://AKEY:%s@us-west-2/",
		"https://AKEY:%s@host/bucket", "s3:AKEY:%s@us-west-2/bucket", "//AKEY:%s@us-west-2/bucket", "s3+https://AKEY:%s@s3.example.com/bucket?region=A B",
	}
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(rapid.StringMatching(`QQ[A-Za-z0-9]{6,12}`), 1, 4).Draw(t, "pieces")
		secret := pieces[0]
		for _, p := range pieces[1:] {
			secret += rapid.SampledFrom([]string{"+", "=", ":", "@", "/", "?", "#", "%", "%2F", "%cd", "//", "/80/", "%3F"}).Draw(t, "between") + p
		}
		raw := fmt.Sprintf(rapid.SampledFrom(forms).Draw(t, "form"), secret)
		l, err := Parse(raw)
		out := printed(l, err)
		for _, p := range pieces {
			if strings.Contains(strings.ToLower(out), strings.ToLower(p)) {
				t.Fatalf("%q: piece %q is in %s", raw, p, out)
			}
		}
	})
}

// TestSecretsAreRead: a secret that is escaped as the package says is read back.
func TestSecretsAreRead(t *testing.T) {
	escape := strings.NewReplacer("/", "%2F", "?", "%3F", "#", "%23", "%", "%25")
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[A-Za-z0-9+/=:@?#%._~!-]{1,40}`).Draw(t, "secret")
		for _, form := range []string{"s3://AKEY:%s@us-west-2/bucket/p", "s3+https://AKEY:%s@localhost:9000/bucket/p"} {
			l, err := Parse(fmt.Sprintf(form, escape.Replace(secret)))
			if err != nil {
				t.Fatalf("%s with %q: %v", form, secret, err)
			}
			if key, got := l.Credentials.Reveal(); key != "AKEY" || got != secret {
				t.Fatalf("%s with %q: %q, %q", form, secret, key, got)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for raw := range good {
		f.Add(raw)
	}
	for raw := range bad {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		l, err := Parse(raw)
		if err != nil {
			if !errors.Is(err, store.ErrInvalid) || l.Label != "" {
				t.Errorf("%q: %v, %+v", raw, err, l)
			}
			return
		}
		if !strings.HasSuffix(l.Label, "/") || l.Prefix != "" && !strings.HasSuffix(l.Prefix, "/") {
			t.Errorf("%q: label %q, prefix %q", raw, l.Label, l.Prefix)
		}
		if l.Kind == S3 && l.Endpoint == "" {
			return // its label does not tell the region
		}
		again, err := Parse(l.Label)
		if err != nil {
			if strings.Contains(l.Label, "@") {
				return // an escaped @ of the prefix
			}
			t.Fatalf("%q: its label %q: %v", raw, l.Label, err)
		}
		if again.Label != l.Label || again.Path != l.Path || again.Prefix != l.Prefix || again.Bucket != l.Bucket {
			t.Errorf("%q: %+v, and its label: %+v", raw, l, again)
		}
	})
}

func TestURL(t *testing.T) {
	dir := t.TempDir()
	s, err := URL(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), "a", nil, store.PutOptions{}); err != nil {
		t.Error(err)
	}
	again, err := URL(t.Context(), "file://"+dir)
	if err != nil || again.Label() != s.Label() {
		t.Errorf("%v, %v", again, err)
	}
	if s, err := URL(t.Context(), filepath.Join(dir, "none")); !errors.Is(err, store.ErrNoStore) || s != nil {
		t.Errorf("a folder that does not exist: %v, %v", s, err)
	}
	m, err := URL(t.Context(), "mem://"+t.Name())
	if err != nil || m != store.Store(mem.Open(t.Name())) {
		t.Errorf("%v, %v", m, err)
	}
	b, err := URL(t.Context(), "s3+http://AKEY:SECRET@127.0.0.1:1/bucket/p")
	if err != nil || b.Label() != "s3+http://127.0.0.1:1/bucket/p/" {
		t.Errorf("%v, %v", b, err)
	}
	if s, err := URL(t.Context(), "gs://x"); !errors.Is(err, store.ErrInvalid) || s != nil {
		t.Errorf("%v, %v", s, err)
	}
	if s, err := (Location{}).Open(t.Context()); !errors.Is(err, store.ErrInvalid) || s != nil {
		t.Errorf("%v, %v", s, err)
	}
}
