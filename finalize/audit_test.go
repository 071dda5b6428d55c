package finalize_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"recfin/internal/mp4check"
	"recfin/internal/schemas"
	"recfin/store/mem"
)

// What follows reads the outputs with forms of its own, written from the
// documented format, so that a change of the format is seen.

// tester is what a *testing.T and a *rapid.T have in common.
type tester interface {
	Helper()
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

type markerFile struct {
	Format      string
	Version     int
	Recording   string
	Generation  int64
	Predecessor string
	Sessions    []markerEntry
	Condemned   []condemnedEntry
	Seen        *struct{ Session, Version, File, SHA256 string }
}

type markerEntry struct {
	ID         string
	Start, End time.Time
	Version    string
	Highest    int
	Segments   string
	Formats    string
	Absorbed   []string
	Variants   []json.RawMessage
}

type condemnedEntry struct {
	Session, Version, Kind, File, SHA256 string
	Kept                                 bool
	Objects                              int
	Bytes                                int64
	Since                                *time.Time
}

// objectColumns are the rows of object versions in a record or a list.
type objectColumns struct {
	Store, Key, ETag []string
	Size             []int64
	Uploaded         []int64 `json:"uploaded_ns"`
}

type recordFile struct {
	Format, Recording, Session string
	Renditions                 []struct {
		Name  string
		Nonce []string
		objectColumns
	}
	Dropped struct {
		objectColumns
		Reason, Kept []string
	}
	Outputs []struct {
		Rendition, Kind, Store, Key, ETag, Checksum string
		Size                                        int64
	}
}

// objectVersion is one version of one object. The same bytes uploaded anew are
// another one.
type objectVersion struct {
	Store, Key, ETag string
	Size, Uploaded   int64
}

// versionOf is the version of an entry that stands under a key.
func versionOf(label, key string, e mem.Entry) objectVersion {
	return objectVersion{label, key, e.ETag, int64(len(e.Body)), e.Modified.UnixNano()}
}

func (c objectColumns) versions() []objectVersion {
	out := make([]objectVersion, len(c.Key))
	for i := range out {
		out[i] = objectVersion{c.Store[i], c.Key[i], c.ETag[i], c.Size[i], c.Uploaded[i]}
	}
	return out
}

// archive is what a store holds of one recording for good: its marker and what
// that vouches for. A nil archive is a store without marker.
type archive struct {
	markerFile
	raw       []byte
	records   map[string]recordFile // by session
	condemned []objectVersion
	sources   map[objectVersion]bool // those that an output holds
	cancelled map[objectVersion]bool // of condemned: somebody keeps them
	seen      []string
}

func markerKey(recording string) string { return outPath + recording + "/recording.json" }

// read reads the archive of a recording and fails where anything that the
// marker vouches for is not there.
func read(t tester, all map[string]mem.Entry, recording string) *archive {
	t.Helper()
	e, ok := all[markerKey(recording)]
	if !ok {
		return nil
	}
	a := &archive{raw: e.Body, records: map[string]recordFile{}, sources: map[objectVersion]bool{}, cancelled: map[objectVersion]bool{}}
	schemas.Check(t, "recording", e.Body)
	decode(t, "marker", e.Body, &a.markerFile)
	for _, s := range a.Sessions {
		key := outPath + recording + "/" + s.ID + "/" + s.Version + "/segments.json.gz"
		if sum := hexSum(all[key].Body); sum != s.Segments {
			t.Fatalf("%s has the SHA-256 %s, the marker says %s", key, sum, s.Segments)
		}
		var r recordFile
		plain := unzip(t, all[key].Body)
		schemas.Check(t, "segments", plain)
		decode(t, key, plain, &r)
		a.records[s.ID] = r
	}
	for _, c := range a.Condemned {
		key := outPath + recording + "/" + c.Session + "/" + c.Version + "/" + c.File
		if sum := hexSum(all[key].Body); sum != c.SHA256 {
			t.Fatalf("%s has the SHA-256 %s, the marker says %s", key, sum, c.SHA256)
		}
		var list objectColumns
		decode(t, key, unzip(t, all[key].Body), &list)
		if len(list.Key) != c.Objects {
			t.Errorf("%s lists %d objects, the marker says %d", key, len(list.Key), c.Objects)
		}
		a.condemned = append(a.condemned, list.versions()...)
		for _, o := range list.versions() {
			a.sources[o] = a.sources[o] || c.Kind == "sources"
			a.cancelled[o] = a.cancelled[o] || c.Kept
		}
	}
	if s := a.Seen; s != nil {
		key := outPath + recording + "/" + s.Session + "/" + s.Version + "/" + s.File
		if sum := hexSum(all[key].Body); sum != s.SHA256 {
			t.Fatalf("%s has the SHA-256 %s, the marker says %s", key, sum, s.SHA256)
		}
		var list objectColumns
		decode(t, key, unzip(t, all[key].Body), &list)
		a.seen = list.Key
	}
	return a
}

// holder is the session that has what an earlier one had: it, or the one that
// absorbed it.
func (a *archive) holder(id string) string {
	for _, s := range a.Sessions {
		if slices.Contains(s.Absorbed, id) {
			return s.ID
		}
	}
	return id
}

func decode(t tester, what string, raw []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func unzip(t tester, raw []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func hexSum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// chosen gives the keys of a session's segments, in order of key.
func (a *archive) chosen(session string) []string {
	var keys []string
	for _, q := range a.records[session].Renditions {
		keys = append(keys, q.Key...)
	}
	slices.Sort(keys)
	return keys
}

// doomed gives the keys of the condemned objects, in order.
func (a *archive) doomed() []string {
	keys := []string{}
	for _, o := range a.condemned {
		keys = append(keys, o.Key)
	}
	slices.Sort(keys)
	return keys
}

// versionName matches the folder of a version.
var versionName = regexp.MustCompile(`^[0-9]+-[0-9a-f]{16}$`)

// audit holds what must be true of a store at any moment, a crash included,
// given what it held before: I1, I2, I3, I8.
func audit(t tester, before, after map[string]mem.Entry, recording string) {
	t.Helper()
	was, is := read(t, before, recording), read(t, after, recording)
	switch {
	case was != nil && is == nil:
		t.Fatal("the marker is gone")
	case was == nil && is != nil && (is.Generation == 1) != (is.Predecessor == ""):
		t.Errorf("a marker of generation %d has the predecessor %q", is.Generation, is.Predecessor)
	case was != nil && is.Generation == was.Generation && !bytes.Equal(was.raw, is.raw):
		t.Error("the marker was changed within its generation")
	case was != nil && is.Generation == was.Generation+1 && is.Predecessor != hexSum(was.raw):
		t.Error("the marker does not name its predecessor")
	case was != nil && is.Generation < was.Generation:
		t.Error("the marker is an older one")
	}
	condemned := map[objectVersion]bool{}
	if is != nil {
		for _, o := range is.condemned {
			condemned[o] = true
		}
	}
	for key, e := range before {
		if _, there := after[key]; there || strings.HasPrefix(key, private) {
			continue
		}
		if !condemned[versionOf("mem://test/", key, e)] {
			t.Errorf("%s is gone, and no marker condemned it", key)
		}
	}
	for key, e := range after {
		switch {
		case !strings.HasPrefix(key, outPath):
		case strings.HasSuffix(key, ".mp4") && versionName.MatchString(path.Base(path.Dir(key))): // a copy lies deeper
			if err := mp4check.File(bytes.NewReader(e.Body), int64(len(e.Body))); err != nil {
				t.Errorf("%s: %v", key, err)
			}
		case strings.HasSuffix(key, "/index.m3u8"):
			for _, media := range uris(after, key) {
				// Between a swap and the doors after it a door leads to the version
				// before: all that it names is there still, condemned or not.
				if is != nil && !is.has(media) {
					auditPlaylist(t, after, media, nil)
					continue
				}
				auditPlaylist(t, after, media, condemned)
			}
		}
	}
	if is != nil {
		auditCommitted(t, after, is, condemned)
		auditHeld(t, before, after, is)
	}
}

// has reports whether an output is of a current version.
func (a *archive) has(key string) bool {
	for _, r := range a.records {
		for _, o := range r.Outputs {
			if o.Key == key {
				return true
			}
		}
	}
	return false
}

// auditCommitted holds that everything the marker commits is there as it says,
// and that nothing of it is condemned.
func auditCommitted(t tester, all map[string]mem.Entry, a *archive, condemned map[objectVersion]bool) {
	t.Helper()
	for id, r := range a.records {
		for _, o := range r.Outputs {
			e, ok := all[o.Key]
			if !ok || int64(len(e.Body)) != o.Size || e.ETag != o.ETag {
				t.Errorf("output %s is not there as session %s has it", o.Key, id)
			}
			if condemned[versionOf(o.Store, o.Key, e)] {
				t.Errorf("output %s is committed and condemned", o.Key)
			}
			if o.Kind == "hls" {
				auditPlaylist(t, all, o.Key, condemned)
			}
		}
		for _, q := range r.Renditions {
			for _, o := range q.versions() {
				if condemned[o] && !a.sources[o] {
					t.Errorf("%s is chosen and condemned", o.Key)
				}
			}
		}
	}
}

// auditPlaylist holds that a player finds every segment of a media playlist,
// and that none is condemned (I8).
func auditPlaylist(t tester, all map[string]mem.Entry, key string, condemned map[objectVersion]bool) {
	t.Helper()
	if _, ok := all[key]; !ok {
		t.Errorf("playlist %s is not there", key)
		return
	}
	for _, u := range uris(all, key) {
		if base := path.Base(u); base == "gap.ts" || base == "gap.mp4" {
			continue
		}
		e, ok := all[u]
		if !ok {
			t.Errorf("%s names %s, which is not there", key, u)
		}
		if condemned[versionOf("mem://test/", u, e)] {
			t.Errorf("%s names %s, which is condemned", key, u)
		}
	}
}

// uris resolves the URIs of a playlist to keys.
func uris(all map[string]mem.Entry, key string) []string {
	var keys []string
	for _, line := range strings.Split(string(all[key].Body), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		p, err := url.PathUnescape(line)
		if err != nil {
			p = line
		}
		keys = append(keys, path.Join(path.Dir(key), p))
	}
	return keys
}

// played gives the segments that players of a session get, by media playlist.
// A slot that the rendition lacks is "gap.ts".
func played(t tester, all map[string]mem.Entry, recording, session string) map[string][]string {
	t.Helper()
	door := outPath + recording + "/" + session + "/index.m3u8"
	if _, ok := all[door]; !ok {
		t.Fatalf("there is no door %s", door)
	}
	out := map[string][]string{}
	for _, media := range uris(all, door) {
		for _, key := range uris(all, media) {
			if path.Base(key) == "gap.ts" {
				key = "gap.ts"
			}
			out[path.Base(media)] = append(out[path.Base(media)], key)
		}
	}
	return out
}
