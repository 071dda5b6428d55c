package finalize_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/tswriter"
)

// withoutTables gives segment n of the feed without PAT and PMT; its parameter
// sets stay.
func (f feed) withoutTables(n int) []byte {
	const mapPID = 0x1000
	var out []byte
	for b := f.segment(n); len(b) > 0; b = b[188:] {
		if pid := int(b[1]&0x1f)<<8 | int(b[2]); pid != 0 && pid != mapPID {
			out = append(out, b[:188]...)
		}
	}
	return out
}

// TestSegmentsWithoutTables: the map of a run holds for those of its segments that
// have none, and where there is none at all the streams are known by what they
// hold. The movie is the one that it would have been.
func TestSegmentsWithoutTables(t *testing.T) {
	film := func(w *world) []byte {
		r := mustRun(t, only(w, finalize.Formats{HLS: true, MP4: true}), "foo")
		if len(r.Committed) != 1 || len(r.Plan.Dropped) != 0 {
			t.Fatalf("%d committed, dropped %+v", len(r.Committed), r.Plan.Dropped)
		}
		for i, ns := range r.Committed[0].Record.Renditions[0].DurationNS {
			if d := time.Duration(ns); (d - 2*time.Second).Abs() > 50*time.Millisecond {
				t.Errorf("segment %d lasts %s", i, d)
			}
		}
		for key, e := range w.Snapshot() {
			if strings.HasSuffix(key, ".mp4") {
				return e.Body
			}
		}
		t.Error("no movie")
		return nil
	}
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 5, 0)
	want := film(w)
	for _, bare := range [][]int{{3}, {0}, {5}, {0, 1, 2}, {1, 3, 5}, {0, 1, 2, 3, 4, 5}} {
		t.Run(fmt.Sprint(bare), func(t *testing.T) {
			w := newWorld(false)
			w.lay("foo/A/720p", high, 0, 5, 0)
			for _, n := range bare {
				w.Set(fmt.Sprintf("foo/A/720p/%d.ts", n), high.withoutTables(n), uploaded(n), nil)
			}
			if got := film(w); !bytes.Equal(got, want) {
				t.Errorf("a movie of %d bytes, want %d", len(got), len(want))
			}
		})
	}
}

// TestSegmentsWithoutAnything: an encoder that sends tables and parameter sets once,
// and recovery points from then on. Its segments are whole only as a run.
func TestSegmentsWithoutAnything(t *testing.T) {
	for name, hevc := range map[string]bool{"H.264": false, "H.265": true} {
		t.Run(name, func(t *testing.T) {
			l := tswriter.Live{HEVC: hevc, Pictures: 60, GOP: 10, Step: pictureTicks, From: 90000, Recovery: true}
			s := tswriter.Stream{PID: videoPID, Type: tswriter.TypeH264}
			if hevc {
				s.Type = tswriter.TypeHEVC
			}
			tw := tswriter.New(s)
			tw.Tables()
			w := newWorld(false)
			var begins []int
			for i, p := range l.PESPackets() {
				if i%10 == 0 {
					begins = append(begins, len(tw.Packets()))
				}
				tw.PES(videoPID, p)
			}
			begins[0] = 0
			for n, from := range begins {
				to := len(tw.Packets())
				if n+1 < len(begins) {
					to = begins[n+1]
				}
				w.Set(fmt.Sprintf("foo/A/720p/%d.ts", n), bytes.Join(tw.Packets()[from:to], nil), uploaded(n), nil)
			}
			r := mustRun(t, only(w, finalize.Formats{MP4: true}), "foo")
			if len(r.Committed) != 1 || len(r.Plan.Dropped) != 0 {
				t.Fatalf("%d committed, dropped %+v", len(r.Committed), r.Plan.Dropped)
			}
			for _, o := range r.Committed[0].Record.Outputs {
				if o.Kind == "mp4" && (o.Video != 60 || o.Skipped != 0 || o.Segments != 6) {
					t.Errorf("%d pictures of %d segments in the movie, %d skipped", o.Video, o.Segments, o.Skipped)
				}
			}
		})
	}
}
