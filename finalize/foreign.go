package finalize

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"

	"recfin/store"
)

// foreign gives the keys that playlists of others name: those that lie among
// the listed objects (HLS and DASH playlists, and the JSON manifests of
// broadcasters). What one of them names is never deleted. Each version of one is
// read once in a job, and what was named once stays named. A name counts in every
// store, because a URL does not tell which one it means. An error means that
// nothing can be said, and nothing may go.
func (j *job) foreign(ctx context.Context, objects []store.Object) (map[string]bool, error) {
	for _, o := range objects {
		switch strings.ToLower(path.Ext(o.Key)) {
		case ".m3u8", ".m3u", ".mpd", ".json":
		default:
			continue
		}
		if j.read[idOf(o)] {
			continue
		}
		if o.Size > maxForeign {
			return nil, fmt.Errorf("%s in %s has %d bytes, too many to see what it names", store.Printable(o.Key), o.Store, o.Size)
		}
		raw, _, ok, err := readSmall(ctx, j.f.cfg.source(o.Store), o.Key, store.GetOptions{}) // a live one changes: the newest counts
		if err != nil {
			return nil, fmt.Errorf("see what %s names: %w", store.Printable(o.Key), err)
		}
		if ok {
			references(raw, path.Dir(o.Key), j.named)
		}
		j.read[idOf(o)] = true
	}
	return j.named, nil
}

// maxForeign is the size in bytes of the largest playlist of others that is read.
const maxForeign = 8 << 20

// uriAttribute matches URIs in tags of HLS, and attributes and texts of DASH.
var uriAttribute = regexp.MustCompile(`(?:URI|media|sourceURL|initialization)="([^"]*)"|<BaseURL>([^<]*)</BaseURL>`)

// references adds the keys that a playlist in a folder may mean. It takes more
// rather than less: a name that is resolved in two ways is taken in both.
func references(raw []byte, dir string, to map[string]bool) {
	var v any
	if json.Unmarshal(raw, &v) == nil {
		jsonStrings(v, func(s string) { reference(s, dir, to) })
		return
	}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, len(raw)+1)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if !strings.HasPrefix(line, "#") {
			reference(line, dir, to)
		}
		for _, m := range uriAttribute.FindAllStringSubmatch(line, -1) {
			reference(m[1], dir, to)
			reference(m[2], dir, to)
		}
	}
}

// reference adds what one URI may mean: relative to the folder, or, for one with
// a host or from the root, every key that it may end in (where bucket and prefix
// end in it cannot be told).
func reference(uri, dir string, to map[string]bool) {
	if len(uri) > 3*store.MaxKey { // no key, however it is escaped
		return
	}
	plain, _, _ := strings.Cut(uri, "?")
	plain, _, _ = strings.Cut(plain, "#")
	for _, s := range []string{uri, plain} {
		forms := []string{s}
		if u, err := url.PathUnescape(s); err == nil && u != s {
			forms = append(forms, u)
		}
		for _, f := range forms {
			if f == "" {
				continue
			}
			to[path.Join(dir, f)] = true
			_, rest, absolute := strings.Cut(f, "://")
			if !absolute {
				rest = f
			}
			for rest != "" {
				to[rest] = true
				_, rest, _ = strings.Cut(rest, "/")
			}
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
