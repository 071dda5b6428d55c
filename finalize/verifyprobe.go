package finalize

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"recfin/finalize/timeline"
	"recfin/internal/bug"
	"recfin/mp4"
	"recfin/probe"
	"recfin/store"
)

// Of the segments of a playlist a sample is read: the first, the last, both sides of
// each discontinuity and gap, and evenly one of a hundred with the one behind it.
const (
	sampleEvery = 100
	sampleLeast = 3
	// sampleMost bounds the sides of discontinuities: a stream that breaks at each
	// segment is read by a sample too.
	sampleMost = 400
)

// sample gives the segments of a playlist that are read, in order.
func (m *mediaFile) sample() []int {
	n := len(m.text.Segments)
	takes := map[int]bool{}
	take := func(i int) {
		if i >= 0 && i < n && m.readable(i) {
			takes[i] = true
		}
	}
	var sides []int
	first, last := -1, -1
	for i := range m.text.Segments {
		s := &m.text.Segments[i]
		if i > 0 && (s.Discontinuity || s.Gap || m.text.Segments[i-1].Gap) {
			sides = append(sides, i)
		}
		if m.readable(i) {
			last = i
			if first < 0 {
				first = i
			}
		}
	}
	step := max(1, (len(sides)+sampleMost-1)/sampleMost)
	for k := 0; k < len(sides); k += step {
		take(sides[k] - 1)
		take(sides[k])
	}
	take(first)
	take(last)
	for k, count := 1, max(sampleLeast, n/sampleEvery); k <= count; k++ {
		i := int(int64(k) * int64(n) / int64(count+1))
		take(i)
		take(i + 1)
	}
	out := make([]int, 0, len(takes))
	for i := range takes {
		out = append(out, i)
	}
	slices.Sort(out)
	return out
}

// toProbe is how many segments of a playlist probe reads.
func (r *reading) toProbe(m *mediaFile) int64 {
	switch {
	case m.text == nil || m.text.IFramesOnly:
		return 0
	case r.opt.Deep:
		return int64(len(m.text.Segments))
	}
	return int64(len(m.sample()))
}

// probe reads segments of a playlist and holds what they are against what it says.
func (r *reading) probe(ctx context.Context, m *mediaFile) error {
	w := &stroll{reading: r, m: m}
	done := r.j.counting(StageVerify, m.key, r.toProbe(m), UnitSegments)
	if r.opt.Deep {
		if err := r.readAll(ctx, m, func(i int, g *glimpse) {
			w.take(i, g)
			done.add(1)
		}); err != nil {
			return err
		}
	} else {
		sample := m.sample()
		seen := make([]*glimpse, len(sample))
		g, ctx := bug.WithContext(ctx)
		g.SetLimit(r.j.f.cfg.Concurrency)
		for n, i := range sample {
			g.Go(func() (err error) {
				seen[n], err = r.readHead(ctx, m, i)
				done.add(1)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
		r.seen.Probed += len(sample)
		for n, i := range sample {
			w.take(i, seen[n])
		}
	}
	w.take(-1, nil)
	return nil
}

// options are how segment i of a playlist is measured: as the part of its object
// that it is, with its init segment.
func (r *reading) options(ctx context.Context, m *mediaFile, i int) (probe.Options, error) {
	s := &m.text.Segments[i]
	opt := probe.Options{Off: s.Range.Offset, Len: s.Range.Length}
	if s.Map == nil || m.maps[i] == "" {
		return opt, nil
	}
	init, err := r.initSegment(ctx, m, i)
	opt.Init = init
	return opt, err
}

// readHead measures the head of a segment. nil: it cannot be read, which is found.
func (r *reading) readHead(ctx context.Context, m *mediaFile, i int) (*glimpse, error) {
	opt, err := r.options(ctx, m, i)
	if err != nil {
		return nil, err
	}
	media, err := probe.Head(ctx, r.j.f.cfg.Out, r.there[m.keys[i]], opt)
	return r.measured(m, i, media, err)
}

// measured is what is seen of a segment. What the store says is an error, what is
// said of the bytes is found.
func (r *reading) measured(m *mediaFile, i int, media *probe.Media, err error) (*glimpse, error) {
	switch {
	case err == nil && media.Empty:
		r.find(ruleProbe, m.at(r, i), "%s: it has 0 bytes", store.Printable(m.keys[i]))
	case err == nil:
		return glimpseOf(i, media), nil
	case errors.Is(err, probe.ErrUnreadable), errors.Is(err, probe.ErrUndecodable), errors.Is(err, probe.ErrNeedsInit):
		r.find(ruleProbe, m.at(r, i), "%s", err)
	case errors.Is(err, store.ErrArchived):
		r.find(ruleProbe, m.at(r, i), "%s: it lies in an archive and must be restored before it can be played", store.Printable(m.keys[i]))
	case errors.Is(err, store.ErrNotExist):
		return nil, fmt.Errorf("%w: %w", store.ErrChanged, err) // it was there a moment ago
	default:
		return nil, err
	}
	return nil, nil
}

// readAll reads every segment of a playlist in order, and all of it.
func (r *reading) readAll(ctx context.Context, m *mediaFile, take func(int, *glimpse)) error {
	var pieces []piece
	var of []int
	for i := range m.text.Segments {
		if m.readable(i) {
			x := m.text.Segments[i].Range
			pieces, of = append(pieces, piece{r.there[m.keys[i]], timeline.Range{Offset: x.Offset, Length: x.Length}}), append(of, i)
		}
	}
	return r.j.f.fetch(ctx, pieces, func(n int, body content) error {
		i := of[n]
		opt, err := r.options(ctx, m, i)
		if err != nil {
			return err
		}
		r.seen.Probed++
		media, err := probe.File(body, probe.Options{Init: opt.Init})
		if err == nil || errors.Is(err, probe.ErrUnreadable) || errors.Is(err, probe.ErrUndecodable) || errors.Is(err, probe.ErrNeedsInit) {
			if _, err := io.Copy(io.Discard, body); err != nil {
				return err
			}
			r.summed(m, i, pieces[n], body.Sum64(), opt.Init)
		}
		if err != nil { // no verdict rests on one read
			media, err = probe.Whole(ctx, r.j.f.cfg.Out, pieces[n].Object, opt)
		}
		seen, err := r.measured(m, i, media, err)
		if err == nil {
			take(i, seen)
		}
		return err
	})
}

// summed holds the checksum of a segment that was read in full against that of the
// segment that was finalized, and of the output that it is.
func (r *reading) summed(m *mediaFile, i int, x piece, sum uint64, init []byte) {
	whole := x.bytes() == x.Size
	if o := r.outputOf(m.keys[i]); o != nil && whole {
		if want, ok := o.crc(); ok {
			if want != crcText(sum) && r.intact[o.Key] {
				r.find(ruleOutputContent, at{session: r.e.ID, object: o.Key}, "its bytes are not those that were written")
			}
			r.summedUp[o.Key] = true
			return
		}
	}
	q, row := m.row(i)
	if q == nil || row >= len(q.CRC64) || q.CRC64[row] == "" || q.Single != nil {
		return
	}
	if n := int64(len(init)); row < len(q.Header) && q.Header[row] > 0 && q.Header[row] == n {
		head := newCRC()
		_, _ = head.Write(init) // a hash cannot refuse bytes
		sum = store.CombineCRC64(head.Sum64(), sum, x.bytes())
	} else if x.bytes() != q.rowBytes(row) {
		return
	}
	if q.CRC64[row] != crcText(sum) {
		r.find(ruleProbeSum, m.at(r, i), "%s: its bytes are not those that were finalized", store.Printable(m.keys[i]))
	}
}

// initSegment reads the init segment of segment i, and holds it against the record.
func (r *reading) initSegment(ctx context.Context, m *mediaFile, i int) ([]byte, error) {
	s := m.text.Segments[i].Map
	id := mapID{m.maps[i], s.Range.Offset, s.Range.Length}
	r.mu.Lock()
	raw, ok := r.inits[id]
	r.mu.Unlock()
	if !ok {
		o := r.there[id.key]
		x := piece{o, timeline.Range{Offset: id.offset, Length: id.length}}
		if x.bytes() > maxSmall || x.part.Offset+x.bytes() > o.Size {
			return nil, nil // said of the reference
		}
		var err error
		if raw, _, err = r.j.f.readPiece(ctx, x, make([]byte, x.bytes())); err != nil {
			if errors.Is(err, store.ErrNotExist) {
				err = fmt.Errorf("%w: %w", store.ErrChanged, err)
			}
			return nil, err
		}
		if id.key != m.keys[i] { // one that each segment brings itself is read once
			r.mu.Lock()
			r.inits[id] = raw
			r.mu.Unlock()
		}
	}
	if q, row := m.row(i); q != nil {
		if n := q.initNumber(row); n > 0 && hashHex(raw) != r.rec.Inits.SHA256[n-1] && r.firstOf(id) {
			r.find(ruleProbeInit, at{session: r.e.ID, object: m.key, line: s.Line}, "%s: it is not the init segment that was finalized", store.Printable(id.key))
		}
	}
	return raw, nil
}

// firstOf reports whether nothing was found of an init segment yet.
func (r *reading) firstOf(id mapID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.blamed[id]
	r.blamed[id] = true
	return !was
}

// stroll goes along a playlist and holds what is seen of its segments against it.
type stroll struct {
	*reading
	m    *mediaFile
	prev *glimpse
}

// take takes what is seen of segment i; nil: nothing. Those before come first.
func (w *stroll) take(i int, g *glimpse) {
	p := w.prev
	w.prev = g
	if p != nil {
		next := g
		if g == nil || i != p.i+1 || w.m.text.Segments[i].Discontinuity {
			next = nil
		}
		w.lasts(p, next)
	}
	if g != nil {
		w.claims(g)
	}
}

// lasts holds the duration of a segment against its EXTINF. next is the one behind
// it, where that was seen and nothing says that it does not follow at once.
func (w *stroll) lasts(g, next *glimpse) {
	inf, where := w.m.text.Segments[g.i].Duration, w.m.at(w.reading, g.i)
	key := store.Printable(w.m.keys[g.i])
	if next == nil {
		if g.exact && (g.lasts-inf).Abs() > g.slack() {
			w.find(ruleProbeDuration, where, "%s lasts %s, and its EXTINF is %s", key, g.lasts.Round(time.Microsecond), inf)
		}
		return
	}
	if what := g.changes(next); what != "" {
		w.find(ruleProbeJoin, w.m.at(w.reading, next.i), "%s from the segment before, and no EXT-X-DISCONTINUITY says so", what)
		return
	}
	until, told := g.until(next, inf)
	slack := max(g.slack(), next.slack())
	switch {
	case told && (until-inf).Abs() <= slack:
	case told && g.exact && (g.lasts-inf).Abs() <= slack:
		if (until - g.lasts).Abs() > slack {
			w.find(ruleProbeJoin, w.m.at(w.reading, next.i), "its timestamps begin %s behind those of the segment before, which lasts %s, and no EXT-X-DISCONTINUITY says so", until.Round(time.Microsecond), g.lasts.Round(time.Microsecond))
		}
	case told:
		w.find(ruleProbeDuration, where, "%s lasts %s until the next one begins, and its EXTINF is %s", key, until.Round(time.Microsecond), inf)
	case g.exact && (g.lasts-inf).Abs() > slack:
		w.find(ruleProbeDuration, where, "%s lasts %s, and its EXTINF is %s", key, g.lasts.Round(time.Microsecond), inf)
	}
}

// claims holds what the playlists claim of all segments against one of them.
func (w *stroll) claims(g *glimpse) {
	where, key := w.m.at(w.reading, g.i), store.Printable(w.m.keys[g.i])
	if w.m.independent && g.pictures() && g.access != mp4.Sync {
		w.find(ruleProbeAccess, where, "%s does not begin with an IDR picture", key)
	}
	for i := range g.tracks {
		t := &g.tracks[i]
		for _, v := range w.m.claims {
			if t.codecs != "" && v.codecs != "" && !slices.Contains(split(v.codecs), t.codecs) {
				w.find(ruleProbeCodecs, where, "%s holds %s, and CODECS is %q", key, t.codecs, v.codecs)
			}
			if v.width > 0 && (t.width > v.width || t.height > v.height) {
				w.find(ruleProbeSize, where, "%s has pictures of %dx%d, and RESOLUTION is %dx%d", key, t.width, t.height, v.width, v.height)
			}
		}
	}
}
