package s3double

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestUploadPages: pages of unfinished uploads show each once, also when those of
// the page before are aborted meanwhile.
func TestUploadPages(t *testing.T) {
	for _, abort := range []bool{false, true} {
		d := New(t, Options{PageSize: 2})
		c := d.client(t)
		want := []string{"in/a b", "in/a b", "in/a b", "in/c", "in/ü"}
		for _, key := range append(slices.Clone(want), "other") {
			c.begin(key, nil)
		}
		var got []string
		for more := ""; ; {
			g := c.must("GET", "?uploads&prefix=in%2F&encoding-type=url"+more, nil, "")
			for _, chunk := range strings.Split(g.body, "<Upload>")[1:] {
				key, _ := url.QueryUnescape(between(chunk, "Key"))
				got = append(got, key)
				if abort {
					c.must("DELETE", key+"?uploadId="+url.QueryEscape(between(chunk, "UploadId")), nil, "")
				}
			}
			if between(g.body, "IsTruncated") != "true" {
				break
			}
			more = "&key-marker=" + between(g.body, "NextKeyMarker") + "&upload-id-marker=" + url.QueryEscape(between(g.body, "NextUploadIdMarker"))
		}
		if !slices.Equal(got, want) {
			t.Errorf("abort %v: %q", abort, got)
		}
		g := c.must("GET", "?uploads&key-marker=in%2Fc", nil, "")
		if key := between(g.body, "Key"); key != "in/ü" && !abort || abort && key != "other" {
			t.Errorf("behind a key: %q", key)
		}
		c.want(400, "InvalidArgument", "GET", "?uploads&key-marker=a&upload-id-marker=nonsense", nil, "")
	}
}

// TestPartPages: pages of parts show each once.
func TestPartPages(t *testing.T) {
	d := New(t, Options{PageSize: 2})
	c := d.client(t)
	id := c.begin("x", nil)
	for _, n := range []int{9, 1, 4, 7, 10000} {
		c.part("x", id, n, nil, "body")
	}
	got, after := "", "0"
	for {
		g := c.must("GET", fmt.Sprintf("x?uploadId=%s&part-number-marker=%s", id, after), nil, "")
		for _, chunk := range strings.Split(g.body, "<Part>")[1:] {
			got += between(chunk, "PartNumber") + " "
		}
		if between(g.body, "IsTruncated") != "true" {
			break
		}
		after = between(g.body, "NextPartNumberMarker")
	}
	if got != "1 4 7 9 10000 " {
		t.Errorf("%q", got)
	}
}
