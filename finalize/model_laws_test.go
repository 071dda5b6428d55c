package finalize_test

import (
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"recfin/finalize"
	"recfin/store/mem"
)

// swapped holds the laws of a new marker: it is the successor of the one that
// stood, it takes nothing back, and it does not lie.
func (r *referee) swapped(p *process, all snapshot) {
	was, is := r.standing, read(&r.jury, all, "foo")
	r.standing = is
	switch {
	case was == nil && (is.Generation != 1 || is.Predecessor != ""):
		r.law("the first marker has generation %d and predecessor %q", is.Generation, is.Predecessor)
	case was != nil && (is.Generation != was.Generation+1 || is.Predecessor != hexSum(was.raw)):
		r.law("marker %d does not follow marker %d: a commit is lost", is.Generation, was.Generation)
	}
	condemned := map[objectVersion]bool{}
	for _, o := range is.condemned {
		condemned[o] = true
	}
	auditCommitted(&r.jury, all, is, condemned)
	if was != nil {
		if !reflect.DeepEqual(was.Sessions, is.Sessions) || len(was.condemned) != len(is.condemned) {
			r.undamaged(p, was) // else somebody kept what was condemned, which damage does not forbid
		}
		for _, o := range was.condemned {
			if !condemned[o] {
				r.law("%s was condemned and is not any more", o.Key)
			}
		}
		for _, s := range was.Sessions {
			r.grew(was, is, s)
		}
	}
	for _, s := range is.Sessions {
		if was == nil || !slices.ContainsFunc(was.Sessions, func(o markerEntry) bool { return o.ID == s.ID && o.Version == s.Version }) {
			r.committed(p, all, is, s)
		}
	}
	fresh := map[objectVersion]bool{}
	for o := range condemned {
		if _, ok := r.since[o]; !ok && isSource(o.Key) {
			fresh[o] = true
		}
	}
	r.marked(p, all, fresh)
	r.condemn(all)
}

// undamaged holds that nothing was missing of the playlists that stood, in the
// listing from which a commit was planned (I11).
func (r *referee) undamaged(p *process, was *archive) {
	planned := p.seen.planned
	if planned == nil {
		planned = p.seen.listed
	}
	for _, s := range was.Sessions {
		if !strings.Contains(s.Formats, "hls") {
			continue
		}
		for _, q := range was.records[s.ID].Renditions {
			for _, o := range q.versions() {
				if e, ok := planned[o.Key]; planned != nil && (!ok || e.ETag != o.ETag) {
					r.law("%s, which playlists name, was gone or another one, and the recording was written", o.Key)
				}
			}
		}
	}
}

// grew holds that a session has all that it had (I9), under a number that was never
// used.
func (r *referee) grew(was, is *archive, s markerEntry) {
	id := is.holder(s.ID)
	k := slices.IndexFunc(is.Sessions, func(o markerEntry) bool { return o.ID == id })
	if k < 0 {
		r.law("session %s is gone from the marker", s.ID)
		return
	}
	now := is.Sessions[k]
	if id == s.ID && now.Version != s.Version && versionNumber(now.Version) <= s.Highest || id == s.ID && now.Highest < s.Highest {
		r.law("session %s is version %s, and number %d was used", id, now.Version, s.Highest)
	}
	if lost := r.chosenPictures(is, id).lacks(r.chosenPictures(was, s.ID)); lost != "" {
		r.law("session %s had %q and has it no more", s.ID, lost)
	}
}

// chosenPictures are those that a session chose.
func (r *referee) chosenPictures(a *archive, id string) pictures {
	out := pictures{}
	for _, q := range a.records[id].Renditions {
		for _, o := range q.versions() {
			out.add(r.bodies[o])
		}
	}
	return out
}

// committed holds the laws of a version that a marker names for the first time:
// all that was there when its list was written was known, and is there; and what
// its outputs hold is what was chosen.
func (r *referee) committed(p *process, all snapshot, a *archive, s markerEntry) {
	dir := outPath + "foo/" + s.ID + "/" + s.Version
	there, ok := p.seen.wrote[dir]
	if !ok {
		r.law("%s is committed by a process that has not written its list", dir)
		return
	}
	rec := a.records[s.ID]
	if strings.Contains(s.Formats, "hls") {
		if p.seen.swapped == nil {
			p.seen.swapped = map[string]int{}
		}
		p.seen.swapped[outPath+"foo/"+s.ID+"/index.m3u8"] = versionNumber(s.Version)
	}
	known := map[string]bool{}
	for _, other := range a.records {
		for _, q := range other.Renditions {
			for _, key := range q.Key {
				known[key] = true
			}
		}
		for _, key := range other.Dropped.Key {
			known[key] = true
		}
	}
	for _, o := range a.condemned {
		known[o.Key] = true
	}
	for _, key := range a.seen {
		known[key] = true
	}
	hls := strings.Contains(s.Formats, "hls")
	for _, q := range rec.Renditions {
		for _, o := range q.versions() {
			if e, ok := there[o.Key]; hls && (!ok || e.ETag != o.ETag) {
				r.law("playlists of %s name %s, which was another one already when they were finished", s.Version, o.Key)
			}
		}
	}
	last, _ := latestUpload(there)
	settled := all[markerKey("foo")].Modified.Sub(last) > p.seen.cfg.Settle
	for key := range there {
		if _, media := number(key); media && !known[key] && settled && !strings.HasPrefix(key, otherWriter) {
			r.law("%s was there when version %s was finished, and its marker knows nothing of it", key, s.Version)
		}
	}
	held := pictures{}
	for _, o := range rec.Outputs {
		e := all[o.Key]
		switch {
		case o.Kind == "hls" && o.Checksum != "sha256:"+hexSum(e.Body):
			r.law("playlist %s is committed and is not what its list says", o.Key)
		case o.Kind == "mp4":
			held.add(r.gallery.of(e))
		}
	}
	if strings.Contains(s.Formats, "mp4") && p.world.spoils == nil {
		if lost := held.lacks(r.chosenPictures(a, s.ID)); lost != "" {
			r.law("the movies of %s lack %q", s.Version, lost)
		}
	}
}

// marked holds the laws of what a marker condemns for the first time.
func (r *referee) marked(p *process, all snapshot, fresh map[objectVersion]bool) {
	now := all[markerKey("foo")].Modified
	for o := range fresh {
		if up, who := latestUpload(p.seen.listed); now.Sub(up) < p.seen.cfg.Settle {
			r.law("%s is condemned, and %s was uploaded only %s ago", o.Key, who, now.Sub(up))
		}
		if by := namedBy(p.seen.listed, o.Key); by != "" {
			r.law("%s is condemned, and %s names it", o.Key, by)
		}
	}
}

// otherWriter is the writer of another session in the scenes.
const otherWriter = "foo/C/"

// latestUpload is that of any segment of the session in which something lost.
func latestUpload(all snapshot) (at time.Time, key string) {
	for k, e := range all {
		if _, media := number(k); media && !strings.HasPrefix(k, otherWriter) && e.Modified.After(at) {
			at, key = e.Modified, k
		}
	}
	return at, key
}

// namedBy is a playlist of others that names a key; empty: there is none.
func namedBy(all snapshot, key string) string {
	for k := range all {
		if path.Ext(k) == ".m3u8" && slices.Contains(uris(all, k), key) {
			return k
		}
	}
	return ""
}

// mayGo holds the laws of a delete, by what the process saw when it listed last.
func (r *referee) mayGo(p *process, key string, e mem.Entry, after snapshot) {
	now := r.world.clock.now()
	v := versionOf(r.world.Label(), key, e)
	defer func() { r.deleted[v] = true }()
	if was, ok := p.seen.listed[key]; ok && was.ETag == e.ETag && !p.world.opt.IgnoreDeleteIf {
		// The same bytes, uploaded anew behind the listing: no condition of a store
		// tells them apart, and what they hold is held elsewhere all the same.
		v = versionOf(r.world.Label(), key, was)
	}
	if key == markerKey("foo") || path.Base(key) == "index.m3u8" {
		r.law("%s is deleted", key)
	}
	if !r.condemned(v) {
		r.law("%s is deleted, and the marker that stands does not condemn it", key)
	} else if d := p.seen.cfg.DeleteDelay; now.Sub(r.since[v]) < d {
		r.law("%s is deleted %s after it was condemned, with a delay of %s", key, now.Sub(r.since[v]), d)
	}
	if p.seen.marker == nil || p.seen.marker.cancelled[v] {
		r.law("%s is deleted, and somebody had said that it is kept", key)
	}
	if r.standing != nil && r.standing.sources[v] && p.seen.cfg.Delete != finalize.DeleteSources {
		r.law("%s is deleted as a source, with --delete %s", key, p.seen.cfg.Delete)
	}
	from := sources(after)
	if isSource(key) {
		from = p.seen.listed
		r.sourceMayGo(p, key, v)
	} else if by := namedBy(doorsOf(after), key); by != "" {
		r.law("%s is deleted, and %s leads to it", key, by)
	}
	if lost := r.kept(after, from, key).lacks(r.gallery.of(e)); lost != "" {
		r.law("with %s goes %q, and nothing else has it", key, lost)
	}
}

// parting reports whether any source is condemned as one.
func (r *referee) parting() bool {
	for _, is := range r.standing.sources {
		if is {
			return true
		}
	}
	return false
}

func (r *referee) sourceMayGo(p *process, key string, v objectVersion) {
	listed, now := p.seen.listed, r.world.clock.now()
	if p.seen.stale {
		r.law("%s is deleted by a listing from before the marker was read last", key)
	}
	if e, ok := listed[key]; !ok || versionOf(r.world.Label(), key, e) != v {
		r.law("%s is deleted, and the listing before showed another one", key)
	}
	// Where the sources are gone or go, what comes later is of a session of its own;
	// and so may be what came behind the plan, with a number that goes on: that is
	// told apart only by measuring it.
	if up, who := latestUpload(p.seen.planned); !r.parting() && now.Sub(up) < p.seen.cfg.Settle {
		r.law("%s is deleted, and %s was uploaded only %s ago", key, who, now.Sub(up))
	}
	if by := namedBy(listed, key); by != "" {
		r.law("%s is deleted, and %s names it", key, by)
	}
	n, _ := number(key)
	for k, e := range listed {
		at, media := number(k)
		if media && path.Dir(k) == path.Dir(key) && at <= n && e.Modified.After(r.since[v]) && now.Sub(e.Modified) < day {
			r.law("%s is deleted, and %s was uploaded since it was condemned: its writer starts over", key, k)
		}
	}
}

// doorsOf are the doors of a snapshot.
func doorsOf(all snapshot) snapshot {
	out := snapshot{}
	for key, e := range all {
		if path.Base(key) == "index.m3u8" {
			out[key] = e
		}
	}
	return out
}

// ended holds what must be true when all performers are done and a quiet run has
// done what was left: everything is accounted for.
func (r *referee) ended(last *finalize.Report) {
	all := r.world.Snapshot()
	r.doors(all)
	audit(&r.jury, snapshot{}, all, "foo")
	if left := r.world.Uploads(); len(left) > 0 {
		r.law("unfinished uploads stay: %v", left)
	}
	for _, s := range r.standing.Sessions {
		if door := outPath + "foo/" + s.ID + "/index.m3u8"; strings.Contains(s.Formats, "hls") && r.leads[door] != versionNumber(s.Version) {
			r.law("all is quiet, and door %s leads to version %d and not to %s", door, r.leads[door], s.Version)
		}
	}
	places := accounts(last)
	for key, e := range sources(all) {
		if _, media := number(key); media && len(places[key]) != 1 && !r.condemned(versionOf(r.world.Label(), key, e)) {
			r.law("%s is in %v", key, places[key])
		}
	}
}
