package playlist

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// The second reading, of multivariant playlists.

type parsedMulti struct {
	version     int
	independent bool
	audio       []map[string]string
	variants    []parsedVariant
	iframes     []map[string]string
}

type parsedVariant struct {
	uri   string
	attrs map[string]string
}

func parseMulti(text []byte) (*parsedMulti, error) {
	lines, err := textLines(text)
	if err != nil {
		return nil, err
	}
	m := &parsedMulti{}
	for i := 0; i < len(lines); i++ {
		tag, list, _ := strings.Cut(lines[i], ":")
		attrs, err := map[string]string(nil), error(nil)
		switch tag {
		case "#EXT-X-VERSION":
			if m.version != 0 {
				return nil, errors.New("VERSION twice")
			}
			m.version, err = integer(list)
		case "#EXT-X-INDEPENDENT-SEGMENTS":
			if m.independent || list != "" {
				return nil, errors.New("bad INDEPENDENT-SEGMENTS")
			}
			m.independent = true
		case "#EXT-X-MEDIA":
			attrs, err = typedAttributes(list, mediaTypes, "TYPE", "GROUP-ID", "NAME", "URI")
			m.audio = append(m.audio, attrs)
		case "#EXT-X-I-FRAME-STREAM-INF":
			attrs, err = typedAttributes(list, iframeTypes, "BANDWIDTH", "URI")
			m.iframes = append(m.iframes, attrs)
		case "#EXT-X-STREAM-INF":
			i++
			if i == len(lines) {
				return nil, errors.New("STREAM-INF without its URI")
			}
			if err := uriLine(lines[i]); err != nil {
				return nil, err
			}
			attrs, err = typedAttributes(list, streamTypes, "BANDWIDTH")
			m.variants = append(m.variants, parsedVariant{lines[i], attrs})
		default:
			return nil, fmt.Errorf("line %q", lines[i])
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", tag, err)
		}
	}
	return m, m.check()
}

var (
	streamTypes = map[string]*regexp.Regexp{
		"BANDWIDTH": decimalInteger, "AVERAGE-BANDWIDTH": decimalInteger,
		"CODECS": quoted, "RESOLUTION": resolution, "FRAME-RATE": threeDecimals, "AUDIO": quoted,
	}
	iframeTypes = map[string]*regexp.Regexp{
		"BANDWIDTH": decimalInteger, "AVERAGE-BANDWIDTH": decimalInteger, "CODECS": quoted, "RESOLUTION": resolution, "URI": quoted,
	}
	mediaTypes = map[string]*regexp.Regexp{
		"TYPE": regexp.MustCompile("^AUDIO$"), "GROUP-ID": quoted, "NAME": quoted, "URI": quoted,
		"LANGUAGE": regexp.MustCompile(`^"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*"$`), "CHANNELS": regexp.MustCompile(`^"[1-9][0-9]*"$`),
		"DEFAULT": regexp.MustCompile("^(YES|NO)$"), "AUTOSELECT": regexp.MustCompile("^(YES|NO)$"),
	}
)

// typedAttributes holds each attribute against its type in §4.3.4.
func typedAttributes(list string, types map[string]*regexp.Regexp, required ...string) (map[string]string, error) {
	attrs, err := splitAttributes(list)
	if err != nil {
		return nil, err
	}
	for name, value := range attrs {
		if types[name] == nil || !types[name].MatchString(value) {
			return nil, fmt.Errorf("attribute %s=%s", name, value)
		}
	}
	for _, name := range required {
		if attrs[name] == "" {
			return nil, fmt.Errorf("no %s", name)
		}
	}
	if uri := attrs["URI"]; uri != "" {
		return attrs, uriLine(strings.Trim(uri, `"`))
	}
	return attrs, nil
}

// check holds the audio groups against §4.3.4.1.1 and §4.3.4.2, and the version
// against what [Multi.Encode] promises.
func (m *parsedMulti) check() error {
	groups, names, selected, chosen := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, a := range m.audio {
		g := a["GROUP-ID"]
		groups[g] = true
		if id := g + "/" + a["NAME"]; names[id] {
			return fmt.Errorf("NAME %s twice", id)
		} else {
			names[id] = true
		}
		if a["AUTOSELECT"] == "YES" {
			if id := g + "/" + a["LANGUAGE"]; selected[id] {
				return fmt.Errorf("%s is to be selected twice", id)
			} else {
				selected[id] = true
			}
		}
		if a["DEFAULT"] == "YES" {
			if chosen[g] || a["AUTOSELECT"] != "YES" {
				return fmt.Errorf("default of %s", g)
			}
			chosen[g] = true
		}
	}
	for _, v := range m.variants {
		if g, ok := v.attrs["AUDIO"]; ok && !groups[g] {
			return fmt.Errorf("no group %s", g)
		}
	}
	want := 3
	if len(m.audio) > 0 {
		want = 4
	}
	if m.version != want {
		return fmt.Errorf("version %d, not %d", m.version, want)
	}
	return nil
}
