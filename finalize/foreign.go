package finalize

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strings"

	"recfin/finalize/playlist"
	"recfin/store"
)

// foreign gives the keys that playlists of others name: those that lie among
// the listed objects (HLS and DASH playlists, and the JSON manifests of
// broadcasters). What one of them names is never deleted. Each version of one is
// read once in a job, and what was named once stays named. A name counts in every
// store, because a URL does not tell which one it means. An error means that
// nothing can be said, and nothing may go.
func (j *job) foreign(ctx context.Context, objects []store.Object) (names, error) {
	for _, o := range objects {
		if j.read[idOf(o)] {
			continue
		}
		said, ok, err := j.namesOf(ctx, o)
		if err != nil {
			return names{}, err
		}
		if ok {
			j.named.merge(said)
			j.read[idOf(o)] = true
		}
	}
	return j.named, nil
}

// namesOf gives the keys that one object names; ok is false for what is no playlist
// or manifest, by its name. One that is not there any more names nothing.
func (j *job) namesOf(ctx context.Context, o store.Object) (said names, ok bool, err error) {
	switch strings.ToLower(path.Ext(o.Key)) {
	case ".m3u8", ".m3u", ".mpd", ".json":
	default:
		return names{}, false, nil
	}
	if said, ok := j.lists[idOf(o)]; ok {
		return said, true, nil
	}
	if o.Size > maxForeign {
		return names{}, false, fmt.Errorf("%s in %s has %d bytes, too many to see what it names", store.Printable(o.Key), o.Store, o.Size)
	}
	raw, _, there, err := readSmall(ctx, j.f.storeOf(o.Store), o.Key, store.GetOptions{}) // a live one changes: the newest counts
	if err != nil {
		return names{}, false, fmt.Errorf("see what %s names: %w", store.Printable(o.Key), err)
	}
	said = newNames()
	if there {
		references(raw, o.Key, said)
	}
	j.lists[idOf(o)] = said
	return said, true, nil
}

// merge takes what another one has.
func (n names) merge(o names) {
	for key, by := range o.keys {
		take(n.keys, key, by)
	}
	for end, by := range o.ends {
		take(n.ends, end, by)
	}
}

// maxForeign is the size in bytes of the largest playlist of others that is read.
const maxForeign = 8 << 20

// names are the keys that playlists name.
type names struct {
	keys map[string]string // by which
	// ends are how keys end that a template of DASH stands for, whatever stands
	// before that: which they are, and below which URL, only a player can tell.
	ends map[string]string
}

func newNames() names { return names{keys: map[string]string{}, ends: map[string]string{}} }

// has reports whether a key may be named.
func (n names) has(key string) bool { return n.by(key) != "" }

// by is the key of a playlist that may name a key; empty: none does.
func (n names) by(key string) string {
	if from := n.keys[key]; from != "" {
		return from
	}
	from := ""
	for end, by := range n.ends {
		if strings.HasSuffix(key, end) && (from == "" || by < from) {
			from = by
		}
	}
	return from
}

// take notes that a playlist names something. Of several the first in the order
// of names is told.
func take(to map[string]string, what, by string) {
	if had := to[what]; had == "" || by < had {
		to[what] = by
	}
}

// uriAttribute matches URIs in tags of HLS, and attributes and texts of DASH.
var uriAttribute = regexp.MustCompile(`(?:URI|media|sourceURL|initialization)="([^"]*)"|(?:media|sourceURL|initialization)\s*=\s*["']([^"']*)["']|<BaseURL[^>]*>([^<]*)</BaseURL>`)

// references adds the keys that the playlist of a key may mean. It takes more
// rather than less: a name that is resolved in two ways is taken in both.
func references(raw []byte, base string, to names) {
	var v any
	if json.Unmarshal(raw, &v) == nil {
		jsonStrings(v, func(s string) { reference(s, base, to) })
		return
	}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, len(raw)+1)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if !strings.HasPrefix(line, "#") {
			reference(line, base, to)
		}
		for _, m := range uriAttribute.FindAllStringSubmatch(line, -1) {
			for _, uri := range m[1:] {
				reference(uri, base, to)
			}
		}
	}
}

// reference adds what one URI may mean: as it stands, and, in case the playlist
// was made for another place, from some root, which is every key that it ends in.
// Of a template ($Number$, $Time$, ISO/IEC 23009-1 §5.3.9.4.4) what stands behind
// the last identifier is all that is fixed.
func reference(uri, base string, to names) {
	if path.Ext(base) != ".m3u8" && strings.Count(uri, "$") > 1 {
		end, _, _ := strings.Cut(uri[strings.LastIndexByte(uri, '$')+1:], "?")
		take(to.ends, end, base)
	}
	for _, u := range []string{uri, "/" + uri} {
		for _, key := range playlist.Resolve(base, u) {
			take(to.keys, key, base)
		}
	}
}

func jsonStrings(v any, take func(string)) {
	switch x := v.(type) {
	case string:
		take(x)
	case []any:
		for _, e := range x {
			jsonStrings(e, take)
		}
	case map[string]any:
		for _, e := range x {
			jsonStrings(e, take)
		}
	}
}
