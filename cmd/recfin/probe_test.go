package main

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"recfin/internal/broadcast"
	"recfin/internal/testenv"
	"recfin/internal/versity"
)

// probeDoc is an object of `probe --json`, from its documentation.
type probeDoc struct {
	File      string          `json:"file"`
	Container string          `json:"container"`
	Duration  float64         `json:"duration"`
	Start     float64         `json:"start"`
	Tracks    []probeTrackDoc `json:"tracks"`
	Problems  []string        `json:"problems"`
}

type probeTrackDoc struct {
	ID              int     `json:"id"`
	Type            string  `json:"type"`
	Codec           string  `json:"codec"`
	Codecs          string  `json:"codecs"`
	Width           int     `json:"width"`
	Height          int     `json:"height"`
	SampleRate      int     `json:"sample_rate"`
	Channels        int     `json:"channels"`
	Frames          int     `json:"frames"`
	Start           float64 `json:"start"`
	Duration        float64 `json:"duration"`
	Keyframes       int     `json:"keyframes"`
	FirstIsKeyframe bool    `json:"first_is_keyframe"`
}

func TestProbe(t *testing.T) {
	t.Parallel()
	for _, opt := range []broadcast.Options{
		{Seconds: 60, BFrames: 2},
		{Seconds: 4, Width: 160, Height: 90, Rate: "30000/1001", BFrames: 2, GOP: 30, SampleRate: 44100, Channels: 2, FirstPID: 0x200},
		{Seconds: 4, NoAudio: true},
		{Seconds: 4, NoVideo: true},
	} {
		file := broadcast.Make(t, opt).Segments[1].Path
		t.Run(fmt.Sprintf("%+v", opt), func(t *testing.T) {
			t.Parallel()
			r := mustRecfin(t, exitDone, "probe", "--json", file)
			p := document[probeDoc](t, r)
			if p.File != file || p.Container != "mpegts" || len(p.Problems) != 0 {
				t.Errorf("%+v", p)
			}
			compareProbe(t, p, ffprobe(t, file))
			text := mustRecfin(t, exitDone, "probe", file)
			text.says(t, file, "mpegts")
			for _, track := range p.Tracks {
				text.says(t, track.Codec, track.Codecs, strconv.Itoa(track.Frames)+" frames")
				if track.Type == "video" {
					text.says(t, fmt.Sprintf("%dx%d", track.Width, track.Height))
				}
			}
		})
	}
}

// compareProbe holds our view against that of ffprobe.
func compareProbe(t *testing.T, p probeDoc, want mediaInfo) {
	t.Helper()
	if len(p.Tracks) != len(want.Streams) {
		t.Fatalf("%d tracks, ffprobe %d", len(p.Tracks), len(want.Streams))
	}
	for _, s := range want.Streams {
		found := false
		for _, track := range p.Tracks {
			if fmt.Sprintf("%#x", track.ID) != s.ID {
				continue
			}
			found = true
			if track.Type != s.Type || track.Codec != s.Codec || track.Width != s.Width || track.Height != s.Height || track.Channels != s.Channels || strconv.Itoa(track.Frames) != s.Packets {
				t.Errorf("%+v, ffprobe %+v", track, s)
			}
			if s.Type == "audio" && strconv.Itoa(track.SampleRate) != s.SampleRate {
				t.Errorf("%+v, ffprobe %+v", track, s)
			}
			// Of sound ffprobe leaves out what the last packet holds.
			length := decimal(t, s.Duration)
			if s.Type == "audio" {
				length = float64(track.Frames) * 1024 / float64(track.SampleRate)
			}
			if !near(track.Start, decimal(t, s.Start), 0.001) || !near(track.Duration, length, 0.001) {
				t.Errorf("%+v, ffprobe %+v", track, s)
			}
			if lead := s.Type == "video" || len(p.Tracks) == 1; lead && (!near(p.Start, track.Start, 0.001) || !near(p.Duration, track.Duration, 0.001)) {
				t.Errorf("%v from %v, but %v from %v is the track that leads", p.Duration, p.Start, track.Duration, track.Start)
			}
			if !track.FirstIsKeyframe || track.Keyframes == 0 || track.Codecs == "" {
				t.Errorf("%+v", track)
			}
		}
		if !found {
			t.Errorf("ffprobe's %s is missing in %+v", s.ID, p.Tracks)
		}
	}
}

func TestProbeBad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bad, none, empty := filepath.Join(dir, "bad.ts"), filepath.Join(dir, "none.ts"), filepath.Join(dir, "empty.ts")
	for name, body := range map[string][]byte{bad: noise(20_000), empty: nil} {
		if err := os.WriteFile(name, body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	good := broadcast.Make(t, broadcast.Options{}).Segments[0].Path
	for _, c := range []struct {
		name string
		args []string
		says []string
	}{
		{"not there", []string{none}, []string{none, "no such file"}},
		{"a folder", []string{dir}, []string{dir}},
		{"random bytes", []string{bad}, []string{bad, "not readable as media"}},
		{"empty", []string{empty}, []string{empty}},
		{"good between bad", []string{none, good, bad}, []string{none, bad, good + ": mpegts"}},
		{"no such object", []string{"file://" + none}, []string{"none.ts", "no such object"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := recfin(append([]string{"probe"}, c.args...)...)
			r.says(t, c.says...)
			if r.code != exitFailed {
				t.Errorf("exit code %d", r.code)
			}
		})
	}
}

func TestProbeObject(t *testing.T) {
	t.Parallel()
	s := broadcast.Make(t, broadcast.Options{})
	local := document[probeDoc](t, mustRecfin(t, exitDone, "probe", "--json", s.Segments[0].Path))
	inFolder := document[probeDoc](t, mustRecfin(t, exitDone, "probe", "--json", "file://"+s.Segments[0].Path))
	if inFolder.File != "file://"+s.Segments[0].Path {
		t.Errorf("in a folder: %q", inFolder.File)
	}
	b := newBucket(t, versity.Start(t))
	broadcast.Lay(t, b.put(), s.Uploads("foo/A/720p", 0, 0, onAir))
	u, err := url.Parse(b.url)
	if err != nil {
		t.Fatal("no URL")
	}
	u.Path += "foo/A/720p/0.ts"
	r := recfin("probe", "--json", u.String()) // with ?region=
	r.hides(t, b.secrets...)
	r.wantCode(t, exitDone)
	remote := document[probeDoc](t, r)
	if want := b.Label() + "foo/A/720p/0.ts"; remote.File != want {
		t.Errorf("file %q, want %q", remote.File, want)
	}
	remote.File, inFolder.File = local.File, local.File
	if fmt.Sprint(remote) != fmt.Sprint(local) || fmt.Sprint(inFolder) != fmt.Sprint(local) {
		t.Errorf("%+v\nlocal %+v\nin a folder %+v", remote, local, inFolder)
	}
	u.Path = strings.TrimSuffix(u.Path, "0.ts") + "1.ts"
	r = recfin("probe", u.String())
	r.hides(t, b.secrets...)
	if r.says(t, "foo/A/720p/1.ts", "no such object"); r.code != exitFailed {
		t.Errorf("exit code %d", r.code)
	}
}

// A URL that is no object's is refused without showing it.
func TestProbeHidesSecrets(t *testing.T) {
	t.Parallel()
	for _, u := range []string{
		"s3+http://AKID:" + secret + "@127.0.0.1:9",
		"s3+http://AKID:" + secret + "@127.0.0.1:9/",
		"s3+http://AKID:" + secret + "@127.0.0.1:9/bucket",
		"s3+http://AKID:x/" + secret + "@127.0.0.1:9",
		"s3://AKID:" + secret + "@region",
		"s4://AKID:" + secret + "@host/bucket/key.ts",
		"https://AKID:" + secret + "@host",
		"AKID:" + secret + "@host/bucket/key.ts",
		"s3:/AKID:" + secret + "@region/bucket/key.ts",
	} {
		r := recfin("probe", u)
		if r.code == exitDone {
			t.Error("there is nothing to probe")
		}
		r.hides(t, secret)
	}
}

// MP4 is measured like TS; a segment whose description is elsewhere says so.
func TestProbeMP4(t *testing.T) {
	t.Parallel()
	ts := broadcast.Make(t, broadcast.Options{Seconds: 4, BFrames: 2}).Segments[0].Path
	dir := t.TempDir()
	file, bare := filepath.Join(dir, "a.mp4"), filepath.Join(dir, "bare.m4s")
	remux := exec.Command(testenv.Need(t, "ffmpeg"), "-v", "error", "-nostdin", "-i", ts, "-c", "copy", "-bsf:a", "aac_adtstoasc", "-movflags", "frag_keyframe+delay_moov+default_base_moof", file)
	if out, err := remux.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	r := mustRecfin(t, exitDone, "probe", "--json", file)
	p, of := document[probeDoc](t, r), document[probeDoc](t, mustRecfin(t, exitDone, "probe", "--json", ts))
	if p.Container != "mp4" || len(p.Problems) != 0 || len(p.Tracks) != len(of.Tracks) {
		t.Fatalf("%+v", p)
	}
	for i := range p.Tracks {
		if have, want := p.Tracks[i], of.Tracks[i]; have.Frames != want.Frames || have.Codecs != want.Codecs || have.Keyframes != want.Keyframes || have.Width != want.Width {
			t.Errorf("%+v, want %+v", have, want)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bare, b[strings.Index(string(b), "moof")-4:], 0o600); err != nil {
		t.Fatal(err)
	}
	failed := recfin("probe", bare)
	if failed.code == exitDone {
		t.Errorf("%s: exit 0", bare)
	}
	failed.says(t, "init segment (moov) is missing")
}
