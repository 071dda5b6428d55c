package players

import (
	"path"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/internal/chrome"
	"recfin/internal/hlscases"
)

// excused are excuses of a session.
func excused(s hlscases.Session) []excuse {
	for _, r := range s.Renditions {
		if len(r.Gaps) > 0 {
			return []excuse{{"fragGap", 0, "it says that it found one, and takes another level"}}
		}
	}
	return nil
}

// TestChromium: hls.js plays each case from its door, and finds what is wrong with
// playlists that are written as others write them.
func TestChromium(t *testing.T) {
	t.Parallel()
	b := chrome.Start(t) // one: those of other tests are at work too
	for _, c := range hlscases.All() {
		t.Run(c.Name, func(t *testing.T) {
			w, f := finalized(t, c)
			for _, s := range c.Sessions {
				for _, wrong := range judgeStream(t, b.Stream(f, w.Door(s.ID)), s, excused(s)...) {
					t.Error(wrong)
				}
				for _, r := range s.Renditions {
					if len(r.Gaps) == 0 {
						continue
					}
					for _, wrong := range judgeGaps(t, b.Stream(f, mediaOf(f, w.Door(s.ID), r)), s, r) {
						t.Error(wrong)
					}
				}
			}
			for _, key := range f.Missed() {
				if path.Base(key) != "gap.ts" || excused(c.Sessions[0]) == nil {
					t.Errorf("%s is asked for, and is not there", key)
				}
			}
			if c.HLS == finalize.HLSSingle && f.Ranged(single(f)) == 0 {
				t.Error("nobody asks for a part of the one media object")
			}
		})
	}
	for _, k := range controls {
		if k.harmless {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			w, objects := k.lay(t)
			s := w.Sessions[0]
			found := judgeStream(t, b.Stream(NewFiles(objects), w.Door(s.ID)), s, excused(s)...)
			t.Logf("%q", found)
			if len(found) == 0 {
				t.Error("it finds nothing")
			}
		})
	}
}

// single is the key of the one media object of a recording.
func single(f *Files) string {
	for key := range f.objects {
		if strings.Contains(path.Base(key), ".media.") {
			return key
		}
	}
	return ""
}
