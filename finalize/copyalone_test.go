package finalize_test

import (
	"slices"
	"testing"
	"time"

	"recfin/finalize"
)

// TestLoserBesideACopyThatIsAlone: a copy that lost goes when its winner is gone only
// where the output that holds the winner can be proved. Of what a store has copied that
// tells no checksum nothing is known any more but its size.
func TestLoserBesideACopyThatIsAlone(t *testing.T) {
	for name, opt := range tellings {
		t.Run(name, func(t *testing.T) {
			w := takeoverIn(opt)
			cfg := with(copying(w), func(c *finalize.Config) {
				c.Delete, c.Accept, c.MaxDeletePercent = finalize.DeleteSources, []string{"foo"}, 100
			})
			list := "#EXTM3U\n#EXT-X-TARGETDURATION:2\n"
			for _, key := range losers("foo") {
				list += "#EXTINF:2,\n/" + key + "\n"
			}
			w.Set("foo/other.m3u8", []byte(list), w.clock.now(), nil)
			mustRun(t, cfg, "foo")
			left := inputs(w.Snapshot())
			w.remove(t, "foo/other.m3u8")
			w.clock.advance(2 * time.Hour)
			r, err := run(cfg, "foo")
			t.Logf("left %v, then %v: %v %q %v", left, inputs(w.Snapshot()), err, r.Problems, r.Kept)
			stays := opt.NoChecksums
			for _, key := range losers("foo") {
				if !slices.Contains(left, key) {
					t.Fatalf("%s went beside a playlist that names it: the test proves nothing", key)
				}
				if w.has(key) != stays {
					t.Errorf("%s is there: %v", key, !stays)
				}
			}
		})
	}
}
