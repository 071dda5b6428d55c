package s3double

import (
	"encoding/base64"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// window is the part of a listing that one page shows.
type window struct {
	prefix, delimiter string
	after             string // keys up to this one are behind us
	limit             int
	encoded           bool
}

// window reads what all listings have in common.
func (c *call) window() (w window, bad *reply) {
	w = window{prefix: c.arg("prefix"), delimiter: c.arg("delimiter"), limit: c.s.opt.PageSize}
	switch c.arg("encoding-type") {
	case "url":
		w.encoded = true
	case "":
	default:
		return w, argument("Invalid Encoding Method specified in Request")
	}
	for _, name := range []string{"max-keys", "max-uploads", "max-parts"} {
		if c.has(name) {
			n, err := strconv.Atoi(c.arg(name))
			if err != nil || n < 0 {
				return w, argument("Provided " + name + " not an integer or within integer range")
			}
			w.limit = min(w.limit, n)
		}
	}
	return w, nil
}

// name writes a key into a page.
func (w window) name(key string) string {
	if !w.encoded {
		return escape(key)
	}
	return escape(strings.ReplaceAll(url.QueryEscape(key), "%2F", "/"))
}

// common gives the prefix that a key is rolled up into.
func (w window) common(key string) (string, bool) {
	if w.delimiter == "" {
		return "", false
	}
	head, _, found := strings.Cut(key[len(w.prefix):], w.delimiter)
	return w.prefix + head + w.delimiter, found
}

// page picks from a bucket the keys of this page and the prefixes that stand for
// others. last is where the next one goes on; empty: there is none.
func (w window) page(b *bucket) (shown, prefixes []string, last string) {
	keys := b.keys
	i, _ := slices.BinarySearch(keys, max(w.prefix, w.after))
	at := ""
	for ; i < len(keys) && strings.HasPrefix(keys[i], w.prefix); i++ {
		key := keys[i]
		if key <= w.after && w.after != "" || b.current(key) == nil {
			continue
		}
		rolled, yes := w.common(key)
		if yes && w.after != "" && strings.HasPrefix(w.after, rolled) {
			i = behind(keys, i, rolled)
			continue
		}
		if len(shown)+len(prefixes) == w.limit {
			return shown, prefixes, at
		}
		if yes {
			prefixes, at = append(prefixes, rolled), rolled
			i = behind(keys, i, rolled)
		} else {
			shown, at = append(shown, key), key
		}
	}
	return shown, prefixes, ""
}

// behind finds the last key below a prefix, of which the i-th is one.
func behind(keys []string, i int, prefix string) int {
	return i + sort.Search(len(keys)-i, func(n int) bool { return !strings.HasPrefix(keys[i+n], prefix) }) - 1
}

const tokenMark = "token/"

// listObjects answers ListObjectsV2.
func (c *call) listObjects() *reply {
	w, bad := c.window()
	if bad != nil {
		return bad
	}
	w.after = c.arg("start-after")
	if c.has("continuation-token") {
		raw, err := base64.URLEncoding.DecodeString(c.arg("continuation-token"))
		after, ours := strings.CutPrefix(string(raw), tokenMark)
		if err != nil || !ours {
			return argument("The continuation token provided is incorrect")
		}
		w.after = after
	}
	from := &c.s.bucket
	if c.x.seen != nil {
		from = &c.x.seen.bucket
	}
	shown, prefixes, last := w.page(from)
	head := element("Name", c.s.opt.Bucket) + "<Prefix>" + w.name(w.prefix) + "</Prefix>"
	if w.delimiter != "" {
		head += "<Delimiter>" + w.name(w.delimiter) + "</Delimiter>"
	}
	if w.encoded {
		head += element("EncodingType", "url")
	}
	head += element("MaxKeys", w.limit) + element("KeyCount", len(shown)+len(prefixes)) + element("IsTruncated", last != "")
	if last != "" {
		head += element("NextContinuationToken", base64.URLEncoding.EncodeToString([]byte(tokenMark+last)))
	}
	b := append(make([]byte, 0, 4096+400*len(shown)+200*len(prefixes)), head...)
	for _, key := range shown {
		b = from.current(key).list(b, w.name(key))
	}
	for _, p := range prefixes {
		b = append(b, "<CommonPrefixes><Prefix>"+w.name(p)+"</Prefix></CommonPrefixes>"...)
	}
	return document("ListBucketResult", b)
}

// list adds what a page shows of an object. Nothing is formatted by verbs here: a
// listing of a million objects is not to take longer than what it is a test of.
func (v *version) list(b []byte, name string) []byte {
	b = append(append(b, "<Contents><Key>"...), name...)
	b = v.at.UTC().AppendFormat(append(b, "</Key><LastModified>"...), stampFormat)
	b = append(append(b, "</LastModified><ETag>"...), escape(v.etag)...)
	b = strconv.AppendInt(append(b, "</ETag><Size>"...), int64(len(v.body)), 10)
	b = append(append(b, "</Size><StorageClass>"...), escape(v.storageClass())...)
	return append(b, "</StorageClass></Contents>"...)
}

func (v *version) storageClass() string {
	if v.class == "" {
		return "STANDARD"
	}
	return v.class
}

// listVersions answers ListObjectVersions, all on one page.
func (c *call) listVersions() *reply {
	w, bad := c.window()
	if bad != nil {
		return bad
	}
	if w.delimiter != "" || c.has("key-marker") {
		return notImplemented("versions with a delimiter or in pages")
	}
	text := element("Name", c.s.opt.Bucket) + element("IsTruncated", false)
	for _, key := range c.s.bucket.sortedKeys() {
		if !strings.HasPrefix(key, w.prefix) {
			continue
		}
		all := c.s.bucket.objects[key]
		for i, v := range slices.Backward(all) {
			kind, more := "Version", ""
			if v.hidden {
				kind = "DeleteMarker"
			} else {
				more = element("ETag", v.etag) + element("Size", len(v.body)) + element("StorageClass", v.storageClass())
			}
			text += "<" + kind + "><Key>" + w.name(key) + "</Key>" + element("VersionId", v.id) +
				element("IsLatest", i == len(all)-1) + element("LastModified", stamp(v.at)) + more + "</" + kind + ">"
		}
	}
	return document("ListVersionsResult", text)
}
