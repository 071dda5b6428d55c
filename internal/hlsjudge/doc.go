// Package hlsjudge is a second opinion on the playlists of a session, for tests
// only. It was written from the text of RFC 8216 and from what this project
// promises on top of it, without a look at the code that writes the playlists or
// at the checks of recfin verify: a misunderstanding would have to happen twice
// to go unseen. It is direct rather than fast, and in the order of the RFC:
//
//	text.go    §4.1 lines, §4.2 attribute lists
//	uri.go     §4.1 and RFC 3986: where a URI leads
//	media.go   §4.3.1 to §4.3.3 tags of a media playlist
//	rules.go   §4.3.2, §4.3.3, §7 what they have to say together
//	multi.go   §4.3.4 tags of a multivariant playlist
//	codecs.go  RFC 6381
//	refs.go    what the playlists name in the store
//	align.go   §6.2.4 renditions beside each other
//	rates.go   §4.1 bit rates
//
// What the RFC allows and this project promises not to do is a complaint too;
// its rule then begins with "promise".
package hlsjudge

import (
	"fmt"
	"maps"
	"slices"
)

// Session is what clients of a session can get: all paths are keys of one
// store, not escaped.
type Session struct {
	Door      string            // path of the multivariant playlist
	Playlists map[string]string // texts by path, the door among them
	Objects   map[string]int64  // sizes in bytes of what else there is, by path
}

// Complaint is a rule that something in a session breaks.
type Complaint struct {
	Rule string // "§4.3.3.1" of RFC 8216, "RFC 3986", "promise: …"
	Path string // of the playlist
	Text string
}

// String is the complaint in a line.
func (c Complaint) String() string {
	return fmt.Sprintf("%s: %s: %s", c.Path, c.Rule, c.Text)
}

type judge struct {
	Session
	complaints []Complaint
	media      map[string]*media // that the door leads to, by path
}

// Judge reads all of a session and returns what is wrong with it, in the order of
// reading. Nothing is wrong where it returns nothing.
func Judge(s Session) []Complaint {
	j := &judge{Session: s, media: map[string]*media{}}
	text, ok := s.Playlists[s.Door]
	if !ok {
		j.say(s.Door, "promise: a door", "it is not there")
		return j.complaints
	}
	m := j.readMulti(text)
	for _, l := range m.links {
		j.follow(m, l)
	}
	for _, path := range slices.Sorted(maps.Keys(s.Playlists)) {
		if path != s.Door && j.media[path] == nil {
			j.say(path, "promise: every playlist is announced", "the door does not lead here")
		}
	}
	j.multiVersion(m)
	j.together(m)
	j.stills(m)
	j.rates(m)
	return j.complaints
}

// follow reads the media playlist at the end of a link of the door.
func (j *judge) follow(m *multi, l *link) {
	path, ok := j.resolve(j.Door, l.uri)
	if !ok {
		return
	}
	l.path = path
	if j.media[path] == nil {
		text, ok := j.Playlists[path]
		if !ok {
			j.say(j.Door, "promise: what is named is there", "no playlist %q", path)
			return
		}
		j.media[path] = j.readMedia(path, text)
	}
	l.media = j.media[path]
	if l.media.stills != (l.kind == stillsLink) {
		j.say(path, "§4.3.4.3", "EXT-X-I-FRAMES-ONLY and EXT-X-I-FRAME-STREAM-INF go together")
	}
}

func (j *judge) say(path, rule, format string, args ...any) {
	j.complaints = append(j.complaints, Complaint{rule, path, fmt.Sprintf(format, args...)})
}
