package finalize

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Everything below <out>/<recording>/ is named here and nowhere else. A name
// once given strands recordings if it is ever changed.

const (
	markerName   = "recording.json"
	doorName     = "index.m3u8"
	segmentsName = "segments.json.gz"

	sessionFormat = "20060102T150405Z"
)

// version names one attempt to write a session: <n>-<hash>.
type version struct {
	N    int
	Hash string // 16 hexadecimal digits
}

func (v version) String() string { return strconv.Itoa(v.N) + "-" + v.Hash }

var (
	versionForm = regexp.MustCompile(`^([1-9][0-9]{0,8})-([0-9a-f]{16})$`)
	sessionForm = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}Z$`)
)

func parseVersion(s string) (version, bool) {
	m := versionForm.FindStringSubmatch(s)
	if m == nil {
		return version{}, false
	}
	n, err := strconv.Atoi(m[1])
	return version{N: n, Hash: m[2]}, err == nil
}

// folder is <out>/<recording>/.
type folder string

func (c Config) folder(recording string) folder { return folder(c.OutPath + recording + "/") }

func (f folder) marker() string              { return string(f) + markerName }
func (f folder) door(session string) string  { return string(f) + session + "/" + doorName }
func (f folder) version(id, v string) string { return string(f) + id + "/" + v + "/" }

// split takes a key below the folder apart. ok is false for a key that is not
// inside a version.
func (f folder) split(key string) (session string, v version, rest string, ok bool) {
	s, found := strings.CutPrefix(key, string(f))
	parts := strings.SplitN(s, "/", 3)
	if !found || len(parts) != 3 || !sessionForm.MatchString(parts[0]) {
		return "", version{}, "", false
	}
	v, ok = parseVersion(parts[1])
	return parts[0], v, parts[2], ok
}

// sessionID is the start of a session in UTC, to the second. Two sessions that
// begin in one second (a session gap below it) are told apart by moving on.
func sessionID(start time.Time, taken map[string]bool) string {
	for t := start.UTC().Truncate(time.Second); ; t = t.Add(time.Second) {
		if id := t.Format(sessionFormat); !taken[id] {
			return id
		}
	}
}

// reserved are the names in a version that are ours. A rendition of such a
// name, one that is only digits, or one that ends like a file of ours, gets a "_":
// its outputs have a folder of its name, and where a store is a folder that cannot
// have the name of a file. What playlists call a gap is never there: gap.mp4 would be
// the MP4 of a rendition of that name.
var reserved = map[string]bool{"gap": true, "index": true, "recording": true, "segments": true, "leftovers": true, "outputs": true, "sources": true}

// fileEnds are the extensions of what stands in a version.
var fileEnds = []string{".m3u8", ".mp4", ".ts", ".m4s", ".gz"}

// outputNames gives every rendition the name of its outputs, distinct and safe
// as one element of a key, in the order of the renditions.
func outputNames(renditions []string) []string {
	names := make([]string, len(renditions))
	used := map[string]bool{}
	for i, r := range renditions {
		name := r
		if name == "" {
			name = "video"
		}
		if reserved[name] || strings.Trim(name, "0123456789") == "" || slices.Contains(fileEnds, strings.ToLower(path.Ext(name))) {
			name += "_"
		}
		for used[name] {
			name += "_"
		}
		used[name] = true
		names[i] = name
	}
	return names
}

// checkRecording says why a recording cannot have a folder of its own. Where a
// layout reads several path elements as an ID (cam/front), its folder lies in
// that of cam. So no element may look like a session: the folder would lie where
// the outputs of cam are.
func checkRecording(name string) error {
	for i, element := range strings.Split(name, "/") {
		switch {
		case element == "":
			return fmt.Errorf("%w: the recording ID %q: it, or a path element of it, is empty", ErrUsage, name)
		case element == "." || element == ".." || strings.HasPrefix(element, ".recfin"), i > 0 && sessionForm.MatchString(element):
			return fmt.Errorf("%w: the recording ID %q cannot be a folder of its own", ErrUsage, name)
		}
	}
	return nil
}
