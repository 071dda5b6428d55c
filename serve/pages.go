package serve

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"recfin/finalize"
	"recfin/internal/bug"
	"recfin/report"
)

const htmlType = "text/html; charset=utf-8"

// page answers with the page of a recording.
func (s *Server) page(w http.ResponseWriter, r *http.Request, recording string) error {
	e, err := s.recording(r.Context(), recording, s.opt.Refresh)
	var claimed *finalize.ClaimedError
	if errors.As(err, &claimed) {
		w.Header().Set("Location", "./"+escape(claimed.As))
		w.WriteHeader(http.StatusFound)
		return nil
	}
	if err != nil {
		return err
	}
	var b bytes.Buffer
	opt := report.Options{Generated: s.opt.Generated, Links: []report.Link{{Name: "All recordings", URL: "../"}}, Plays: s.plays(recording, e)}
	if e.standing != nil {
		opt.Due = e.standing.Due
	}
	if err := report.Write(&b, e.report, opt); err != nil {
		return err
	}
	return text(w, r, b.Bytes(), htmlType)
}

// plays are what the player of a page can play: what is committed as it stands in the
// store, and of what is not committed the playlists of the plan.
func (s *Server) plays(recording string, e *entry) []report.Play {
	var all []report.Play
	for i := range e.report.Plan.Sessions {
		ps := &e.report.Plan.Sessions[i]
		id := ps.Record.Session
		played := s.playsOf(recording, id, e.standing)
		all = append(all, played...)
		if (ps.Action != finalize.Keep || len(played) == 0) && e.report.Previewable(id) == nil {
			name := "as it would be finalized"
			if ps.Action == finalize.Keep {
				name = "from its segments"
			}
			all = append(all, report.Play{Session: id, Name: "HLS, " + name, URL: "../play/" + escape(recording) + "/" + escape(id) + "/" + doorName, Type: report.TypeHLS})
		}
	}
	return all
}

// playsOf are the committed outputs of a session that can be played.
func (s *Server) playsOf(recording, session string, st *finalize.Standing) []report.Play {
	var all []report.Play
	if st == nil {
		return nil
	}
	k := slices.IndexFunc(st.Sessions, func(x finalize.StandingSession) bool { return x.ID == session })
	if k < 0 {
		return nil
	}
	at := func(key string) string {
		elements := strings.Split(key, "/")
		for i := range elements {
			elements[i] = escape(elements[i])
		}
		return "../store/" + escape(recording) + "/" + strings.Join(elements, "/")
	}
	if door := st.Sessions[k].Door; door.Key != "" {
		all = append(all, report.Play{Session: session, Name: "HLS, as finalized", URL: at(door.Key), Type: report.TypeHLS})
	}
	for _, o := range st.Sessions[k].Record.Outputs {
		if o.Kind == "mp4" {
			all = append(all, report.Play{Session: session, Rendition: o.Rendition, Part: o.Part, URL: at(o.Key), Type: report.TypeMP4})
		}
	}
	return all
}

// named is a recording that was found.
type named struct {
	name   string
	marker bool // it has one
}

// find lists the recordings, in order of their names.
func (s *Server) find(ctx context.Context, _ string) ([]named, error) {
	done, err := s.f.Finalized(ctx)
	if err != nil {
		return nil, err
	}
	markers := map[string]bool{}
	for _, name := range done {
		markers[name] = true
	}
	names := slices.Clone(s.opt.Recordings)
	if len(names) == 0 {
		found, err := s.f.Discover(ctx)
		if err != nil && len(done) == 0 {
			return nil, err
		}
		names = append(done, found...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	out := make([]named, len(names))
	for i, name := range names {
		out[i] = named{name, markers[name]}
	}
	return out, nil
}

// stand reads where a recording stands.
func (s *Server) stand(ctx context.Context, name string) (*finalize.Standing, error) {
	return s.f.Standing(ctx, name)
}

// hurry is for how long an index looks for where its recordings stand. What it does
// not come to is shown by its name; the next time more is known.
const hurry = 8 * time.Second

// index answers with the page of all recordings.
func (s *Server) index(w http.ResponseWriter, r *http.Request) error {
	names, err := s.names.get(r.Context(), "", s.opt.Refresh)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := report.WriteIndex(&b, s.rows(r.Context(), names), report.Options{Generated: s.opt.Generated}); err != nil {
		return err
	}
	return text(w, r, b.Bytes(), htmlType)
}

// rows are what is known of the recordings: by the plan where one is held, by the
// marker where there is one, within bounds of time and memory.
func (s *Server) rows(ctx context.Context, names []named) []report.Row {
	ctx, cancel := context.WithTimeout(ctx, hurry)
	defer cancel()
	rows := make([]report.Row, len(names))
	var weight atomic.Int64
	var g bug.Group
	g.SetLimit(s.opt.Config.Concurrency)
	for i, n := range names {
		rows[i] = report.Row{Recording: n.name, URL: "r/" + escape(n.name)}
		if e, ok := s.plans.peek(n.name); ok {
			rows[i].Report, rows[i].Standing = e.report, e.standing
			continue
		}
		if !n.marker || weight.Load() > s.opt.Cache {
			continue
		}
		g.Go(func() error {
			if st, err := s.stands.get(ctx, n.name, s.opt.Refresh); err == nil {
				rows[i].Standing = st
				weight.Add(standingWeight(st))
			}
			return nil
		})
	}
	_ = g.Wait()               // a recording that cannot be read has a row without a standing
	parts := map[string]bool{} // of other recordings
	for _, x := range rows {
		if x.Standing != nil {
			for _, id := range x.Standing.IDs {
				parts[id] = parts[id] || id != x.Recording
			}
		}
	}
	return slices.DeleteFunc(rows, func(x report.Row) bool { return parts[x.Recording] })
}
