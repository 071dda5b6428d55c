package finalize

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"

	"recfin/store"
)

// batch is how many objects are deleted after one look at what is there.
const batch = 1000

// cleaning is the deleting of what is due of one recording.
type cleaning struct {
	*job
	r         *Receipt
	ground    *ground
	members   []string
	stop      string                   // why nothing more is deleted; empty: go on
	restarted map[inFolder]bool        // folders whose writer has started over
	stale     map[int]string           // sets whose outputs were found not to be what they were, and why
	rests     map[string]*rest         // by session: what its proofs rest on
	holds     map[objectID]int         // sources, by the set that condemns them; nil: not made yet
	stands    map[looksLike][]objectID // what sessions hold and no set condemns as a source; nil: not made yet
}

// deleteSet deletes in batches, each after a fresh look. What the store denies is
// not tried over and over: the rest of the set is kept for the same reason.
func (c *cleaning) deleteSet(ctx context.Context, v victims) error {
	opt, why, err := c.permit(ctx, v.in)
	if err != nil {
		return err
	}
	if err := c.denied[v.in.Label()]; why == "" && err != nil {
		why = notTried + err.Error()
	}
	if why != "" {
		c.keep(objectsOf(v.list), why, true)
		return nil
	}
	if err := c.startedOver(ctx, v, v.list, c.standing(v.kind)); err != nil {
		return err
	}
	for len(v.list) > 0 {
		n := min(batch, len(v.list))
		one := v
		one.list, v.list = v.list[:n], v.list[n:]
		denied, err := c.deleteBatch(ctx, one, opt)
		switch {
		case err != nil:
			return err
		case c.stop != "":
			c.keep(objectsOf(v.list), c.stop, false)
			return nil
		case denied != nil:
			c.denied[v.in.Label()] = denied
			c.keep(objectsOf(v.list), notTried+denied.Error(), true)
			return nil
		}
	}
	return nil
}

// notTried begins the reason of what was kept because the store denied others.
const notTried = "not tried, because the store denies deletes: "

// standing is what stood where victims of a kind are when the cleaning began.
func (c *cleaning) standing(kind string) []store.Object {
	if kind == condemnedOutputs {
		return c.ground.outputs
	}
	return c.ground.input.objects
}

// deleteBatch looks once more and deletes. denied is the first error of a store
// that does not let us delete.
func (c *cleaning) deleteBatch(ctx context.Context, v victims, opt store.DeleteOptions) (denied, err error) {
	if c.stop == "" { // before anything is listed: no marker may hide behind a listing
		if c.stop, err = c.moved(ctx); err != nil {
			return nil, err
		}
	}
	if c.stop != "" {
		c.keep(objectsOf(v.list), c.stop, false)
		return nil, nil
	}
	seen, err := c.look(ctx, v)
	if err != nil || seen == nil {
		return nil, err
	}
	var gone []store.Object
	for _, o := range v.list {
		why, failed, err := c.protects(ctx, seen, v.kind, o)
		switch {
		case err != nil:
			return nil, err
		case why != "":
			c.keep([]store.Object{o.Object}, why, failed)
		case seen.there.has(o.Object):
			gone = append(gone, o.Object)
		}
	}
	if len(gone) == 0 {
		return nil, nil
	}
	done := c.counting(StageDelete, "", int64(len(gone)), UnitObjects)
	for o, err := range v.in.Delete(ctx, gone, opt) {
		switch {
		case err == nil:
			c.report.Deleted = append(c.report.Deleted, o)
		case errors.Is(err, store.ErrChanged), errors.Is(err, store.ErrWeak):
			c.keep([]store.Object{o}, err.Error(), false)
		case ctx.Err() != nil:
			return nil, ctx.Err()
		default:
			if denied == nil && errors.Is(err, store.ErrDenied) {
				denied = err
			}
			c.keep([]store.Object{o}, err.Error(), true)
		}
	}
	done.add(int64(len(gone)))
	return denied, ctx.Err()
}

// moved says why the marker does not allow what it allowed when the cleaning
// began: another run has swapped it, or somebody keeps what it condemns.
func (c *cleaning) moved(ctx context.Context) (string, error) {
	now, err := c.f.readMarker(ctx, c.recording, durable)
	if err != nil {
		return "", err
	}
	if now == nil || !bytes.Equal(now.raw, c.r.committed.raw) {
		return "the marker was changed while this run was deleting: a later run looks at it again", nil
	}
	return "", nil
}

// sight is what is there right before a batch goes.
type sight struct {
	there  listed
	named  names
	hidden tombstones
	doors  map[string]bool // versions, as "session/version", that doors lead to
	onAir  map[int]bool    // sets whose session was written to since the plan
	stale  map[int]string  // sets whose outputs are not what they were, and why
	astray map[int]bool    // sets of sources whose session has a door that leads elsewhere
}

// look lists what may have changed around a batch. It is nil where all of the
// batch was kept.
func (c *cleaning) look(ctx context.Context, v victims) (l *sight, err error) {
	l = &sight{named: newNames()}
	if v.kind == condemnedOutputs {
		return l, c.lookAtOutputs(ctx, v, l)
	}
	wanted := map[string][]string{}
	for _, o := range v.list {
		wanted[o.Store] = append(wanted[o.Store], o.Key)
		if o.place.key != "" {
			wanted[o.place.store] = append(wanted[o.place.store], o.place.key)
		}
	}
	for label := range wanted {
		slices.Sort(wanted[label])
	}
	all, first, err := c.surroundings(ctx, v, wanted)
	if err != nil {
		return nil, err
	}
	if rivals := apart(all.rivals, c.r.committed, c.members); len(rivals) > 0 {
		c.keep(objectsOf(v.list), c.f.twoPlaces(rivals, c.r.committed), true)
		return nil, nil
	}
	l.there = listing(all.objects)
	l.hidden = c.f.tombstones(all.objects)
	maps.Copy(l.hidden, c.ground.hidden)
	if err := c.startedOver(ctx, v, v.list, slices.Concat(all.objects, first)); err != nil {
		return nil, err
	}
	beside := slices.Concat(c.ground.unread, c.ground.input.playlists, c.unparsed(all.objects), all.playlists)
	if l.named, err = c.foreign(ctx, slices.DeleteFunc(beside, c.goes)); err != nil {
		c.keep(objectsOf(v.list), err.Error(), true)
		return nil, ctx.Err()
	}
	l.onAir = c.onAir(v, c.news(all.objects))
	return l, c.supports(ctx, v, l)
}

// goes reports whether an object beside the segments is a source that goes with
// them: what it names it protects no more.
func (c *cleaning) goes(o store.Object) bool {
	if c.f.cfg.Delete != DeleteSources || !c.r.committed.condemns(o) {
		return false
	}
	set, ok := c.sourceSet(idOf(o))
	return ok && c.wants(&c.r.committed.marker.Condemned[set])
}

// protects says why a victim is not deleted after all; empty: nothing does.
// failed: it should have gone.
func (c *cleaning) protects(ctx context.Context, l *sight, kind string, o victim) (why string, failed bool, err error) {
	switch {
	case c.restarted[folderOf(o.Object)]:
		return "its writer has started over in this folder since it was condemned", false, nil
	case !l.there.has(o.Object):
		return "", false, nil // it is gone, or was uploaded anew
	case l.onAir[o.set]:
		return "its session was written to while this run was at work", false, nil
	case l.named.has(o.Key):
		return store.Printable(l.named.by(o.Key)) + " names it", false, nil
	case kind == condemnedOutputs:
		if session, v, _, ok := c.f.cfg.folder(c.recording).split(o.Key); !ok || l.doors[session+"/"+v.String()] {
			return "a door still leads to its version", false, nil
		}
		return "", false, nil
	case kind == condemnedSources && l.stale[o.set] != "":
		return l.stale[o.set], true, nil
	case kind == condemnedSources && l.astray[o.set]:
		return "a door of its session leads to another version, and the playlists there may name it", true, nil
	case kind != condemnedSources:
		if why, failed, err = c.protectsCopy(ctx, l, o); why != "" || err != nil {
			return why, failed, err
		}
	}
	why, err = c.linked(ctx, o.Object)
	return why, true, err
}

// protectsCopy is protects of a leftover: what has its place must stand.
func (c *cleaning) protectsCopy(ctx context.Context, l *sight, o victim) (why string, failed bool, err error) {
	if l.hidden.hide(o.place.store, o.place.key) {
		return "a tombstone hides the copy that has its place", false, nil
	}
	if !l.there.holds(o.place) {
		if set, ok := c.sourceSet(o.place); !ok || l.stale[set] != "" || o.place == (objectID{}) {
			return "the copy that has its place is not there, or not in the recording any more", false, nil
		}
		if !c.r.committed.provable(o.place) {
			return "the copy that has its place is gone, and what holds that cannot be proved any more", false, nil
		}
		return "", false, nil // an output is proved to hold that one whole
	}
	one, err := c.mayBeOne(ctx, o.Object, o.place)
	if one {
		why = "it may be the very object that has its place: " + o.Store + " and " + o.place.store + " show the same objects: give one of them as --store"
	}
	return why, true, err
}

// unparsed are the objects that no layout reads.
func (j *job) unparsed(objects []store.Object) []store.Object {
	var out []store.Object
	for _, o := range objects {
		if _, ok := j.f.parse(o); !ok {
			out = append(out, o)
		}
	}
	return out
}

func objectsOf(list []victim) []store.Object {
	out := make([]store.Object, len(list))
	for i, v := range list {
		out[i] = v.Object
	}
	return out
}
