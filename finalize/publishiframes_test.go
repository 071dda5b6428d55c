package finalize_test

import (
	"bytes"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/finalize/playlist"
	"recfin/internal/hlscases"
	"recfin/internal/testenv"
	"recfin/internal/timecode"
)

// TestIFramePlaylists takes each I picture that an I-frame playlist names as a client
// does that knows nothing but that playlist (RFC 8216 §4.3.3.6): the init section by
// its MAP, or else what its object has before the first picture that is listed of it,
// and the bytes of the range. There is one picture in it, and its burned-in number is
// the one that is shown at that time.
func TestIFramePlaylists(t *testing.T) {
	const ref, cp, one = finalize.HLSReference, finalize.HLSCopy, finalize.HLSSingle
	shown := map[string][]finalize.HLSMode{
		"restart": {one}, "failover": {ref, one}, "pids": {one}, "inits": {cp, one}, "selfinit": {ref, one}, "hostile": {cp}, "audio": {ref},
	}
	for _, c := range hlscases.All() {
		modes := shown[c.Name]
		delete(shown, c.Name)
		for _, mode := range modes {
			t.Run(c.Name+"/"+string(mode), func(t *testing.T) {
				w := c.Lay(t)
				w.Config.HLS = mode
				w.Config.Formats.MP4 = mode != finalize.HLSSingle // so that the media are read
				w.Finalize(t)
				if v, err := verifyBy(w.Config, c.Recording, true); err != nil || len(v.Findings) > 0 {
					t.Errorf("verify: %v %v", v.Findings, err)
				}
				n := 0
				all := w.Store.Snapshot()
				for _, s := range c.Sessions {
					for _, r := range s.Renditions {
						n += judgeIFrames(t, all, w.Door(s.ID), s, r)
					}
				}
				if n < 3 != (c.Name == "audio") {
					t.Errorf("%d I pictures are named", n)
				}
			})
		}
	}
	if len(shown) > 0 {
		t.Errorf("there are no cases %v", shown)
	}
}

// judgeIFrames judges the I-frame playlist of a rendition, and gives how many pictures
// it names.
func judgeIFrames(t *testing.T, all snapshot, door string, s hlscases.Session, r hlscases.Rendition) int {
	t.Helper()
	var key string
	for k := range all {
		if strings.HasPrefix(k, path.Dir(door)+"/") && strings.HasSuffix(k, "/"+r.Name+"/iframes.m3u8") {
			key = k
		}
	}
	if key == "" {
		return 0
	}
	media, findings := playlist.ParseMedia(key, all[key].Body)
	if len(findings) > 0 {
		t.Errorf("%s: %v", key, findings)
	}
	if sum := media.Duration(); (sum - s.Duration).Abs() > time.Second/hlscases.Rate {
		t.Errorf("%s lasts %v, the session %v", key, sum, s.Duration)
	}
	first := map[string]int64{}
	for _, x := range media.Segments {
		if _, known := first[x.URI]; !known {
			first[x.URI] = x.Range.Offset
		}
	}
	var at time.Duration
	n := 0
	for _, x := range media.Segments {
		begin := at
		at += x.Duration
		if x.Gap {
			continue
		}
		if n++; n%2 == 0 && !x.Discontinuity {
			continue // half of them will do
		}
		object := led(t, all, key, x.URI)
		init := object[:first[x.URI]]
		if m := x.Map; m != nil {
			init = led(t, all, key, m.URI)
			if m.Range.Length > 0 {
				init = init[m.Range.Offset:][:m.Range.Length]
			}
		}
		raw := slices.Concat(init, object[x.Range.Offset:][:x.Range.Length])
		want := timecode.Code{Number: numberAt(s.Runs, begin), Stream: r.Stream}
		if got := codes(t, raw); len(got) != 1 || got[0] != want {
			t.Errorf("%s, line %d, at %v: pictures %v, want %v", key, x.Line, begin, got, want)
		}
	}
	return n
}

// led is the body of the object that a reference leads to.
func led(t *testing.T, all snapshot, from, uri string) []byte {
	t.Helper()
	for _, key := range playlist.Resolve(from, uri) {
		if e, ok := all[key]; ok {
			return e.Body
		}
	}
	t.Fatalf("%s: %s leads nowhere", from, uri)
	return nil
}

// numberAt is the number of the picture that a session shows at a time.
func numberAt(runs []hlscases.Run, at time.Duration) int {
	n := int((at*hlscases.Rate + time.Second/2) / time.Second)
	for _, r := range runs {
		if n < r.Pictures {
			return r.First + n
		}
		n -= r.Pictures
	}
	return -1
}

// codes reads the pictures that ffmpeg finds in some bytes.
func codes(t *testing.T, raw []byte) []timecode.Code {
	t.Helper()
	cmd := exec.Command(testenv.Need(t, "ffmpeg"), append([]string{"-v", "fatal", "-threads", "1", "-i", "-", "-map", "0:v:0", "-fps_mode", "passthrough"}, timecode.Cells()...)...)
	cmd.Stdin = bytes.NewReader(raw)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ffmpeg: %v", err)
	}
	list, err := timecode.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	return list
}
