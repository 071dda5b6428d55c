package hlsjudge

import (
	"regexp"
	"strconv"
	"strings"
)

// multi is a multivariant playlist (§4.3.4), called Master Playlist there.
type multi struct {
	once  map[string]string
	links []*link // in the order of the text
}

type linkKind int

const (
	variantLink linkKind = iota // EXT-X-STREAM-INF
	soundLink                   // EXT-X-MEDIA
	stillsLink                  // EXT-X-I-FRAME-STREAM-INF
)

// link is a tag that leads to a media playlist.
type link struct {
	kind  linkKind
	attrs map[string]string
	uri   string
	path  string // "" where it leads nowhere
	media *media // nil where it leads nowhere
}

var anyOf = func(values string) *regexp.Regexp { return regexp.MustCompile("^(" + values + ")$") }

// The attributes that this project writes, by the types of §4.3.4.
var (
	streamTypes = map[string]*regexp.Regexp{
		"BANDWIDTH": decimalInteger, "AVERAGE-BANDWIDTH": decimalInteger, "CODECS": quotedString,
		"RESOLUTION": resolution, "FRAME-RATE": decimalFloat, "AUDIO": quotedString,
	}
	stillsTypes = map[string]*regexp.Regexp{
		"BANDWIDTH": decimalInteger, "AVERAGE-BANDWIDTH": decimalInteger, "CODECS": quotedString,
		"RESOLUTION": resolution, "URI": quotedString,
	}
	soundTypes = map[string]*regexp.Regexp{
		"TYPE": anyOf("AUDIO"), "URI": quotedString, "GROUP-ID": quotedString, "NAME": quotedString,
		"LANGUAGE": anyOf(`"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*"`), "DEFAULT": yesOrNo, "AUTOSELECT": yesOrNo,
		"CHANNELS": anyOf(`"[1-9][0-9]*(/[^"]*)?"`),
	}
)

func (j *judge) readMulti(text string) *multi {
	m := &multi{once: map[string]string{}}
	var open *link // waits for the URI line that has to follow
	for _, line := range j.lines(j.Door, text) {
		if !strings.HasPrefix(line, "#") {
			if open == nil {
				j.say(j.Door, "§4.3.4.2", "%q follows no EXT-X-STREAM-INF", line)
				continue
			}
			open.uri = line
			m.links = append(m.links, open)
			open = nil
			continue
		}
		if open != nil {
			j.say(j.Door, "§4.3.4.2", "EXT-X-STREAM-INF without its URI")
		}
		open = j.multiTag(m, line)
	}
	if open != nil {
		j.say(j.Door, "§4.3.4.2", "EXT-X-STREAM-INF without its URI")
	}
	j.groups(m)
	return m
}

// multiTag reads a tag; open is set for one that needs a URI line.
func (j *judge) multiTag(m *multi, line string) (open *link) {
	tag, value, valued := strings.Cut(line[1:], ":")
	switch tag {
	case "EXT-X-VERSION", "EXT-X-INDEPENDENT-SEGMENTS":
		if _, again := m.once[tag]; again {
			j.say(j.Door, "§4.3.5", "%s twice", tag)
		}
		if valued == bareTags[tag] {
			j.say(j.Door, "§4.3", "%s: its value", tag)
		}
		m.once[tag] = value
	case "EXT-X-STREAM-INF":
		l := &link{kind: variantLink, attrs: j.attributes(j.Door, tag, value, streamTypes, "BANDWIDTH")}
		j.variantRules(tag, l.attrs)
		return l
	case "EXT-X-I-FRAME-STREAM-INF":
		l := &link{kind: stillsLink, attrs: j.attributes(j.Door, tag, value, stillsTypes, "BANDWIDTH", "URI")}
		l.uri = l.attrs["URI"]
		j.variantRules(tag, l.attrs)
		m.links = append(m.links, l)
	case "EXT-X-MEDIA":
		l := &link{kind: soundLink, attrs: j.attributes(j.Door, tag, value, soundTypes, "TYPE", "URI", "GROUP-ID", "NAME")}
		l.uri = l.attrs["URI"]
		if _, told := l.attrs["CHANNELS"]; !told {
			j.say(j.Door, "§4.3.4.1", "%s without CHANNELS, which it should have", tag)
		}
		m.links = append(m.links, l)
	case "EXTM3U":
		j.say(j.Door, "§4.3.1.1", "EXTM3U is not the first line alone")
	default:
		if onceTags[tag] || bareTags[tag] || tag == "EXTINF" || tag == "EXT-X-BYTERANGE" || tag == "EXT-X-MAP" || tag == "EXT-X-PROGRAM-DATE-TIME" || tag == "EXT-X-KEY" {
			j.say(j.Door, "§4.3", "%s in a multivariant playlist", tag)
		} else {
			j.say(j.Door, "promise: known tags", "%s", tag)
		}
	}
	return nil
}

// variantRules are those of §4.3.4.2 and §4.3.4.3 within a tag.
func (j *judge) variantRules(tag string, attrs map[string]string) {
	peak, _ := integer(attrs["BANDWIDTH"])
	if average, ok := integer(attrs["AVERAGE-BANDWIDTH"]); ok && average > peak {
		j.say(j.Door, "§4.3.4.2", "%s: AVERAGE-BANDWIDTH %d is above BANDWIDTH %d", tag, average, peak)
	}
	list, named := attrs["CODECS"]
	if !named {
		j.say(j.Door, "§4.3.4.2", "%s without CODECS, which it should have", tag)
		return
	}
	pictures, sound := j.codecs(tag, list)
	_, sized := attrs["RESOLUTION"]
	_, paced := attrs["FRAME-RATE"]
	_, grouped := attrs["AUDIO"]
	if _, decimals, _ := strings.Cut(attrs["FRAME-RATE"], "."); len(decimals) > 3 {
		j.say(j.Door, "§4.3.4.2", "%s: FRAME-RATE %s is not rounded to three decimals", tag, attrs["FRAME-RATE"])
	}
	switch {
	case pictures && !sized:
		j.say(j.Door, "§4.3.4.2", "%s without RESOLUTION, which it should have", tag)
	case pictures && !paced && tag == "EXT-X-STREAM-INF":
		j.say(j.Door, "§4.3.4.2", "%s without FRAME-RATE, which it should have", tag)
	case !pictures && (sized || paced):
		j.say(j.Door, "§4.3.4.2", "%s: RESOLUTION or FRAME-RATE without a codec of pictures", tag)
	case grouped && !sound:
		j.say(j.Door, "§4.3.4.2", "%s: CODECS %q without that of its AUDIO group", tag, list)
	case tag == "EXT-X-I-FRAME-STREAM-INF" && (sound || !pictures):
		j.say(j.Door, "§4.3.4.3", "%s: CODECS %q is not that of pictures alone", tag, list)
	}
}

// multiVersion: nothing that is written here needs any but the lowest, and 4 may
// stand for EXT-X-MEDIA (§7). It is the version of the associated media too
// (§4.3.1.2).
func (j *judge) multiVersion(m *multi) {
	most := 3
	for _, l := range m.links {
		if l.kind == soundLink {
			most = max(most, 4)
		}
		if l.media != nil {
			n, _ := strconv.Atoi(l.media.once["EXT-X-VERSION"])
			most = max(most, n)
		}
	}
	if n, err := strconv.Atoi(m.once["EXT-X-VERSION"]); err != nil || n < 1 || n > most {
		j.say(j.Door, "§7", "EXT-X-VERSION is %q, %d will do", m.once["EXT-X-VERSION"], most)
	}
}

// groups holds EXT-X-MEDIA against §4.3.4.1 and §4.3.4.1.1, and the variants
// against their groups (§4.3.4.2).
func (j *judge) groups(m *multi) {
	type member struct{ group, value string }
	known, names, languages, chosen := map[string]bool{}, map[member]bool{}, map[member]bool{}, map[string]bool{}
	variants := 0
	for _, l := range m.links {
		if l.kind != soundLink {
			continue
		}
		group := l.attrs["GROUP-ID"]
		known[group] = true
		if name := (member{group, l.attrs["NAME"]}); names[name] {
			j.say(j.Door, "§4.3.4.1.1", "group %q has two members %q", group, name.value)
		} else {
			names[name] = true
		}
		if l.attrs["AUTOSELECT"] == "YES" {
			if language := (member{group, l.attrs["LANGUAGE"]}); languages[language] {
				j.say(j.Door, "§4.3.4.1.1", "group %q has two AUTOSELECT members of LANGUAGE %q", group, language.value)
			} else {
				languages[language] = true
			}
		}
		if l.attrs["DEFAULT"] == "YES" {
			if chosen[group] {
				j.say(j.Door, "§4.3.4.1.1", "group %q has two DEFAULT members", group)
			}
			chosen[group] = true
			if l.attrs["AUTOSELECT"] == "NO" {
				j.say(j.Door, "§4.3.4.1", "%q is DEFAULT and not AUTOSELECT", l.attrs["NAME"])
			}
		}
	}
	for _, l := range m.links {
		if l.kind != variantLink {
			continue
		}
		variants++
		if group, ok := l.attrs["AUDIO"]; ok && !known[group] {
			j.say(j.Door, "§4.3.4.2", "there is no AUDIO group %q", group)
		}
	}
	if variants == 0 {
		j.say(j.Door, "§4.3.4.2", "no variant")
	}
}
