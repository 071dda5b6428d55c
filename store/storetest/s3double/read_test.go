package s3double

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestReadRefused: what cannot be read, and what a read tells.
func TestReadRefused(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 999, time.UTC)
	d := New(t, Options{Clock: func() time.Time { return at }})
	c := d.client(t)
	c.at = at
	o := d.SetObject(Object{Key: "x", Body: []byte("0123456789"), Expires: `expiry-date="Fri, 21 Dec 2029 00:00:00 GMT", rule-id="r"`})
	d.SetObject(Object{Key: "cold", Body: []byte("x"), Class: "DEEP_ARCHIVE"})
	d.Set("empty", "")
	c.want(404, "NoSuchKey", "GET", "none", nil, "")
	c.want(404, "", "HEAD", "none", nil, "")
	c.want(412, "PreconditionFailed", "GET", "x", h("If-Match", `"other"`), "")
	c.want(304, "", "GET", "x", h("If-None-Match", `"`+o.ETag+`"`), "")
	c.want(403, "InvalidObjectState", "GET", "cold", nil, "")
	if g := c.want(200, "", "HEAD", "cold", nil, ""); g.header.Get("X-Amz-Storage-Class") != "DEEP_ARCHIVE" {
		t.Errorf("%v", g.header)
	}
	c.want(416, "InvalidRange", "GET", "x", h("Range", "bytes=10-"), "")
	c.want(416, "InvalidRange", "GET", "empty", h("Range", "bytes=0-0"), "")
	for text, want := range map[string]string{
		"bytes=0-0": "0", "bytes=9-20": "9", "bytes=-3": "789", "bytes=7-": "789", "bytes=-99": "0123456789",
	} {
		if g := c.want(206, "", "GET", "x", h("Range", text), ""); g.body != want {
			t.Errorf("%s: %q, want %q", text, g.body, want)
		}
	}
	for _, text := range []string{"bytes=5-4", "items=1-2", "bytes=0-1,3-4", "bytes=a-b"} {
		if g := c.want(200, "", "GET", "x", h("Range", text), ""); g.body != "0123456789" {
			t.Errorf("%s: %q", text, g.body)
		}
	}
	mode := h("X-Amz-Checksum-Mode", "ENABLED")
	for _, r := range []struct{ method, ranged string }{{"HEAD", ""}, {"GET", ""}, {"GET", "bytes=0-1"}} {
		header := mode.Clone()
		if r.ranged != "" {
			header.Set("Range", r.ranged)
		}
		g := c.do(r.method, "x", header, "")
		if told := g.header.Get(crcHeader) == digest(crc64nvme, []byte("0123456789")); told != (r.ranged == "") {
			t.Errorf("%v: %v", r, g.header)
		}
	}
	g := c.do("HEAD", "x", nil, "")
	if g.header.Get(crcHeader) != "" || g.header.Get("Last-Modified") != "Wed, 04 Mar 2026 05:06:07 GMT" ||
		g.header.Get("Date") != "Wed, 04 Mar 2026 05:06:07 GMT" || !strings.HasPrefix(g.header.Get("X-Amz-Expiration"), "expiry-date") {
		t.Errorf("%v", g.header)
	}
}

// TestChecksumModes: who computes what is told.
func TestChecksumModes(t *testing.T) {
	right, wrong := digest(crc64nvme, []byte("body")), digest(crc64nvme, []byte("bodies"))
	for _, m := range []struct {
		mode        Checksums
		sent        string
		status      int
		told, after string // after the disk has changed a byte
	}{
		{ChecksumsComputed, right, 200, right, digest(crc64nvme, []byte("Body"))},
		{ChecksumsComputed, wrong, 400, "", ""},
		{ChecksumsComputed, "", 200, right, ""},
		{ChecksumsEchoed, wrong, 200, wrong, wrong},
		{ChecksumsEchoed, "", 200, "", ""},
		{ChecksumsIgnored, wrong, 200, "", ""},
	} {
		d := New(t, Options{Checksums: m.mode})
		c := d.client(t)
		header := h()
		if m.sent != "" {
			header.Set(crcHeader, m.sent)
		}
		told := func() string { return c.do("HEAD", "x", h("X-Amz-Checksum-Mode", "ENABLED"), "").header.Get(crcHeader) }
		if g := c.do("PUT", "x", header, "body"); g.status != m.status || told() != m.told {
			t.Errorf("%+v: %d, told %q", m, g.status, told())
		}
		if m.after == "" {
			continue
		}
		c.must("PUT", "x", header, "body")
		if !d.Rot("x", 3) || told() != m.told || d.Body("x") == "body" {
			t.Errorf("%+v: rotten: %q, told %q", m, d.Body("x"), told())
		}
		c.must("PUT", "x", header, "body")
		d.Fault(Fault{Op: "PutObject", Do: Misplace(0)})
		c.must("PUT", "x", header, "body")
		misplaced := told()
		if d.Body("x") == "body" || m.mode == ChecksumsComputed && misplaced == right || m.mode == ChecksumsEchoed && misplaced != m.after {
			t.Errorf("%+v: misplaced: %q, told %q", m, d.Body("x"), misplaced)
		}
		if d.Corrupt("x", 4) || d.Corrupt("none", 0) || d.Rot("none", 0) {
			t.Error("a byte that is not there was changed")
		}
		if !d.Corrupt("x", 0) || d.Body("x") != "body" || told() != m.told {
			t.Errorf("%+v: corrupted back: %q, told %q", m, d.Body("x"), told())
		}
	}
}

// walk lists everything by pages.
func (c *client) walk(query string) (names []string, pages int) {
	c.t.Helper()
	for token := ""; ; {
		g := c.must("GET", "?list-type=2&encoding-type=url"+query+token, nil, "")
		pages++
		for _, chunk := range strings.Split(g.body, "<Contents>")[1:] {
			name, _ := url.QueryUnescape(between(chunk, "Key"))
			names = append(names, name)
		}
		for _, chunk := range strings.Split(g.body, "<CommonPrefixes>")[1:] {
			name, _ := url.QueryUnescape(between(chunk, "Prefix"))
			names = append(names, name)
		}
		if between(g.body, "IsTruncated") != "true" {
			return names, pages
		}
		token = "&continuation-token=" + url.QueryEscape(between(g.body, "NextContinuationToken"))
	}
}

// TestListing: pages of any size show each name once, in order.
func TestListing(t *testing.T) {
	d := New(t, Options{PageSize: 4})
	c := d.client(t)
	rapid.Check(t, func(rt *rapid.T) {
		for _, key := range d.Keys("") {
			d.Remove(key)
		}
		keys := rapid.SliceOfDistinct(rapid.StringMatching(`[ab/+ü\x01 ]{1,5}`), func(k string) string { return k }).Draw(rt, "keys")
		for _, key := range keys {
			d.Set(key, key)
		}
		prefix := rapid.SampledFrom([]string{"", "a", "a/", "/"}).Draw(rt, "prefix")
		delimiter := rapid.SampledFrom([]string{"", "/", "b"}).Draw(rt, "delimiter")
		size := rapid.SampledFrom([]string{"1", "2", "1000"}).Draw(rt, "page")
		want := map[string]bool{}
		for _, key := range keys {
			rest, below := strings.CutPrefix(key, prefix)
			if head, _, found := strings.Cut(rest, delimiter); below && delimiter != "" && found {
				key = prefix + head + delimiter
			}
			if below {
				want[key] = true
			}
		}
		query := "&max-keys=" + size + "&prefix=" + url.QueryEscape(prefix)
		if delimiter != "" {
			query += "&delimiter=" + url.QueryEscape(delimiter)
		}
		got, pages := c.walk(query)
		if delimiter == "" && !slices.IsSorted(got) {
			rt.Fatalf("out of order: %q", got)
		}
		slices.Sort(got)
		if len(got) != len(want) || len(slices.Compact(slices.Clone(got))) != len(got) || slices.ContainsFunc(got, func(k string) bool { return !want[k] }) {
			rt.Fatalf("listed %q, want %v", got, want)
		}
		if size == "1" && pages != max(1, len(want)) || size == "1000" && pages != max(1, (len(want)+3)/4) {
			rt.Fatalf("%d pages of %s for %d names", pages, size, len(want))
		}
	})
	c.want(400, "InvalidArgument", "GET", "?list-type=2&continuation-token=nonsense", nil, "")
	c.want(400, "InvalidArgument", "GET", "?list-type=2&max-keys=-1", nil, "")
	c.want(400, "InvalidArgument", "GET", "?list-type=2&encoding-type=base64", nil, "")
	c.want(501, "NotImplemented", "GET", "", nil, "")
}

// TestVersions: what was deleted or overwritten is there behind its version.
func TestVersions(t *testing.T) {
	for _, state := range []Versioning{VersioningOn, VersioningSuspended, VersioningOff} {
		d := New(t, Options{Versioning: state})
		c := d.client(t)
		first := c.must("PUT", "x", nil, "first").header.Get("X-Amz-Version-Id")
		second := c.must("PUT", "x", nil, "second").header.Get("X-Amz-Version-Id")
		gone := c.must("DELETE", "x", nil, "").header
		c.want(404, "NoSuchKey", "GET", "x", nil, "")
		if names, _ := c.walk(""); len(names) != 0 || d.Body("x") != "" {
			t.Errorf("%d: listed %q", state, names)
		}
		if state == VersioningOff {
			if first != "" || gone.Get("X-Amz-Delete-Marker") != "" || len(d.Versions("x")) != 0 || d.Restore("x", nullVersion) {
				t.Errorf("versions where there are none: %q, %v", first, d.Versions("x"))
			}
			continue
		}
		marker := gone.Get("X-Amz-Version-Id")
		if gone.Get("X-Amz-Delete-Marker") != "true" || marker == "" || (state == VersioningSuspended) != (second == nullVersion) {
			t.Errorf("%d: versions %q, %q, %v", state, first, second, gone)
		}
		if state == VersioningSuspended {
			if len(d.Versions("x")) != 1 { // the marker took the place of the null version
				t.Errorf("%+v", d.Versions("x"))
			}
			continue
		}
		all := d.Versions("x")
		if len(all) != 3 || !all[0].Hidden || string(all[1].Body) != "second" || string(all[2].Body) != "first" {
			t.Errorf("%+v", all)
		}
		c.want(200, "", "GET", "x?versionId="+first, nil, "")
		c.want(405, "MethodNotAllowed", "GET", "x?versionId="+marker, nil, "")
		c.want(404, "NoSuchVersion", "GET", "x?versionId=none", nil, "")
		c.want(404, "NoSuchKey", "DELETE", "x", h("If-Match", `"any"`), "")
		if g := c.must("GET", "?versions", nil, ""); strings.Count(g.body, "<Version>") != 2 || strings.Count(g.body, "<DeleteMarker>") != 1 {
			t.Errorf("%s", g.body)
		}
		if d.Restore("x", marker) || d.Restore("x", "none") || !d.Restore("x", second) || d.Body("x") != "second" {
			t.Errorf("restored: %q", d.Body("x"))
		}
		c.want(204, "", "DELETE", "x?versionId="+second, nil, "")
		if d.Body("x") != "first" {
			t.Errorf("after the deletion of a version: %q", d.Body("x"))
		}
		if between(c.must("GET", "?versioning", nil, "").body, "Status") != "Enabled" {
			t.Error("the bucket does not tell its versions")
		}
	}
}
