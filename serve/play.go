package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"recfin/finalize"
	"recfin/store"
)

const (
	doorName = "index.m3u8"
	hlsType  = "application/vnd.apple.mpegurl"
)

// The playlists behind a computed door go by the plan that the door was made from for
// as long as a player may take to ask for them, and what they name by whatever plan is
// held: it finds an object wherever it stands.
const (
	calm = 10 * time.Minute
	ever = time.Duration(math.MaxInt64)
)

// soon is how old a plan is that may know what an older one does not.
const soon = 2 * time.Second

// playlist answers with a playlist of a session that is computed from the plan.
func (s *Server) playlist(w http.ResponseWriter, r *http.Request, recording, session, name string) error {
	age := calm
	if name == doorName {
		age = s.opt.Refresh
	}
	e, err := s.recording(r.Context(), recording, age)
	if err != nil {
		return err
	}
	p, err := e.previewed(recording, session)
	if err != nil {
		return err
	}
	if name == doorName {
		return text(w, r, p.Door, hlsType)
	}
	for i := range p.Playlists {
		if p.Playlists[i].Name == name {
			return text(w, r, p.Playlists[i].Text, hlsType)
		}
	}
	return &refusal{http.StatusNotFound, "session " + store.Printable(session) + " has no " + store.Printable(name)}
}

// previewed gives the playlists of a session, which are made once for as long as
// nobody asks for those of another one.
func (e *entry) previewed(recording, session string) (finalize.Preview, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	ps := e.planned(session)
	if ps == nil {
		return finalize.Preview{}, &refusal{http.StatusNotFound, store.Printable(recording) + " has no session " + store.Printable(session)}
	}
	if e.session != session {
		names := mediaNames(ps.Record)
		e.preview, e.failed = e.report.Preview(session, func(o store.Object) string {
			return "../../../media/" + escape(recording) + "/" + escape(session) + "/" + names[identity(o)]
		})
		e.session = session
	}
	return e.preview, e.failed
}

// escape makes one element of a path of a name.
func escape(name string) string { return url.PathEscape(name) }

// version is an object without the time of its upload.
type version struct {
	store, key, etag string
	size             int64
}

func identity(o store.Object) version { return version{o.Store, o.Key, o.ETag, o.Size} }

// mediaNames are the addresses of the segments and init segments of a session. One
// address stands for all rows that are parts of one object.
func mediaNames(rec *finalize.Record) map[version]string {
	names := map[version]string{}
	add := func(o store.Object, rendition, row int) {
		if id := identity(o); names[id] == "" {
			names[id] = fmt.Sprintf("%d-%d-%s%s", rendition, row, checksum(o), extension(o.Key))
		}
	}
	for k := range rec.Inits.Len() {
		add(rec.Inits.Object(k), int(inInits), k)
	}
	for i := range rec.Renditions {
		q := &rec.Renditions[i]
		for k := range q.Key {
			add(q.Object(k), i, k)
		}
	}
	return names
}

// extension is the end of a key, where it says something to players; else empty.
func extension(key string) string {
	if ext := strings.ToLower(path.Ext(key)); contentTypes[ext] != "" {
		return ext
	}
	return ""
}

// mediaName reads an address.
func mediaName(name string) (x ref, sum string, ok bool) {
	name = strings.TrimSuffix(name, path.Ext(name))
	sum = name[strings.LastIndexByte(name, '-')+1:]
	place := strings.TrimSuffix(name, "-"+sum)
	at := strings.LastIndexByte(place, '-')
	if at < 1 {
		return ref{}, "", false
	}
	rendition, err1 := strconv.ParseInt(place[:at], 10, 32)
	row, err2 := strconv.ParseInt(place[at+1:], 10, 32)
	return ref{rendition: int32(rendition), row: int32(row)}, sum, err1 == nil && err2 == nil
}

// media passes through what a computed playlist names.
func (s *Server) media(w http.ResponseWriter, r *http.Request, recording, session, name string) error {
	x, sum, ok := mediaName(name)
	if !ok {
		return errNowhere
	}
	e, err := s.recording(r.Context(), recording, ever)
	if err != nil {
		return err
	}
	ps := e.planned(session)
	if ps == nil {
		return &refusal{http.StatusNotFound, store.Printable(recording) + " has no session " + store.Printable(session)}
	}
	o, ok := find(ps.Record, x, sum)
	if !ok {
		return &refusal{http.StatusNotFound, "the plan of " + store.Printable(recording) + " is another one by now: open its page again"}
	}
	return s.outdated(recording, s.stream(w, r, o))
}

// outdated has a page or a door wait for a new plan where an object is another one than
// the plan has, or gone. What was addressed by the old one goes by that.
func (s *Server) outdated(recording string, err error) error {
	if errors.Is(err, store.ErrChanged) || errors.Is(err, store.ErrNotExist) {
		s.plans.outdate(recording, s.opt.Refresh)
	}
	return err
}

// find is the object of an address. Where the plan has moved on, it may stand in
// another row.
func find(rec *finalize.Record, x ref, sum string) (store.Object, bool) {
	at := func(x ref) (store.Object, bool) {
		var o store.Object
		switch {
		case x.row < 0:
			return o, false
		case x.rendition == inInits && int(x.row) < rec.Inits.Len():
			o = rec.Inits.Object(int(x.row))
		case x.rendition >= 0 && int(x.rendition) < len(rec.Renditions) && int(x.row) < rec.Renditions[x.rendition].Len():
			o = rec.Renditions[x.rendition].Object(int(x.row))
		default:
			return o, false
		}
		return o, checksum(o) == sum
	}
	if o, ok := at(x); ok {
		return o, true
	}
	for k := range rec.Inits.Len() {
		if o, ok := at(ref{rendition: inInits, row: int32(k)}); ok {
			return o, true
		}
	}
	for i := range rec.Renditions {
		for k := range rec.Renditions[i].Key {
			if o, ok := at(ref{rendition: int32(i), row: int32(k)}); ok {
				return o, true
			}
		}
	}
	return store.Object{}, false
}

// stored passes through what the marker of a recording vouches for.
func (s *Server) stored(w http.ResponseWriter, r *http.Request, recording, key string) error {
	for _, age := range []time.Duration{ever, min(soon, s.opt.Refresh)} { // it may have been committed since
		e, err := s.recording(r.Context(), recording, age)
		if err != nil {
			return err
		}
		if door, ok := e.door(key); ok {
			return s.door(w, r, door)
		}
		if o, ok := e.committed(key, s.opt.Config.Out.Label()); ok {
			return s.outdated(recording, s.stream(w, r, o))
		}
	}
	return &refusal{http.StatusNotFound, "no output of " + store.Printable(recording) + ", and nothing that one names"}
}

// door is that of a committed session under a key.
func (e *entry) door(key string) (store.Object, bool) {
	if e.standing != nil {
		for i := range e.standing.Sessions {
			if d := e.standing.Sessions[i].Door; d.Key != "" && d.Key == key {
				return d, true
			}
		}
	}
	return store.Object{}, false
}

// mostDoor is above any door.
const mostDoor = 4 << 20

// door answers with a door as it is in the store now: the only thing that changes
// under its key.
func (s *Server) door(w http.ResponseWriter, r *http.Request, o store.Object) error {
	ctx, cancel := context.WithTimeout(r.Context(), s.opt.Idle)
	defer cancel()
	body, err := s.stores[o.Store].Get(ctx, o.Key, store.Whole, store.GetOptions{})
	if err != nil {
		return err
	}
	defer body.Close()
	raw, err := io.ReadAll(io.LimitReader(body, mostDoor))
	if err != nil {
		return err
	}
	return text(w, r, raw, hlsType)
}
