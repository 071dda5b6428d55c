package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"recfin/internal/broadcast"
	"recfin/internal/mp4check"
	"recfin/internal/versity"
)

// The main job: a stream of a minute with B-frames, in segments of 2 s. B takes
// over at 40 %, five segments are there twice and the last of A is cut off, and
// segment 21 never arrived.
const (
	takeover = 12
	lastOfA  = 16
	lost     = 21
	lastOfB  = 29
	picture  = 1.0 / 15
	aacFrame = 1024.0 / 48000
)

func mainStream(t *testing.T) *broadcast.Series {
	return broadcast.Make(t, broadcast.Options{Seconds: 60, BFrames: 2})
}

// layMainJob stores the broadcast as the recording foo.
func layMainJob(t *testing.T, put broadcast.Put) {
	t.Helper()
	s := mainStream(t)
	a := s.Uploads("foo/A/720p", 0, lastOfA, onAir)
	a[lastOfA].Keep = 188 * 100
	b := broadcast.Without(s.Uploads("foo/B/720p", takeover, lastOfB, onAir), lost)
	for i := range b {
		b[i].At = b[i].At.Add(max(0, time.Duration(5-i)*time.Second)) // it catches up
	}
	broadcast.Lay(t, put, a)
	broadcast.Lay(t, put, b)
}

// chosenOfMainJob are the keys of the recording in order, part by part.
func chosenOfMainJob() (first, second []string) {
	for seq := range lastOfB + 1 {
		switch {
		case seq < lastOfA:
			first = append(first, "foo/A/720p/"+strconv.Itoa(seq)+".ts")
		case seq < lost:
			first = append(first, "foo/B/720p/"+strconv.Itoa(seq)+".ts")
		case seq > lost:
			second = append(second, "foo/B/720p/"+strconv.Itoa(seq)+".ts")
		}
	}
	return first, second
}

// droppedOfMainJob are the copies that lose.
var droppedOfMainJob = map[string]string{
	"foo/B/720p/12.ts": "identical", "foo/B/720p/13.ts": "identical", "foo/B/720p/14.ts": "identical",
	"foo/B/720p/15.ts": "identical", "foo/A/720p/16.ts": "truncated",
}

// join puts segments behind each other into one file.
func join(t *testing.T, dir string, keys []string) string {
	t.Helper()
	var all []byte
	for _, k := range keys {
		body, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(k)))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, body...)
	}
	name := filepath.Join(t.TempDir(), "part.ts")
	if err := os.WriteFile(name, all, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// checkMainPlan checks what was decided, whatever store it was in.
func checkMainPlan(t *testing.T, p planDoc) {
	t.Helper()
	if len(p.Sessions) != 1 || len(p.Sessions[0].Renditions) != 1 {
		t.Fatalf("sessions: %+v", p.Sessions)
	}
	first, second := chosenOfMainJob()
	q := p.Sessions[0].Renditions[0]
	if got := q.keys(); !slices.Equal(got, slices.Concat(first, second)) {
		t.Errorf("chosen: %q", got)
	}
	if len(q.Holes) != 1 || q.Holes[0].AfterSeq != lost-1 || q.Holes[0].BeforeSeq != lost+1 || !near(q.Holes[0].Duration, 2, 0.05) {
		t.Errorf("holes: %+v", q.Holes)
	}
	for i, s := range q.Segments {
		if s.Discontinuity != (i == lost) {
			t.Errorf("slot %d: discontinuity %v", i, s.Discontinuity)
		}
	}
	if got := p.reasons(); len(got) != len(droppedOfMainJob) {
		t.Errorf("dropped: %v", got)
	}
	for _, d := range p.Dropped {
		if d.Reason != droppedOfMainJob[d.Key] || filepath.Base(d.Kept) != filepath.Base(d.Key) || d.Kept == d.Key {
			t.Errorf("dropped: %+v", d)
		}
	}
	if !near(p.Sessions[0].Duration, 2*lastOfB, picture) || !near(q.Duration, 2*lastOfB, picture) {
		t.Errorf("duration %v, of the rendition %v", p.Sessions[0].Duration, q.Duration)
	}
}

func TestMainJob(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	layMainJob(t, broadcast.Folder(dir))
	r := document[reportDoc](t, mustRecfin(t, exitDone, "finalize", "--json", "--store", dir, "--format", "hls,mp4", "foo"))
	if r.Status != "done" || r.Error != "" {
		t.Errorf("status %q, error %q", r.Status, r.Error)
	}
	checkMainPlan(t, r.planDoc)
	video := r.output(t, "mp4", "720p")
	first, second := chosenOfMainJob()
	parts := []string{join(t, dir, first), join(t, dir, second)}
	name := filepath.Join(dir, filepath.FromSlash(video.Key))

	t.Run("pictures", func(t *testing.T) {
		want := slices.Concat(pictures(t, parts[0]), pictures(t, parts[1]))
		if got := pictures(t, name); !slices.Equal(got, want) {
			t.Errorf("%d pictures, want these %d", len(got), len(want))
		}
		if video.Video != len(want) || len(want) != 30*lastOfB {
			t.Errorf("video_samples %d, want %d", video.Video, len(want))
		}
	})
	t.Run("sound", func(t *testing.T) { checkMainSound(t, video, name, parts) })
	t.Run("duration", func(t *testing.T) {
		want := picture * 30 * lastOfB
		if got := decimal(t, ffprobe(t, name).Format.Duration); !near(got, want, picture+aacFrame) {
			t.Errorf("ffprobe reads %v s, want %v", got, want)
		}
		if got := float64(video.DurationNS) / 1e9; !near(got, want, picture+aacFrame) {
			t.Errorf("the report says %v s, want %v", got, want)
		}
	})
	t.Run("structure", func(t *testing.T) {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := mp4check.File(bytes.NewReader(body), int64(len(body))); err != nil {
			t.Error(err)
		}
	})
	t.Run("playlist", func(t *testing.T) { playOverHTTP(t, dir, r.Sessions[0].ID) })
	t.Run("record", func(t *testing.T) {
		if o := recordedOutput(t, filepath.Join(filepath.Dir(name), "segments.json.gz"), "mp4"); o.Silent != video.Silent {
			t.Errorf("the record says %d silent frames, the report %d", o.Silent, video.Silent)
		}
	})
}

// checkMainSound: the sound is that of the parts, with the silent frames that
// the report counts between them.
func checkMainSound(t *testing.T, o outputDoc, name string, parts []string) {
	before, after := sound(t, parts[0]), sound(t, parts[1])
	got := soundOfMP4(t, name)
	if o.Audio != len(got) || len(got) != len(before)+o.Silent+len(after) {
		t.Fatalf("%d frames, audio_samples %d; want %d, %d silent ones and %d", len(got), o.Audio, len(before), o.Silent, len(after))
	}
	if !slices.Equal(got[:len(before)], before) || !slices.Equal(got[len(before)+o.Silent:], after) {
		t.Error("the frames are not those of the source")
	}
	silent := got[len(before) : len(before)+o.Silent]
	for _, f := range silent {
		if f != silent[0] || slices.Contains(before, f) {
			t.Errorf("frames between the parts: %q", silent)
		}
	}
}

// playOverHTTP has ffmpeg decode the recording as a player would fetch it.
func playOverHTTP(t *testing.T, dir, session string) {
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer server.Close()
	url := server.URL + "/recordings/foo/" + session + "/index.m3u8"
	got := frames(t, ffmpeg(t, "-threads", "1", "-i", url, "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-"))
	if len(got) != 30*lastOfB {
		t.Errorf("%d pictures over HTTP, want %d", len(got), 30*lastOfB)
	}
	if got := frames(t, ffmpeg(t, "-i", url, "-map", "0:a", "-f", "framemd5", "-")); len(got) < 2*lastOfB*46 {
		t.Errorf("%d frames of sound over HTTP", len(got))
	}
}

// recordedOutput reads an output from the record of a version.
func recordedOutput(t *testing.T, name, kind string) outputDoc {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var record struct {
		Outputs []outputDoc `json:"outputs"`
	}
	if err := json.NewDecoder(z).Decode(&record); err != nil {
		t.Fatal(err)
	}
	for _, o := range record.Outputs {
		if o.Kind == kind {
			return o
		}
	}
	t.Fatalf("the record has no %s: %+v", kind, record.Outputs)
	return outputDoc{}
}

// The same as a person reads it: before and after.
func TestMainJobText(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	layMainJob(t, broadcast.Folder(dir))
	words := []string{"between 20 and 22", "dropped: 5 segments", "identical", "truncated"}
	mustRecfin(t, exitDone, "plan", "--store", dir, "foo").says(t, append(words, "foo: ready")...)
	r := mustRecfin(t, exitDone, "finalize", "--store", dir, "--format", "hls,mp4", "foo")
	r.says(t, append(words, "foo: done", "720p.mp4", "720p.m3u8", "0:00:58.")...)
}

// On S3 all was uploaded at once: that is no evidence, and the recording is the
// same.
func TestMainJobOnS3(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	layMainJob(t, broadcast.Folder(dir))
	local := document[reportDoc](t, mustRecfin(t, exitDone, "finalize", "--json", "--store", dir, "--format", "hls,mp4", "foo"))

	b := newBucket(t, versity.Start(t))
	layMainJob(t, b.put())
	sources := b.list(t)
	waits := recfin("finalize", "--json", "--store", b.url, "foo")
	waits.hides(t, b.secrets...)
	waits.wantCode(t, exitNotSettled)
	if p := document[reportDoc](t, waits); p.Status != "not-settled" || len(b.list(t)) != len(sources) {
		t.Errorf("not settled: status %q, %d keys were %d", p.Status, len(b.list(t)), len(sources))
	}

	run := recfin("finalize", "--json", "--log-level", "debug", "--store", b.url, "--format", "hls,mp4", "--force", "foo")
	run.hides(t, b.secrets...)
	run.wantCode(t, exitDone)
	remote := document[reportDoc](t, run)
	checkMainPlan(t, remote.planDoc)
	if !slices.Contains(remote.Warnings, "uploads-not-live") || slices.Contains(local.Warnings, "uploads-not-live") {
		t.Errorf("warnings %q, in the folder %q", remote.Warnings, local.Warnings)
	}
	now := b.list(t)
	for key, etag := range sources {
		if now[key] != etag {
			t.Errorf("%s was changed", key)
		}
	}

	mine, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(local.output(t, "mp4", "720p").Key)))
	if err != nil {
		t.Fatal(err)
	}
	theirs := b.get(t, remote.output(t, "mp4", "720p").Key)
	// The chapters are named after the time of day, which nobody knows of the bucket.
	stamp := regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
	name := []byte("day and time of day.")
	if !bytes.Equal(stamp.ReplaceAll(mdat(t, mine), name), stamp.ReplaceAll(mdat(t, theirs), name)) {
		t.Error("the media of the MP4 differ")
	}
	list, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(local.output(t, "hls", "720p").Key)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := uris(string(b.get(t, remote.output(t, "hls", "720p").Key))), uris(string(list)); !slices.Equal(got, want) {
		t.Errorf("URIs of the playlist: %q\nwant %q", got, want)
	}

	again := mustRecfin(t, exitDone, "finalize", "--store", b.url, "--format", "hls,mp4", "--force", "foo")
	again.says(t, "nothing to do")
	if diff := changes(now, b.list(t)); len(diff) > 0 {
		t.Errorf("the second run: %q", diff)
	}
}

// mdat gives the payload of the one mdat box.
func mdat(t *testing.T, file []byte) []byte {
	t.Helper()
	for rest := file; len(rest) >= 16; {
		size, head := uint64(binary.BigEndian.Uint32(rest)), uint64(8)
		if size == 1 {
			size, head = binary.BigEndian.Uint64(rest[8:]), 16
		}
		if size < head || size > uint64(len(rest)) {
			t.Fatalf("a box of %d bytes in %d", size, len(rest))
		}
		if string(rest[4:8]) == "mdat" {
			return rest[head:size]
		}
		rest = rest[size:]
	}
	t.Fatal("there is no mdat")
	return nil
}

// uris are the lines of a playlist that are no tags.
func uris(list string) []string {
	var all []string
	for _, line := range strings.Split(list, "\n") {
		if line != "" && line[0] != '#' {
			all = append(all, line)
		}
	}
	return all
}
