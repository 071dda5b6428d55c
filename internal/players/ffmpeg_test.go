package players

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"recfin/internal/hlscases"
	"recfin/internal/testenv"
	"recfin/internal/timecode"
	"recfin/store/mem"
)

// reader has ffmpeg and ffprobe read the playlists of a session.
type reader struct {
	verdict
	ffmpeg, ffprobe string
	files           *Files
	root            string // address of the keys
	can             limit
}

// limit is what ffmpeg cannot do with a whole playlist of a case, through no fault of
// the playlist. Its parts are not excused.
type limit struct {
	why   string
	lines *regexp.Regexp // that it complains with; nil: none
	// blind: not all that it reads is shown.
	blind bool
}

// judgeFiles says what is wrong with a session as ffmpeg and ffprobe read it, from
// its door and from each media playlist. It stops at the first of them in which
// something is wrong. To start one of the programs takes longer than what it does
// here: each is started as seldom as will do.
func judgeFiles(t *testing.T, f *Files, door string, truth hlscases.Session, can limit) []string {
	t.Helper()
	server := httptest.NewServer(f)
	defer server.Close()
	r := &reader{
		verdict: verdict{truth: truth}, ffmpeg: testenv.Need(t, "ffmpeg"), ffprobe: testenv.Need(t, "ffprobe"),
		files: f, root: server.URL + "/", can: can,
	}
	r.door(door)
	found := map[string]bool{}
	for _, key := range f.playlists(path.Dir(door)) {
		if len(r.wrong) > 0 {
			return r.first()
		}
		if key == door {
			continue
		}
		if path.Base(key) == "iframes.m3u8" {
			r.iframes(key)
			continue
		}
		found[r.media(key)] = true
	}
	for _, x := range truth.Renditions {
		if !found[x.Name] {
			r.say("no media playlist shows rendition %s", x.Name)
		}
	}
	return r.first()
}

// playlists are the keys of those in a folder, in order.
func (f *Files) playlists(dir string) []string {
	var keys []string
	for key := range f.objects {
		if strings.HasPrefix(key, dir+"/") && strings.HasSuffix(key, ".m3u8") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// run runs a program and gives its output. Each line that it complains with is wrong.
func (r *reader) run(key, program string, args ...string) []byte {
	cmd := exec.Command(program, args...)
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		r.say("%s %s: %v", path.Base(program), key, err)
	}
	for line := range strings.Lines(complaints.String()) {
		if r.can.lines == nil || !r.can.lines.MatchString(line) {
			r.say("%s %s: %s", path.Base(program), key, strings.TrimSpace(line))
		}
	}
	return out.Bytes()
}

// url is the address of a key.
func (r *reader) url(key string) string {
	return r.root + (&url.URL{Path: key}).EscapedPath()
}

// probe has ffprobe say how long a playlist lasts, and complain from a level on. It
// gives the kinds of its streams.
func (r *reader) probe(key, level string) (kinds []string) {
	out := r.run(key, r.ffprobe, "-v", level, "-show_entries", "format=duration:stream=codec_type", "-of", "json", r.url(key))
	var is struct {
		Streams []struct {
			Kind string `json:"codec_type"`
		}
		Format struct{ Duration string }
	}
	if err := json.Unmarshal(out, &is); err != nil {
		r.say("ffprobe %s: %v", key, err)
	}
	lasts, err := strconv.ParseFloat(is.Format.Duration, 64)
	if want := r.truth.Duration.Seconds(); err != nil || math.Abs(lasts-want) > picture {
		r.say("ffprobe %s: it lasts %q, %.3f s were made", key, is.Format.Duration, want)
	}
	for _, s := range is.Streams {
		kinds = append(kinds, s.Kind)
	}
	return kinds
}

// door decodes all that the door leads to.
func (r *reader) door(key string) {
	r.probe(key, "error")
	r.run(key, r.ffmpeg, "-nostdin", "-v", "error", "-i", r.url(key), "-map", "0", "-fps_mode", "passthrough", "-f", "null", "-")
}

// media decodes a media playlist, gives the rendition that it shows, and compares
// each of its pictures.
func (r *reader) media(key string) string {
	kinds := r.probe(key, "error")
	if !slices.Contains(kinds, "video") {
		r.decode(key, kinds)
		for _, x := range r.truth.Renditions {
			if x.Kind == hlscases.Sound && strings.Contains(key, x.Name) {
				return x.Name
			}
		}
		r.say("ffmpeg %s: sound of no rendition", key)
		return ""
	}
	shown := r.decode(key, kinds)
	if len(shown) == 0 {
		return ""
	}
	i := slices.IndexFunc(r.truth.Renditions, func(x hlscases.Rendition) bool {
		return x.Kind != hlscases.Sound && x.Stream == shown[0].Stream
	})
	if i < 0 {
		r.say("ffmpeg %s: pictures of stream %d", key, shown[0].Stream)
		return ""
	}
	x := r.truth.Renditions[i]
	if made := r.made(x, r.truth.Runs...); !r.can.blind && !slices.Equal(shown, made) {
		r.say("ffmpeg %s: it shows %s, and %s were made", key, spans(shown), spans(made))
	}
	r.parts(key, kinds, x)
	return x.Name
}

// decode has ffmpeg decode all of a playlist and gives the pictures.
func (r *reader) decode(key string, kinds []string) []timecode.Code {
	args := []string{"-nostdin", "-v", "error", "-i", r.url(key)}
	if slices.Contains(kinds, "audio") {
		args = append(args, "-map", "0:a", "-f", "null", "-")
	}
	if !slices.Contains(kinds, "video") {
		r.run(key, r.ffmpeg, args...)
		return nil
	}
	args = append(args, "-map", "0:v:0", "-fps_mode", "passthrough")
	shown, err := timecode.ReadAll(r.run(key, r.ffmpeg, append(args, timecode.Cells()...)...))
	if len(shown) == 0 || err != nil && !r.can.blind {
		r.say("ffmpeg %s: %d pictures, then %v", key, len(shown), err)
	}
	return shown
}

// parts decodes what lies between the discontinuities of a playlist, each part by a
// playlist of its own and with no excuses.
func (r *reader) parts(key string, kinds []string, x hlscases.Rendition) {
	texts := split(string(r.files.objects[key].Body))
	if len(texts) != len(r.truth.Runs) {
		r.say("%s: %d parts, %d were made", key, len(texts), len(r.truth.Runs))
		return
	}
	if len(texts) < 2 {
		return
	}
	can := r.can
	defer func() { r.can = can }()
	r.can = limit{}
	for i, text := range texts {
		part := fmt.Sprintf("%s.part%d.m3u8", key, i)
		r.files.objects[part] = mem.Entry{Body: []byte(text), ContentType: "application/vnd.apple.mpegurl"}
		if shown, made := r.decode(part, kinds), r.made(x, r.truth.Runs[i]); !slices.Equal(shown, made) {
			r.say("ffmpeg %s: it shows %s, and %s were made", part, spans(shown), spans(made))
		}
		delete(r.files.objects, part)
	}
}

// split makes a playlist of each part between discontinuities.
func split(text string) []string {
	head := ""
	var parts []string
	for i, part := range strings.Split(text, "#EXT-X-DISCONTINUITY\n") {
		if i == 0 {
			for line := range strings.Lines(part) {
				if strings.HasPrefix(line, "#EXTINF") {
					break
				}
				if !strings.HasPrefix(line, "#EXT-X-MAP") && !strings.HasPrefix(line, "#EXT-X-PROGRAM") {
					head += line
				}
			}
		} else {
			part = head + part
		}
		if !strings.Contains(part, "#EXT-X-ENDLIST") {
			part += "#EXT-X-ENDLIST\n"
		}
		parts = append(parts, part)
	}
	return parts
}

// made are the pictures of some runs of a rendition, in order.
func (r *reader) made(x hlscases.Rendition, runs ...hlscases.Run) []timecode.Code {
	var all []timecode.Code
	for _, run := range runs {
		for i := range run.Pictures {
			n := run.First + i
			if !slices.ContainsFunc(x.Gaps, func(g hlscases.Run) bool { return n >= g.First && n < g.First+g.Pictures }) {
				all = append(all, timecode.Code{Number: n, Stream: x.Stream})
			}
		}
	}
	return all
}

// spans writes pictures as spans of numbers.
func spans(codes []timecode.Code) string {
	var b strings.Builder
	for i := 0; i < len(codes); {
		j := i + 1
		for j < len(codes) && codes[j] == (timecode.Code{Number: codes[i].Number + j - i, Stream: codes[i].Stream}) {
			j++
		}
		fmt.Fprintf(&b, " %d to %d", codes[i].Number, codes[j-1].Number)
		i = j
	}
	return strings.TrimSpace(b.String())
}

// glued: the demuxer of HLS passes over EXT-X-DISCONTINUITY, and what follows glues
// the clocks together by a guess, which a frame of sound may miss.
var glued = regexp.MustCompile(`Application provided invalid, non monotonically increasing dts to muxer`)

// limits of ffmpeg, by case.
var limits = map[string]limit{
	"restart":  {why: "see glued", lines: glued},
	"pids":     {why: "it keeps to the PIDs of the first segment, and passes over others without a word", blind: true},
	"inits":    {why: firstInit, lines: regexp.MustCompile(`^\[h264 @ `), blind: true},
	"single":   {why: firstInit, lines: regexp.MustCompile(`^\[h264 @ `), blind: true},
	"selfinit": {why: firstInit, blind: true},
	"group":    {why: firstInit, blind: true},
}

const firstInit = "it keeps to the first init segment, with its parameter sets and its edit list"

// TestDecoders: ffmpeg and ffprobe read each case, and find what is wrong with
// playlists that are written as others write them.
func TestDecoders(t *testing.T) {
	t.Parallel()
	for _, c := range hlscases.All() {
		t.Run(c.Name, func(t *testing.T) {
			w, f := finalized(t, c)
			for _, s := range c.Sessions {
				for _, wrong := range judgeFiles(t, f, w.Door(s.ID), s, limits[c.Name]) {
					t.Error(wrong)
				}
			}
		})
	}
	for _, k := range controls {
		t.Run(k.name, func(t *testing.T) {
			w, objects := k.lay(t)
			found := judgeFiles(t, NewFiles(objects), w.Door(w.Sessions[0].ID), w.Sessions[0], limits[k.of])
			t.Logf("%q", found)
			if len(found) == 0 {
				t.Error("it finds nothing")
			}
		})
	}
}
