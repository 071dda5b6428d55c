package players

import (
	"bytes"
	"fmt"
	"net/url"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"

	"recfin/internal/timecode"
)

// iframes decodes an I-frame playlist: pictures of one rendition, in the order of the
// session, and of each run the first. The ranges of fragments are decoded one by one:
// their tables name samples behind the range, which ffmpeg looks for in the next.
func (r *reader) iframes(key string) {
	text := string(r.files.objects[key].Body)
	var shown []timecode.Code
	if fragments.MatchString(text) {
		r.lasts(key, "fatal")
		shown = r.each(key, text)
	} else {
		r.lasts(key, "error")
		shown = r.decode(key, "video")
	}
	last := -1
	for _, c := range shown {
		is, known := r.index(c.Number)
		if !known || is <= last || c.Stream != shown[0].Stream {
			r.say("ffmpeg %s: it shows %s", key, spans(shown))
			return
		}
		last = is
	}
	for _, x := range r.truth.Runs {
		if !slices.ContainsFunc(shown, func(c timecode.Code) bool { return c.Number == x.First }) {
			r.say("ffmpeg %s: it shows %s, and not %d", key, spans(shown), x.First)
		}
	}
}

var fragments = regexp.MustCompile(`(?m)\.(mp4|m4s)$`)

// each decodes each range of an I-frame playlist behind its init segment.
func (r *reader) each(key, text string) []timecode.Code {
	var shown []timecode.Code
	var init, part []byte
	var length, offset int
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch tag, value, _ := strings.Cut(line, ":"); {
		case tag == "#EXT-X-MAP":
			uri := between(value, `URI="`, `"`)
			init = r.object(key, uri)
			if _, err := fmt.Sscanf(between(value, `BYTERANGE="`, `"`), "%d@%d", &length, &offset); err == nil {
				init = cut(init, offset, length)
			}
		case tag == "#EXT-X-BYTERANGE":
			if _, err := fmt.Sscanf(value, "%d@%d", &length, &offset); err != nil {
				r.say("%s: %s", key, line)
			}
		case line != "" && line[0] != '#':
			part = cut(r.object(key, line), offset, length)
			cmd := exec.Command(r.ffmpeg, append([]string{"-nostdin", "-v", "fatal", "-i", "-", "-map", "0:v:0", "-frames:v", "1"}, timecode.Cells()...)...)
			cmd.Stdin = bytes.NewReader(slices.Concat(init, part))
			cells, err := cmd.Output()
			codes, unread := timecode.ReadAll(cells)
			if err != nil || unread != nil || len(codes) != 1 {
				r.say("ffmpeg %s: the range %d@%d shows %v: %v, %v", key, length, offset, codes, err, unread)
				continue
			}
			shown = append(shown, codes...)
		}
	}
	return shown
}

// object is what a playlist names.
func (r *reader) object(key, uri string) []byte {
	name, err := url.PathUnescape(uri)
	e, there := r.files.objects[path.Join(path.Dir(key), name)]
	if err != nil || !there {
		r.say("%s: %s is not there", key, uri)
	}
	return e.Body
}

func cut(b []byte, offset, length int) []byte {
	offset = min(offset, len(b))
	return b[offset:min(offset+length, len(b))]
}

func between(s, before, after string) string {
	_, s, _ = strings.Cut(s, before)
	s, _, _ = strings.Cut(s, after)
	return s
}
