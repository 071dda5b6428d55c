package players

import (
	"strings"
	"testing"

	"recfin/internal/chrome"
	"recfin/internal/hlscases"
	"recfin/serve"
)

// TestServed: recordings of two broadcasters play in Chromium by what recfin serve
// answers: before they are finalized by the playlists of the plan, over the
// discontinuity, and afterwards by their doors in the store.
func TestServed(t *testing.T) {
	t.Parallel()
	b := chrome.Start(t)
	for _, c := range hlscases.All() {
		if c.Name != "restart" && c.Name != "inits" {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			w, s := c.Lay(t), c.Sessions[0]
			play := func(door string) {
				t.Helper()
				server, err := serve.New(serve.Options{Config: w.Config})
				if err != nil {
					t.Fatal(err)
				}
				for _, wrong := range judgeStream(t, b.Stream(server, door), s) {
					t.Error(door, wrong)
				}
			}
			play("play/" + c.Recording + "/" + s.ID + "/index.m3u8")
			for key := range w.Store.Snapshot() {
				if strings.HasPrefix(key, hlscases.OutPath) {
					t.Errorf("%s was written", key)
				}
			}
			if c.Name == "restart" {
				w.Finalize(t)
				play("store/" + c.Recording + "/" + w.Door(s.ID))
			}
		})
	}
}
