package finalize

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"recfin/finalize/playlist"
	"recfin/finalize/remux"
	"recfin/store"
)

// errReplan: something was written, so everything is listed and planned once
// more before it is committed (an upload may have come in meanwhile).
var errReplan = errors.New("planned again")

// errLearned: joining found a segment that cannot be joined. Everything is
// planned once more without it.
var errLearned = errors.New("planned again without a segment")

// failure is why a session could not be written, by the plan with that hash.
type failure struct {
	hash    string
	version string // what was begun
	err     error
}

// Receipt proves that every session of a plan is committed and that its
// outputs were read back. Only publish makes one, and only a receipt deletes.
type Receipt struct {
	plan      *Plan
	committed *committed // as it stands in the store now; never nil
	verified  map[string]bool
}

// written is a version that this run wrote and read back.
type written struct {
	hash   string // of the plan that it was written from
	entry  MarkerSession
	record *Record
	list   Output // segments.json.gz
}

// publish brings a plan into the store. It writes the versions that are
// missing and returns errReplan; once a plan made after that wants nothing
// else, the marker is swapped.
func (j *job) publish(ctx context.Context, p *Plan) (*Receipt, error) {
	fresh := true
	for i := range p.Sessions {
		s := &p.Sessions[i]
		if s.Action != Write || j.stands(p, s) || j.gaveUp(s) {
			continue
		}
		if err := j.hold(ctx, p.committed); err != nil {
			return nil, err
		}
		if err := j.sweepDead(ctx, p); err != nil {
			return nil, err
		}
		w, err := j.writeVersion(ctx, p, s)
		if err != nil {
			if err = j.explain(p, s, err); !own(err) {
				return nil, err
			}
			j.failed[s.Record.Session] = failure{hash: s.Hash, version: j.next(p, s).String(), err: fmt.Errorf("session %s: %w", s.Record.Session, err)}
			continue
		}
		j.written[s.Record.Session] = w
		fresh = false
	}
	if !fresh {
		j.heads = true // those of sessions that are not joined today: what is committed rests on no guess
		return nil, errReplan
	}
	return j.commit(ctx, p)
}

// own reports whether an error is of one session alone: it must not keep the
// others back.
func own(err error) bool {
	var config *remux.ConfigError
	var bad *remux.SegmentError
	var codec *remux.CodecError
	return errors.As(err, &codec) || errors.As(err, &config) || errors.As(err, &bad) || errors.Is(err, ErrVerify) || errors.Is(err, ErrRefused) || errors.Is(err, errMissing) || errors.Is(err, errSpoilt)
}

// errMissing: a listed segment is not found whenever the session is written.
var errMissing = fmt.Errorf("%w: a segment is listed and is not there", ErrAgain)

// gaveUp reports whether the session failed by this very plan.
func (j *job) gaveUp(s *PlannedSession) bool {
	f, ok := j.failed[s.Record.Session]
	return ok && f.hash == s.Hash
}

// unmade is what could not be made although everything else was.
func (j *job) unmade() error {
	var errs []error
	if p := j.report.Plan; p != nil {
		for i := range p.Sessions { // one that was mended by planning again is no failure
			if s := &p.Sessions[i]; j.gaveUp(s) {
				errs = append(errs, j.failed[s.Record.Session].err)
			}
		}
		for _, why := range p.unmade {
			errs = append(errs, fmt.Errorf("%s: %w: %s", store.Printable(j.recording), ErrRefused, why))
		}
	}
	return errors.Join(append(errs, j.over, j.unproved)...)
}

// explain sorts an error of writing: a segment that turned out bad means that
// the plan is wrong, and everything is planned again without it.
func (j *job) explain(p *Plan, s *PlannedSession, err error) error {
	if errors.Is(err, errHeads) {
		j.heads = true
		return errLearned
	}
	var bad *remux.SegmentError
	if errors.As(err, &bad) && j.facts.condemnMedia(s.Record, bad) {
		return errLearned
	}
	if errors.Is(err, errSpoilt) {
		if j.missing[s.Hash]++; j.missing[s.Hash] >= patience {
			return err
		}
		return errReplan // read once more
	}
	if errors.Is(err, store.ErrChanged) || errors.Is(err, store.ErrNotExist) {
		if j.missing[s.Hash]++; j.missing[s.Hash] >= patience {
			return fmt.Errorf("%w: %w", errMissing, err)
		}
		return errReplan // listed again, it is what it is now
	}
	var config *remux.ConfigError
	var codec *remux.CodecError
	if errors.As(err, &config) || errors.As(err, &codec) {
		return fmt.Errorf("%w: %w: give --format hls for this recording", ErrRefused, err)
	}
	if errors.Is(err, playlist.ErrMap) { // no tag ends what EXT-X-MAP says
		return fmt.Errorf("%w: %w: transport stream follows fragments: give --format mp4 for this recording", ErrRefused, err)
	}
	if errors.Is(err, errTaken) {
		j.lowest[s.Record.Session] = j.next(p, s).N + 1
	}
	return err
}

// stands reports whether this run has written the session as it is planned,
// and no other run has condemned any of it since.
func (j *job) stands(p *Plan, s *PlannedSession) bool {
	w := j.written[s.Record.Session]
	if w == nil || w.hash != s.Hash || w.entry.Highest != j.next(p, s).N {
		return false
	}
	for _, o := range append(w.record.Outputs, w.list) {
		if p.committed.condemns(o.object()) {
			return false
		}
	}
	return true
}

// next is the version that a session is written as: one above every number
// that the marker ever named for it, be it to commit or to condemn.
func (j *job) next(p *Plan, s *PlannedSession) version {
	n := 1
	if s.Replaces != nil {
		n = s.Replaces.Highest + 1
	}
	if c := p.committed; c != nil {
		dir := j.f.cfg.folder(p.Recording)
		for _, set := range c.sets {
			for _, o := range set {
				if id, v, _, ok := dir.split(o.Key); ok && id == s.Record.Session {
					n = max(n, v.N+1)
				}
			}
		}
	}
	return version{N: max(n, j.lowest[s.Record.Session]), Hash: s.Hash}
}

// writeVersion writes all files of a session's version, reads them back, and
// gives the entry for the marker.
func (j *job) writeVersion(ctx context.Context, p *Plan, s *PlannedSession) (*written, error) {
	v := j.next(p, s)
	rec := s.Record.forWriting()
	dir := j.f.cfg.folder(p.Recording).version(rec.Session, v.String())
	j.ready = j.enter(ctx, rec.Session)
	defer j.ready()
	j.proving = newProving(ctx)
	defer j.proving.stop()
	j.made[rec.Session+"/"+v.String()] = true
	formats, err := ParseFormats(rec.Settings.Formats)
	if err != nil {
		return nil, err
	}
	if !formats.MP4 {
		if err := j.ready(); err != nil {
			return nil, err
		}
	}
	if formats.MP4 || formats.HLS && HLSMode(rec.Settings.HLS) == HLSSingle {
		done, err := j.f.budget.uploading(ctx)
		if err != nil {
			return nil, err
		}
		defer done()
	}
	if formats.MP4 {
		told := len(j.report.Problems)
		made, err := j.writeMovies(ctx, rec, dir)
		if err == nil && rec.guessed {
			s, err = j.replan(ctx, p, s, made)
		}
		if errors.Is(err, errHeads) {
			j.report.Problems = j.report.Problems[:told] // of movies that are not the recording
		}
		if err != nil {
			return nil, err
		}
		if rec.guessed {
			rec = s.Record.forWriting()
		}
		j.takeMovies(rec, made)
	}
	var variants []Variant
	if formats.HLS {
		if variants, err = j.writePlaylists(ctx, rec, dir); err != nil {
			return nil, err
		}
	}
	if err := rec.enough(p.before(s)); err != nil {
		return nil, err
	}
	for _, u := range rec.Unmade {
		j.report.problem(rec.unmadeText(u))
	}
	raw, err := rec.encode()
	if err != nil {
		return nil, err
	}
	o, err := j.putOnce(ctx, dir+segmentsName, raw, "application/gzip")
	if err == nil {
		err = j.proving.wait()
	}
	if err != nil {
		return nil, err
	}
	// What was read back just now is not read again when the marker names it.
	there, err := decodeRecord(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", store.Printable(o.Key), err)
	}
	sum := hashHex(raw)
	j.f.records.put(o.Key, sum, there)
	return &written{
		hash: s.Hash, record: rec, list: Output{Store: o.Store, Key: o.Key, Size: o.Size, ETag: o.ETag},
		entry: MarkerSession{
			ID: rec.Session, Start: rec.Start, End: rec.End, Version: v.String(), Highest: v.N,
			Segments: sum, Formats: rec.Settings.Formats, Variants: variants, Absorbed: s.absorbed(),
		},
	}, nil
}

// before are the records of the versions that a session supersedes.
func (p *Plan) before(s *PlannedSession) []*Record {
	var out []*Record
	for _, e := range append([]*MarkerSession{s.Replaces}, s.Absorbs...) {
		if e != nil {
			out = append(out, p.committed.record[e.ID])
		}
	}
	return out
}

// absorbed are the ids of the sessions that it has taken over, sorted.
func (s *PlannedSession) absorbed() []string {
	if s.Replaces == nil {
		return nil
	}
	ids := slices.Clone(s.Replaces.Absorbed)
	for _, e := range s.Absorbs {
		ids = append(append(ids, e.ID), e.Absorbed...)
	}
	slices.Sort(ids)
	return ids
}

// forWriting is a copy whose measured columns can be changed.
func (r *Record) forWriting() *Record {
	c := *r
	c.Outputs, c.Unmade, c.because = nil, nil, nil
	c.Slots = r.Slots.clone()
	c.Renditions = slices.Clone(r.Renditions)
	for i := range c.Renditions {
		q := &c.Renditions[i]
		if q.Slots != nil {
			own := q.Slots.clone()
			q.Slots = &own
		}
		q.DurationNS = slices.Clone(q.DurationNS)
		q.StartNS = slices.Clone(q.StartNS)
		q.Source = slices.Clone(q.Source)
		q.CRC64 = slices.Clone(q.CRC64)
		q.Held, q.Single = nil, nil
	}
	return &c
}

// putOnce creates a small object that nobody may replace, and reads it back. If
// it is there already it must have the same bytes: then an earlier run, or one
// whose answer was lost, wrote it. Other bytes are errTaken.
func (j *job) putOnce(ctx context.Context, key string, body []byte, contentType string) (store.Object, error) {
	opt := store.PutOptions{IfAbsent: true, ContentType: contentType, CacheControl: immutable}
	_, putErr := j.f.cfg.Out.Put(ctx, key, body, opt)
	if err := ctx.Err(); err != nil {
		return store.Object{}, err
	}
	there, info, ok, err := readSmall(ctx, j.f.cfg.Out, key, durable)
	switch {
	case err != nil:
		return store.Object{}, errors.Join(putErr, err)
	case ok && string(there) == string(body):
		return info.Object, nil
	case ok && (putErr == nil || errors.Is(putErr, store.ErrConflict)):
		return store.Object{}, fmt.Errorf("write %s: %w", store.Printable(key), errTaken)
	case putErr != nil:
		return store.Object{}, putErr
	}
	return store.Object{}, fmt.Errorf("write %s: %w: it was written and is not there", store.Printable(key), store.ErrUnknown)
}

// Caching: a version never changes, a door does.
const (
	immutable = "public, max-age=31536000, immutable"
	brief     = "public, max-age=10"
)

func insert(sorted []int, k int) []int {
	i, ok := slices.BinarySearch(sorted, k)
	if ok {
		return sorted
	}
	return slices.Insert(sorted, i, k)
}
