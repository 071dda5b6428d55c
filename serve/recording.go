package serve

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"recfin/finalize"
	"recfin/store"
)

// entry is what is known of one recording. Nothing in it changes but what is made on
// demand.
type entry struct {
	report   *finalize.Report
	err      error              // of the plan, where something can be shown all the same
	standing *finalize.Standing // nil: nothing is committed

	mu      sync.Mutex
	session string // that was previewed last; empty: none
	preview finalize.Preview
	failed  error
	names   []ref // of what is committed, by key; nil: not made yet
}

// look plans a recording.
func (s *Server) look(ctx context.Context, name string) (*entry, error) {
	e := &entry{}
	e.report, e.err = s.f.Plan(ctx, name)
	p := e.report.Plan
	if e.err != nil && len(p.Sessions)+len(p.Dropped) == 0 {
		return nil, e.err
	}
	if !slices.ContainsFunc(p.Sessions, func(ps finalize.PlannedSession) bool { return ps.Replaces != nil || ps.Action == finalize.Keep }) {
		return e, nil
	}
	var err error
	if e.standing, err = s.f.Standing(ctx, name); err != nil && !errors.Is(err, finalize.ErrNothing) {
		if ctx.Err() != nil {
			return nil, err
		}
		e.err = cmp.Or(e.err, err)
	}
	return e, nil
}

// recording gives what is known of a recording, no older than age.
func (s *Server) recording(ctx context.Context, name string, age time.Duration) (*entry, error) {
	if len(s.opt.Recordings) > 0 && !slices.Contains(s.opt.Recordings, name) {
		return nil, &refusal{404, "this server was started for other recordings"}
	}
	return s.plans.get(ctx, name, age)
}

// aRow is about how many bytes a segment takes while a plan is held, with its lines in
// a playlist.
const aRow = 400

// weight is about how many bytes the entry takes.
func (e *entry) weight() int64 {
	n := int64(1) << 16
	for _, ps := range e.report.Plan.Sessions {
		n += aRow * rowsOf(ps.Record)
	}
	n += aRow * int64(len(e.report.Plan.Dropped)+len(e.report.Plan.Unknown)+len(e.report.Plan.Beside))
	if e.standing != nil {
		n += standingWeight(e.standing)
	}
	return n
}

func standingWeight(st *finalize.Standing) int64 {
	n := int64(1) << 12
	for i := range st.Sessions {
		n += aRow * rowsOf(st.Sessions[i].Record)
	}
	return n + aRow*int64(len(st.Late))
}

func rowsOf(rec *finalize.Record) int64 {
	n := len(rec.Dropped.Key) + len(rec.Outputs) + len(rec.Slots.Seq)
	for i := range rec.Renditions {
		n += len(rec.Renditions[i].Key)
	}
	return int64(n)
}

// planned is the record of a session in the plan; nil: there is none.
func (e *entry) planned(session string) *finalize.PlannedSession {
	for i := range e.report.Plan.Sessions {
		if ps := &e.report.Plan.Sessions[i]; ps.Record.Session == session {
			return ps
		}
	}
	return nil
}

// ref is a place in the records of a Standing.
type ref struct{ session, rendition, row int32 }

// Renditions that are none.
const (
	inOutputs int32 = -1 - iota
	inInits
)

// object is what stands at a place.
func (x ref) object(st *finalize.Standing) store.Object {
	rec := st.Sessions[x.session].Record
	switch x.rendition {
	case inOutputs:
		o := &rec.Outputs[x.row]
		return store.Object{Store: o.Store, Key: o.Key, Size: o.Size, ETag: o.ETag, Modified: st.Committed}
	case inInits:
		return rec.Inits.Object(int(x.row))
	}
	return rec.Renditions[x.rendition].Object(int(x.row))
}

func (x ref) key(st *finalize.Standing) string {
	rec := st.Sessions[x.session].Record
	switch x.rendition {
	case inOutputs:
		return rec.Outputs[x.row].Key
	case inInits:
		return rec.Inits.Key[x.row]
	}
	return rec.Renditions[x.rendition].Key[x.row]
}

// refs are all places with an object in the store of the outputs, in order of keys.
// Playlists lead nowhere else.
func refs(st *finalize.Standing, home string) []ref {
	out := []ref{}
	for i := range st.Sessions {
		rec := st.Sessions[i].Record
		for k := range rec.Outputs {
			out = append(out, ref{int32(i), inOutputs, int32(k)})
		}
		for k := range rec.Inits.Len() {
			out = append(out, ref{int32(i), inInits, int32(k)})
		}
		for r := range rec.Renditions {
			for k := range rec.Renditions[r].Key {
				out = append(out, ref{int32(i), int32(r), int32(k)})
			}
		}
	}
	out = slices.DeleteFunc(out, func(x ref) bool { return x.object(st).Store != home })
	slices.SortFunc(out, func(a, b ref) int {
		return cmp.Or(cmp.Compare(a.key(st), b.key(st)), cmp.Compare(a.session, b.session), cmp.Compare(a.rendition, b.rendition), cmp.Compare(a.row, b.row))
	})
	return out
}

// committed finds an object that the marker vouches for, by its key.
func (e *entry) committed(key, home string) (store.Object, bool) {
	if e.standing == nil {
		return store.Object{}, false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.names == nil {
		e.names = refs(e.standing, home)
	}
	k, ok := slices.BinarySearchFunc(e.names, key, func(x ref, key string) int { return cmp.Compare(x.key(e.standing), key) })
	if !ok {
		return store.Object{}, false
	}
	return e.names[k].object(e.standing), true
}
