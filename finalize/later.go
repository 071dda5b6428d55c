package finalize

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"recfin/finalize/timeline"
	"recfin/probe"
	"recfin/store"
)

// Where an MP4 is all that is made, every byte of a session is read to make it, so
// the heads of its segments need not be read before (timeline.Segment.ReadLater).
// They are measured as they go by, and before the version gets its record the
// recording is planned once more with them: that plan is the one that is written
// down. If by it the MP4s would be made of anything else, they are made again.

// errHeads: something was met that the heads of the segments would have told. They
// are read, and everything is planned with them.
var errHeads = errors.New("planned again with the heads of all segments")

// readsLater reports whether what is chosen will be joined in this run, and nothing
// rests on more than this run sees: playlists are made of what was measured before, and
// of a recording that has a marker a run that joins nothing may commit that segments came
// too late, so for those all heads are read.
func (j *job) readsLater(c *committed) bool {
	return c == nil && !j.heads && j.f.cfg.Durations == DurationsAuto && j.f.cfg.Formats == Formats{MP4: true}
}

// passes reports whether a segment can be measured as it goes by: it is an object of
// its own that is held in memory as a whole and describes itself in its first
// bytes.
func (j *job) passes(s *Segment) bool {
	return s.Part == nil && s.Size <= streamed && s.init == 0 && !fragmentNames[strings.ToLower(strings.TrimPrefix(path.Ext(s.Key), "."))]
}

// guessed reports whether a length in session i of the timeline was put between
// those of other segments, and its own segment was not read.
func (d *decision) guessed(i int) bool {
	for _, q := range d.m.Timeline.Sessions[i].Renditions {
		for _, p := range q.Picks {
			if p.Segment >= 0 && p.Source == timeline.FromNeighbour && d.m.looks[p.Segment] == nil {
				return true
			}
		}
	}
	return false
}

// learner measures segments as they are joined.
type learner struct {
	j     *job
	small []int64 // by input: of fewer bytes perhaps only its end tells whether a segment is cut off
	list  []fed
	of    movie
	known []bool // by number in list: there is nothing to learn
}

// headSeen is what a segment told when it was read.
type headSeen struct {
	media *probe.Media
	err   error
}

// learns gives what measures the segments of a movie; nil: they are measured.
func (j *job) learns(rec *Record, of movie, list []fed) *learner {
	if !rec.guessed {
		return nil
	}
	l := &learner{j: j, list: list, of: of, known: make([]bool, len(list))}
	for i, x := range list {
		if l.known[i] = x.fill > 0; !l.known[i] {
			had := j.facts[of[x.input].piece(x.row).id()]
			l.known[i] = had != nil && had.level > timeline.Unread
		}
	}
	for _, q := range of {
		sizes := slices.Clone(q.Size)
		slices.Sort(sizes)
		l.small = append(l.small, sizes[len(sizes)/2]/8*5)
	}
	return l
}

// see measures a segment as soon as it is here, while others are joined: what reading
// its head would have told. Several goroutines call it, so it only looks. Nil: there is
// nothing to learn.
func (l *learner) see(ctx context.Context, i int, raw []byte, proved bool) *headSeen {
	if l == nil || l.known[i] {
		return nil
	}
	x, f := &l.list[i], l.j.f
	row := l.of[x.input].piece(x.row)
	b := keptBytes{raw: raw, info: store.Info{Object: row.Object}, proved: proved}
	in := &inMemory{Reader: f.cfg.source(row.Store), keptBytes: b}
	media, err := measureIn(ctx, in, f.today(row.Object), timeline.ReadHead, probe.Options{})
	return &headSeen{media, err}
}

// learn takes over what was seen of a segment, when its turn has come. What that
// cannot make sense of is looked at in its store.
func (l *learner) learn(i int, body content) error {
	c, ok := body.(*chunk)
	if !ok || c.seen == nil {
		return nil
	}
	if err := c.seen.err; err != nil {
		return fmt.Errorf("%w: %w", errHeads, err)
	}
	x := &l.list[i]
	q := l.of[x.input]
	row := q.piece(x.row)
	if q.Size[x.row] < l.small[x.input] { // all of it may be asked for yet
		l.j.f.kept.keepCopy(row.id(), keptBytes{raw: c.p, info: store.Info{Object: row.Object}, proved: c.proved})
	}
	fact := &fact{level: timeline.ReadHead}
	fact.take(c.seen.media)
	l.j.shared.share(fact)
	l.j.facts[row.id()] = fact
	return nil
}

// needsHeads turns an error of joining segments that were not looked at into the
// request to do so: what is not there, is archived or cannot be joined is better met before
// anything is written.
func needsHeads(err error) error {
	if cannot(err) || errors.Is(err, store.ErrNotExist) || errors.Is(err, store.ErrChanged) || errors.Is(err, store.ErrArchived) {
		return fmt.Errorf("%w: %w", errHeads, err)
	}
	return err
}

// replan plans the session of a version that is being written with all that was
// learned while its segments were joined. The movies must be those that it would be
// made of; otherwise that is errHeads.
func (j *job) replan(ctx context.Context, p *Plan, s *PlannedSession, made []madeMovie) (*PlannedSession, error) {
	m := j.unmeasured(j.measured.Listing)
	if err := j.settle(ctx, m); err != nil {
		return nil, err
	}
	now := j.f.plan(m, j.report.Now)
	for i := range now.Sessions {
		t := &now.Sessions[i]
		if t.Record.Session == s.Record.Session && t.Action == Write && !t.Record.guessed && j.next(now, t).N == j.next(p, s).N && sameMovies(t.Record, made) {
			return t, nil
		}
	}
	return nil, fmt.Errorf("plan %s: %w", store.Printable(p.Recording), errHeads)
}

// sameMovies reports whether movies are what would be made by a record.
func sameMovies(r *Record, made []madeMovie) bool {
	movies := r.movies()
	if len(movies) != len(made) {
		return false
	}
	for n, of := range movies {
		x := &made[n]
		if len(of) != 1 || len(x.movie) != 1 || of[0].Name != x.movie[0].Name || of[0].Output != x.movie[0].Output {
			return false // of several the begin of each segment counts too
		}
		feed := r.feed(of)
		if !slices.EqualFunc(feed, x.list, func(a, b fed) bool {
			a.at, b.at = 0, 0
			return a == b
		}) {
			return false
		}
		for i := range feed {
			if feed[i].piece(of).id() != x.list[i].piece(x.movie).id() {
				return false
			}
		}
		for _, c := range x.chapters {
			if r.chapter(of, feed, c.segment, c.into) != c.text {
				return false
			}
		}
	}
	return true
}
