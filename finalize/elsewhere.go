package finalize

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"recfin/internal/bug"
	"recfin/store"
)

// DefaultOutPath is the folder of the outputs where nothing else is said, in the
// first store.
const DefaultOutPath = "recordings/"

// A recording has one marker, in one place. Another order of the stores, or
// another --out, leads to another place: a run there would see nothing of what is
// committed, make a second archive of it, and delete as a copy what the playlists
// of the first one name. So every run looks for markers of its recording in all
// places of its stores where it can think of one, and stops where it finds one.

// rival is a marker of ours that is not the one which the run reads.
type rival struct {
	store, key string
	dir        string // the folder of the recording, ending in a slash
	Marker
}

// out is the --out that leads to it.
func (r *rival) out() string {
	return r.store + strings.TrimSuffix(r.dir, r.Recording+"/")
}

// of reports whether it is the marker of one of the IDs.
func (r *rival) of(members []string) bool { return slices.Contains(members, r.Recording) }

// stock is what the stores hold of a recording.
type stock struct {
	pieces    pieces         // input, as it came; a listing of a recording uses it up
	objects   []store.Object // input, of all other listings
	playlists []store.Object // of ours in other places: no input, but what they name must stay
	rivals    []rival
	sum       listingSum // over what was listed and is no output
}

// readRival reads what may be a marker of ours. ok is false for everything else:
// a file of that name that is no marker is a file.
func readRival(ctx context.Context, s store.Store, key string) (r rival, ok bool, err error) {
	dir, named := strings.CutSuffix(key, "/"+markerName)
	if !named {
		return r, false, nil
	}
	raw, _, there, err := readSmall(ctx, s, key, store.GetOptions{})
	if err != nil || !there || json.Unmarshal(raw, &r.Marker) != nil { // of any version
		return r, false, err
	}
	r.store, r.key, r.dir = s.Label(), key, dir+"/"
	return r, r.Format == markerFormat && r.Recording != "" && strings.HasSuffix("/"+dir, "/"+r.Recording), nil
}

// sift takes everything in a folder that holds a marker of ours out of a listing:
// outputs of an earlier --out are no input, whatever the setting says today.
func (k *stock) sift(ctx context.Context, s store.Store, objects pieces) error {
	var folders []string
	for o := range objects.all() {
		if !strings.HasSuffix(o.Key, markerName) || path.Base(o.Key) != markerName || o.Size > maxMarker {
			continue
		}
		r, ok, err := readRival(ctx, s, o.Key)
		if err != nil {
			return err
		}
		if ok {
			k.rivals = append(k.rivals, r)
			folders = append(folders, r.dir)
		}
	}
	if len(folders) == 0 {
		k.pieces = append(k.pieces, objects...) // a million of them are not copied for nothing
		return nil
	}
	for o := range objects.all() {
		if !slices.ContainsFunc(folders, func(dir string) bool { return strings.HasPrefix(o.Key, dir) }) {
			k.pieces.add(*o)
		} else if isPlaylist(o.Key) {
			k.playlists = append(k.playlists, *o)
		}
	}
	return nil
}

// maxMarker is the size in bytes of the largest file that is looked at to see
// whether it is a marker.
const maxMarker = 64 << 20

func isPlaylist(key string) bool { return strings.EqualFold(path.Ext(key), ".m3u8") }

// look finds the markers at the places where a run with other settings would have
// put them, and where something may be deleted the playlists beside them.
func (f *Finalizer) look(ctx context.Context, members []string) (*stock, error) {
	k := &stock{}
	var mu sync.Mutex
	g, ctx := bug.WithContext(ctx)
	g.SetLimit(f.cfg.Concurrency)
	for _, s := range f.cfg.Sources {
		for _, key := range f.cfg.otherPlaces(s, members) {
			g.Go(func() error {
				r, playlists, err := f.lookElsewhere(ctx, s, key)
				if err != nil || r == nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				k.rivals, k.playlists = append(k.rivals, *r), append(k.playlists, playlists...)
				return nil
			})
		}
	}
	err := g.Wait()
	slices.SortFunc(k.rivals, func(a, b rival) int { return cmp.Or(cmp.Compare(a.store, b.store), cmp.Compare(a.key, b.key)) })
	slices.SortFunc(k.playlists, compareObjects)
	return k, err
}

// lookElsewhere looks at one of those places. As a rule nothing is there.
func (f *Finalizer) lookElsewhere(ctx context.Context, s store.Store, key string) (r *rival, playlists []store.Object, err error) {
	_, err = s.Head(ctx, key)
	if errors.Is(err, store.ErrNotExist) {
		return nil, nil, nil
	}
	var found rival
	var ok bool
	if err == nil {
		found, ok, err = readRival(ctx, s, key)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("see whether %s%s is there: %w", s.Label(), store.Printable(key), err)
	}
	if !ok {
		return nil, nil, nil
	}
	if f.cfg.Delete == DeleteNone {
		return &found, nil, nil
	}
	for o, err := range s.List(ctx, found.dir) {
		if err != nil {
			return nil, nil, err
		}
		if isPlaylist(o.Key) {
			playlists = append(playlists, o)
		}
	}
	return &found, playlists, nil
}

// join adds what was found beside a listing to what it holds itself.
func (k *stock) join(beside *stock) {
	var more []rival
	for _, r := range beside.rivals {
		if !slices.ContainsFunc(k.rivals, func(had rival) bool { return had.store == r.store && had.key == r.key }) {
			more = append(more, r)
		}
	}
	k.rivals = append(k.rivals, more...)
	k.playlists = append(k.playlists, beside.playlists...)
}

// otherPlaces are the keys of a store where the markers of IDs would lie if they
// were finalized with another order of the stores, another --out, or with the
// folder that the layout names as the store. Those of this run are not among them.
func (c Config) otherPlaces(s store.Store, members []string) []string {
	var keys []string
	for _, id := range members {
		folders := []string{DefaultOutPath}
		if c.OutPath != "" {
			folders = append(folders, c.OutPath)
		}
		for _, l := range c.Layouts {
			for _, p := range l.Prefixes(id) {
				if parent, ok := strings.CutSuffix(p, "/"+id+"/"); ok {
					folders = append(folders, parent+"/"+DefaultOutPath)
				}
			}
		}
		for _, dir := range folders {
			if key := dir + id + "/" + markerName; s.Label() != c.Out.Label() || dir != c.OutPath {
				keys = append(keys, key)
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// apart are the markers of the IDs that say something which ours does not. One
// that names the same versions is a copy of ours, as a bucket that is mirrored
// has, or ours itself by another name of its store.
func apart(rivals []rival, c *committed, members []string) []rival {
	var out []rival
	for _, r := range rivals {
		if r.of(members) && !c.says(&r.Marker) {
			out = append(out, r)
		}
	}
	return out
}

// says reports whether all that another marker names is named by ours too.
func (c *committed) says(m *Marker) bool {
	if c == nil || m.As != c.marker.As {
		return false
	}
	for i := range m.Sessions {
		e := c.marker.session(m.Sessions[i].ID)
		if e == nil || e.Version != m.Sessions[i].Version || e.Segments != m.Sessions[i].Segments {
			return false
		}
	}
	return true
}

// alone refuses to begin a recording that was finalized elsewhere, and to delete
// anything of one that was finalized in two places.
func (j *job) alone(rivals []rival, c *committed) error {
	if len(rivals) == 0 || c != nil && j.f.cfg.Delete == DeleteNone {
		return nil
	}
	why := j.f.twoPlaces(rivals, c)
	j.report.Plan = &Plan{Recording: j.recording, Status: Refused, Why: why, committed: c}
	return refusal(store.Printable(j.recording) + ": " + why)
}

// twoPlaces says where a recording was finalized, and what to type.
func (f *Finalizer) twoPlaces(rivals []rival, c *committed) string {
	r := &rivals[0]
	what := "it"
	if r.As != "" {
		what = "it, as a part of " + store.Printable(r.As) + ","
	}
	there := store.Printable(r.out())
	if c == nil {
		return fmt.Sprintf("%s was finalized into %s (%s is there), and this run would begin anew in %s%s: playlists there may name what looks like a copy here: give --out %s",
			what, there, store.Printable(r.key), f.cfg.Out.Label(), store.Printable(f.cfg.OutPath), there)
	}
	return fmt.Sprintf("%s was finalized into %s and, apart from that, into %s%s: each names segments of which the other knows nothing: move the folder %s of the one that is not wanted away (that touches no segment), and give the other as --out",
		what, there, f.cfg.Out.Label(), store.Printable(f.cfg.OutPath), store.Printable(path.Base(strings.TrimSuffix(r.dir, "/"))+"/"))
}
