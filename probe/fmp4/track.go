package fmp4

import (
	"fmt"

	"recfin/mp4"
)

// ref is where a sample is and when.
type ref struct {
	lo, size int64 // in the segment
	dts      int64 // without the shift of the track
	offset   int64 // composition time less decode time
	duration int64
	desc     uint32 // sample_description_index
	sync     bool   // by the container
	leads    bool   // it is the first of its track in its fragment
	moof     int64  // where that begins
}

// list gives the samples of a track one by one, in decode order.
type list interface {
	next(*ref) bool
	// count is how many are left at most.
	count() int64
	// uniform: all are of one size, so that few bytes may promise many samples.
	uniform() bool
}

// track is a track of the moov and what is under way of it.
type track struct {
	id        uint32
	kind      mp4.Kind // 0: neither audio nor video
	timescale uint32
	language  string
	descs     []*desc
	defaults  defaults
	shift     int64 // by the edit list, added to all times
	hides     int64 // ticks at the start of the media that the edit list leaves out
	rotation  int   // degrees clockwise

	led     int64 // number of the last fragment in which it has samples
	next    int64 // decode time behind the last fragment
	running bool  // next is known

	lists []list // described, and not yet asked for
	await *ref   // the sample that comes next, whose payload is not complete
	room  ref    // what await points to
	at    int64  // its decode time in ns
	data  []byte // what came of it
	held  queue  // complete samples that wait for their turn

	coding *coding
}

// held is a sample with its payload.
type held struct {
	ref
	at   int64 // decode time in ns
	data []byte
	lent bool // data lies in what Write was given, and not in a buffer of ours
}

// queue holds samples in decode order. Its memory is used again.
type queue struct {
	list  []held
	first int
}

func (q *queue) empty() bool { return q.first == len(q.list) }

func (q *queue) front() *held { return &q.list[q.first] }

func (q *queue) push(h held) {
	if q.first > 0 && len(q.list) == cap(q.list) {
		q.list, q.first = q.list[:copy(q.list, q.list[q.first:])], 0
	}
	q.list = append(q.list, h)
}

// forget lets go of the payload of what was taken.
func (q *queue) forget() {
	clear(q.list[:q.first])
	clear(q.list[len(q.list):cap(q.list)])
}

// pop takes the first sample. It is valid until the next push.
func (q *queue) pop() *held {
	h := q.front()
	if q.first++; q.empty() {
		q.list, q.first = q.list[:0], 0
	}
	return h
}

// refill looks up the next sample of each track that waits for none.
func (d *Demuxer) refill() error {
	for _, t := range d.movie.tracks {
		if err := d.fill(t); err != nil {
			return err
		}
	}
	return nil
}

// fill looks up the next sample of a track. Those without payload are counted.
func (d *Demuxer) fill(t *track) error {
	for t.await == nil && len(t.lists) > 0 {
		l := t.lists[0]
		if !l.next(&t.room) {
			d.stats.Truncated += l.count() // tables that end before their sizes
			t.lists = t.lists[1:]
			continue
		}
		if t.room.size == 0 {
			d.stats.Empty++
			if r, ok := l.(*run); ok && l.uniform() {
				d.stats.Empty += l.count()
				r.left = 0
			}
			continue
		}
		if t.room.size > maxSample {
			return fmt.Errorf("%w: track %d has a sample of %d bytes", ErrCorrupt, t.id, t.room.size)
		}
		if s := &t.room; !ranged(s.dts, t.timescale) || !ranged(s.dts+t.shift, t.timescale) ||
			!ranged(s.dts+t.shift+s.offset, t.timescale) {
			return t.outOfRange(s.dts)
		}
		t.await = &t.room
		t.at = nanoseconds(t.room.dts+t.shift, t.timescale)
	}
	return nil
}

// maxSample is more than any access unit has.
const maxSample = 256 << 20

func (t *track) outOfRange(dts int64) error {
	return fmt.Errorf("%w: track %d has a decode time of %d", ErrCorrupt, t.id, dts)
}

// lose gives up the sample that is awaited, and with it all of a list whose
// samples are of one size: its place is wrong.
func (d *Demuxer) lose(t *track) {
	d.stats.Truncated++
	t.await, t.data = nil, nil
	if len(t.lists) > 0 && t.lists[0].uniform() {
		d.stats.Truncated += t.lists[0].count()
		t.lists = t.lists[1:]
	}
}

// loseAll gives up everything that is described and did not come.
func (d *Demuxer) loseAll(t *track) {
	if t.await != nil {
		d.stats.Truncated++
	}
	for _, l := range t.lists {
		d.stats.Truncated += l.count()
	}
	t.await, t.data, t.lists = nil, nil, nil
}

// nanoseconds converts a time within maxSeconds.
func nanoseconds(ticks int64, scale uint32) int64 {
	n := int64(scale)
	s, r := ticks/n, ticks%n
	return s*1e9 + r*1e9/n
}
