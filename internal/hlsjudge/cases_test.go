package hlsjudge_test

import (
	"path"
	"strings"
	"testing"

	"recfin/internal/hlscases"
	"recfin/internal/hlsjudge"
	"recfin/store/mem"
)

// session is what a store holds for the clients of a session.
func session(s *mem.Store, door string) hlsjudge.Session {
	view := hlsjudge.Session{Door: door, Playlists: map[string]string{}, Objects: map[string]int64{}}
	for key, o := range s.Snapshot() {
		if strings.HasPrefix(key, path.Dir(door)+"/") && path.Ext(key) == ".m3u8" {
			view.Playlists[key] = string(o.Body)
		} else {
			view.Objects[key] = int64(len(o.Body))
		}
	}
	return view
}

// TestCasesAreRight: neither the judge nor recfin verify has anything to say about
// what the pipeline writes of each case.
func TestCasesAreRight(t *testing.T) {
	for _, c := range hlscases.All() {
		t.Run(c.Name, func(t *testing.T) {
			w := c.Lay(t)
			w.Finalize(t)
			for _, f := range (world{World: w, Store: w.Store}).verify(t) {
				t.Error(f)
			}
			for _, s := range c.Sessions {
				for _, complaint := range hlsjudge.Judge(session(w.Store, w.Door(s.ID))) {
					t.Error(complaint)
				}
			}
		})
	}
}
