package players

import (
	"testing"

	"recfin/internal/chrome"
	"recfin/internal/hlscases"
)

// excused are errors of hls.js that are no fault of the streams, by details.
func excused(s hlscases.Session) []string {
	for _, r := range s.Renditions {
		if len(r.Gaps) > 0 {
			return []string{"fragGap"} // it says so, and takes another level
		}
	}
	return nil
}

// TestStreams: hls.js plays each case from its door.
func TestStreams(t *testing.T) {
	t.Parallel()
	b := chrome.Start(t)
	for _, c := range hlscases.All() {
		t.Run(c.Name, func(t *testing.T) {
			w := c.Lay(t)
			w.Finalize(t)
			f := NewFiles(w.Store.Snapshot())
			for _, s := range c.Sessions {
				for _, wrong := range judgeStream(t, b.Stream(f, w.Door(s.ID)), s, excused(s)...) {
					t.Error(wrong)
				}
			}
		})
	}
}
