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
// the listed keys and are no segments (HLS playlists and the JSON manifests of
// broadcasters). What one of them names is never a leftover.
func (j *job) foreign(ctx context.Context, p *Plan) (map[string]bool, error) {
	named := map[string]bool{}
	for _, o := range p.Unknown {
		switch strings.ToLower(path.Ext(o.Key)) {
		case ".m3u8", ".m3u", ".json":
		default:
			continue
		}
		raw, _, ok, err := readSmall(ctx, j.f.cfg.Source, o.Key, store.Pinned(o))
		if err != nil {
			return nil, fmt.Errorf("see what %s names: %w", store.Printable(o.Key), err)
		}
		if ok {
			references(raw, path.Dir(o.Key), named)
		}
	}
	return named, nil
}

var uriAttribute = regexp.MustCompile(`URI="([^"]*)"`)

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
			continue
		}
		for _, m := range uriAttribute.FindAllStringSubmatch(line, -1) {
			reference(m[1], dir, to)
		}
	}
}

// reference adds what one URI may mean: relative to the folder, or, for one with
// a host or from the root, every key that it may end in (where bucket and prefix
// end in it cannot be told).
func reference(uri, dir string, to map[string]bool) {
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
