package finalize_test

import (
	"fmt"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"recfin/finalize"
)

// referee watches every operation of a schedule and knows the laws. They are
// written from the rules in the documentation of the package and look at the store
// alone, never at what a process believes.
type referee struct {
	stock
	world *stageWorld
	jury
	gallery gallery

	standing *archive                    // what the marker says now
	since    map[objectVersion]time.Time // upload time of the marker that condemned it first
	made     map[string]string           // ETags of outputs that ever were, by key
	deleted  map[objectVersion]bool      // by processes
	leads    map[string]int              // number of the version that a door leads to
	bodies   map[objectVersion]pictures  // of every source that ever was
}

// sight is what a process has seen, and when.
type sight struct {
	cfg     finalize.Config
	stale   bool     // the marker was read since
	listed  snapshot // the sources when it listed them last
	planned snapshot // when it listed them to make a plan
	marker  *archive // as it read the marker last
	basis   *archive // what the marker was when it listed for a plan
	// planning: it said that it lists for a plan (finalize.StageList), and has not done so.
	planning bool
	swapped  map[string]int      // the numbers of the versions that it committed, by their doors
	wrote    map[string]snapshot // the sources when it wrote the list of a version, by its folder
}

// jury collects what is wrong. It is a tester.
type jury struct{ found []string }

func (*jury) Helper()                        {}
func (j *jury) Error(args ...any)            { j.found = append(j.found, fmt.Sprint(args...)) }
func (j *jury) Errorf(f string, args ...any) { j.found = append(j.found, fmt.Sprintf(f, args...)) }
func (j *jury) Fatal(args ...any)            { j.Error(args...); panic(j) }
func (j *jury) Fatalf(f string, args ...any) { j.Errorf(f, args...); panic(j) }
func (j *jury) broken() bool                 { return len(j.found) > 0 }
func (j *jury) law(f string, args ...any)    { j.Errorf(f, args...) }

// hear calls a function that may end by Fatal.
func (j *jury) hear(do func()) {
	defer func() {
		switch x := recover(); x {
		case nil, any(j):
		default:
			if _, ok := x.(runtime.Error); !ok || !j.broken() {
				panic(x)
			}
		}
	}()
	do()
}

func newReferee(s stock, g gallery) *referee {
	r := &referee{
		stock: s, world: s.open(), gallery: g, since: map[objectVersion]time.Time{}, made: map[string]string{},
		deleted: map[objectVersion]bool{}, leads: map[string]int{}, bodies: map[objectVersion]pictures{},
	}
	for key, e := range s.all {
		r.made[key] = e.ETag
	}
	r.remember(r.world.Snapshot())
	r.hear(func() {
		r.standing = read(&r.jury, s.all, "foo")
		r.condemn(s.all)
		r.doors(s.all)
	})
	return r
}

// judged makes an operation and looks at what it changed.
func (r *referee) judged(p *process, c deed, do func() error) error {
	if !c.mutation {
		err := do()
		if c.op == "list" && c.key == "foo/" && err == nil {
			p.seen.listed, p.seen.stale = sources(r.world.Snapshot()), false
			if p.seen.planning {
				p.seen.planned, p.seen.basis, p.seen.planning = p.seen.listed, p.seen.marker, false
			}
		}
		if c.op == "get" && c.key == markerKey("foo") && err == nil {
			p.seen.marker, p.seen.stale = r.standing, true
		}
		return err
	}
	before := r.world.Snapshot()
	err := do()
	after := r.world.Snapshot()
	r.hear(func() {
		switch c.op {
		case "upload":
			r.remember(after)
		case "delete":
			for key, e := range present(before, c.victims) {
				if _, there := after[key]; !there {
					r.mayGo(p, key, e, after)
				}
			}
		case "put", "commit":
			r.put(p, c.key, before, after)
		}
		if c.op != "wait" {
			r.doors(after)
		}
	})
	return err
}

// remember notes what the sources hold.
func (r *referee) remember(all snapshot) {
	for key, e := range all {
		if isSource(key) {
			r.bodies[versionOf(r.world.Label(), key, e)] = r.gallery.of(e)
		}
	}
}

func (r *referee) put(p *process, key string, before, after snapshot) {
	was, had := before[key]
	is, has := after[key]
	written := has && (!had || was.ETag != is.ETag || !was.Modified.Equal(is.Modified))
	if path.Base(key) == "segments.json.gz" {
		if p.seen.wrote == nil {
			p.seen.wrote = map[string]snapshot{}
		}
		p.seen.wrote[path.Dir(key)] = sources(after) // written now, or found as it should be
	}
	switch {
	case !written:
	case isSource(key):
		r.law("%s was written among the segments", key)
	case key == markerKey("foo"):
		r.swapped(p, after)
	case path.Base(key) == "index.m3u8":
	case had:
		r.law("%s was written before and is replaced", key)
	case r.made[key] != "" && (r.made[key] != is.ETag || p.seen.basis.condemnsKey(key)):
		// A writer that stalled may put back what went while it slept, byte for byte;
		// not one that planned from a marker by which it was to go.
		r.law("%s was there before: its name is used twice", key)
	default:
		r.made[key] = is.ETag
	}
}

// doors holds that every door leads to playlists that are there, and never back to
// an older version.
func (r *referee) doors(all snapshot) {
	for key := range all {
		if !strings.HasPrefix(key, outPath) || path.Base(key) != "index.m3u8" {
			continue
		}
		for _, media := range uris(all, key) {
			if _, ok := all[media]; !ok {
				r.law("door %s leads to %s, which is not there", key, media)
			}
			if path.Dir(path.Dir(media)) != path.Dir(key) {
				continue // to the session that absorbed it
			}
			if n := versionNumber(path.Base(path.Dir(media))); n < r.leads[key] {
				r.law("door %s led to version %d and leads back to %d", key, r.leads[key], n)
			} else {
				r.leads[key] = n
			}
		}
	}
}

func versionNumber(version string) int {
	n, _, _ := strings.Cut(version, "-")
	k, _ := strconv.Atoi(n)
	return k
}

// led holds that the doors of what a run committed lead there, or to what came
// since, when the run is over.
func (r *referee) led(p *process) {
	for door, n := range p.seen.swapped {
		if r.leads[door] < n {
			r.law("a run that committed version %d is over, and door %s leads to version %d", n, door, r.leads[door])
		}
	}
}

// condemnsKey reports whether a marker condemns anything under a key.
func (a *archive) condemnsKey(key string) bool {
	return a != nil && slices.ContainsFunc(a.condemned, func(o objectVersion) bool { return o.Key == key })
}

// condemn notes when what the standing marker condemns was condemned first.
func (r *referee) condemn(all snapshot) {
	if r.standing == nil {
		return
	}
	for _, o := range r.standing.condemned {
		if _, ok := r.since[o]; !ok {
			r.since[o] = all[markerKey("foo")].Modified
		}
	}
}

// condemned reports whether the standing marker condemns an object.
func (r *referee) condemned(v objectVersion) bool {
	if r.standing == nil {
		return false
	}
	for _, o := range r.standing.condemned {
		if o == v {
			return true
		}
	}
	return false
}

// kept is what sources and the movies that the marker names hold.
func (r *referee) kept(all snapshot, sources snapshot, but string) pictures {
	held := pictures{}
	for key, e := range sources {
		if key != but && !r.deleted[versionOf(r.world.Label(), key, e)] {
			held.add(r.gallery.of(e))
		}
	}
	if r.standing != nil {
		for _, rec := range r.standing.records {
			for _, o := range rec.Outputs {
				if e, ok := all[o.Key]; ok && o.Kind == "mp4" && o.Key != but {
					held.add(r.gallery.of(e))
				}
			}
		}
	}
	return held
}
