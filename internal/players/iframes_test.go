package players

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"recfin/internal/timecode"
	"recfin/store/mem"
)

// iframes decodes an I-frame playlist: pictures of one rendition, in the order of the
// session, and of each run the first. The ranges of fragments are decoded one by one:
// their tables name samples behind the range, which ffmpeg looks for in the next.
func (r *reader) iframes(key string) {
	text := string(r.files.objects[key].Body)
	var shown []timecode.Code
	if fragments.MatchString(text) {
		r.probe(key, "fatal")
		shown = r.each(key, text)
	} else {
		r.probe(key, "error")
		shown = r.decode(key, []string{"video"})
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

// each decodes each range of an I-frame playlist behind its init segment: a picture of
// each, by one ffmpeg with as many inputs.
func (r *reader) each(key, text string) []timecode.Code {
	var inputs []string
	var graph, chain strings.Builder
	for i, body := range r.ranges(key, text) {
		name := fmt.Sprintf("%s.range%d.mp4", key, i)
		r.files.objects[name] = mem.Entry{Body: body, ContentType: "video/mp4"}
		defer delete(r.files.objects, name)
		inputs = append(inputs, "-i", r.url(name))
		fmt.Fprintf(&graph, "[%d:v:0]trim=end_frame=1,%s,setpts=0[v%d];", i, timecode.Shrink, i)
		fmt.Fprintf(&chain, "[v%d]", i)
	}
	n := len(inputs) / 2
	if n == 0 {
		r.say("%s: there are no ranges", key)
		return nil
	}
	fmt.Fprintf(&graph, "%sconcat=n=%d", &chain, n)
	args := append([]string{"-nostdin", "-v", "fatal"}, inputs...)
	args = append(args, "-filter_complex", graph.String(), "-fps_mode", "passthrough", "-pix_fmt", "gray", "-f", "rawvideo", "-")
	shown, err := timecode.ReadAll(r.run(key, r.ffmpeg, args...))
	if err != nil || len(shown) != n {
		r.say("ffmpeg %s: %d ranges show %s: %v", key, n, spans(shown), err)
	}
	return shown
}

// ranges are those of an I-frame playlist, each behind its init segment.
func (r *reader) ranges(key, text string) [][]byte {
	var all [][]byte
	var init []byte
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
			all = append(all, slices.Concat(init, cut(r.object(key, line), offset, length)))
		}
	}
	return all
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
