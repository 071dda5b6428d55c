package s3

import (
	"testing"
	"time"
)

func TestExpires(t *testing.T) {
	at := time.Date(2012, 12, 21, 0, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Time{
		`expiry-date="Fri, 21 Dec 2012 00:00:00 GMT", rule-id="picture-deletion-rule"`: at,
		`rule-id="a", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"`:                     at,
		``:                       {},
		`NotImplemented`:         {},
		`expiry-date="soon"`:     {},
		`expiry-date="Fri, 21`:   {},
		`expiry-date=2012-12-21`: {},
	} {
		if got := expires(header); !got.Equal(want) {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}
