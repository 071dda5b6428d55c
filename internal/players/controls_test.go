package players

import (
	"maps"
	"path"
	"regexp"
	"strings"
	"testing"

	"recfin/internal/hlscases"
	"recfin/store/mem"
)

// control is a playlist that others write wrongly.
type control struct {
	name, of string // of: the case
	spoil    func(text string) string
	// harmless: to hls.js, which plays on, or does not read it.
	harmless bool
}

var controls = []control{
	{"no discontinuity where the clock starts over", "restart", func(text string) string {
		return strings.ReplaceAll(text, "#EXT-X-DISCONTINUITY\n", "")
	}, false},
	{"a segment that lasts longer than it does", "one", func(text string) string {
		return strings.Replace(text, "#EXTINF:2.000000,", "#EXTINF:2.900000,", 1)
	}, false},
	{"a segment in the place of another", "one", func(text string) string {
		return strings.NewReplacer("/1.ts", "/2.ts", "/2.ts", "/1.ts").Replace(text)
	}, false},
	{"a segment less", "one", func(text string) string {
		return strings.Replace(text, "#EXTINF:2.000000,\n../../../../show/A/720p/2.ts\n", "", 1)
	}, false},
	{"a segment twice", "failover", func(text string) string {
		return strings.Replace(text, "A/720p/2.ts", "A/720p/1.ts", 1)
	}, false},
	{"no other init segment", "inits", func(text string) string {
		at := strings.LastIndex(text, "#EXT-X-MAP")
		return text[:at] + text[at+strings.Index(text[at:], "\n")+1:]
	}, false},
	{"a discontinuity too many", "one", func(text string) string {
		return strings.Replace(text, "#EXTINF", "#EXT-X-DISCONTINUITY\n#EXTINF", 3)
	}, true},
	{"an I picture twice", "single", func(text string) string {
		if ranges := regexp.MustCompile("#EXT-X-BYTERANGE.*").FindAllString(text, 2); strings.Contains(text, "I-FRAMES-ONLY") && len(ranges) == 2 {
			return strings.Replace(text, ranges[1], ranges[0], 1)
		}
		return text
	}, true},
}

// lay makes the case and spoils its playlists.
func (k control) lay(t *testing.T) (*hlscases.World, map[string]mem.Entry) {
	t.Helper()
	for _, c := range hlscases.All() {
		if c.Name == k.of {
			w, f := finalized(t, c)
			return w, spoil(t, f.objects, w.Door(c.Sessions[0].ID), k.spoil)
		}
	}
	t.Fatalf("there is no case %s", k.of)
	return nil, nil
}

// spoil changes the media playlists of a session.
func spoil(t *testing.T, objects map[string]mem.Entry, door string, how func(string) string) map[string]mem.Entry {
	t.Helper()
	objects = maps.Clone(objects)
	changed := false
	for _, key := range NewFiles(objects).playlists(path.Dir(door)) {
		if key == door {
			continue
		}
		e := objects[key]
		text := how(string(e.Body))
		changed = changed || text != string(e.Body)
		e.Body = []byte(text)
		objects[key] = e
	}
	if !changed {
		t.Fatal("nothing was spoiled")
	}
	return objects
}
