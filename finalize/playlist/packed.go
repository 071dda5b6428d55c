package playlist

import (
	"math"
	"slices"
	"strings"
	"time"
)

// Packed is a [Sidecar] that is kept: some 25 bytes an entry of the usual kind, instead
// of two hundred. It says the same.
type Packed struct {
	Ended    bool
	Children []Child
	Event    *Event

	dirs  []string // URIs up to the last slash
	track []string // like dirs
	names string   // what is behind the slashes, one after the other
	rows  []packedEntry
	walls []int64          // Unix time in ns, noWall: unknown; nil: none is known
	seqs  []packedSeq      // where numbers do not go on by one
	odd   map[int32]*Entry // of those that have more: marks, part and init segment
	maps  bool             // some entry has an init segment
}

type packedEntry struct {
	end      uint32 // of the name in names
	dir      int32
	duration time.Duration
}

// packedSeq says that the numbers go on from seq at an entry.
type packedSeq struct {
	at       int32
	numbered bool
	seq      int64
}

const noWall = math.MinInt64

// Pack packs a sidecar. Its texts are copied, so what it was read from is free.
func (s *Sidecar) Pack() *Packed {
	k := newPacker(len(s.Entries))
	k.Ended, k.Children, k.Event = s.Ended, s.Children, s.Event
	for i := range s.Entries {
		e := &s.Entries[i]
		pack(k, e.Track, e.URI, e.Duration)
		k.maps = k.maps || e.Map != nil
		k.number(i, e.Numbered, e.Seq)
		if k.date(i, e, len(s.Entries)); e.Discontinuity || e.Gap || e.Range != (ByteRange{}) || e.Map != nil {
			if k.odd == nil {
				k.odd = map[int32]*Entry{}
			}
			k.odd[int32(i)] = &Entry{Discontinuity: e.Discontinuity, Gap: e.Gap, Range: e.Range, Map: e.Map}
		}
	}
	return k.packed()
}

// packer packs entries one after the other.
type packer struct {
	*Packed
	names []byte
	known map[packedDir]int32
	last  packedDir
	at    int32 // number of last; -1: there is none
}

type packedDir struct{ track, dir string }

func newPacker(entries int) *packer {
	return &packer{Packed: &Packed{rows: make([]packedEntry, 0, entries)}, known: map[packedDir]int32{}, at: -1}
}

// packed is what was packed.
func (k *packer) packed() *Packed {
	k.Packed.names, k.rows = string(k.names), slices.Clip(k.rows)
	return k.Packed
}

// pack adds an entry that has no more than a URI and a length. Its texts are copied.
func pack[T string | []byte](k *packer, track string, uri T, d time.Duration) {
	cut := len(uri)
	for cut > 0 && uri[cut-1] != '/' {
		cut--
	}
	if dir := uri[:cut]; k.at < 0 || track != k.last.track || string(dir) != k.last.dir {
		f := packedDir{strings.Clone(track), strings.Clone(string(dir))}
		at, ok := k.known[f]
		if !ok {
			at = int32(len(k.dirs))
			k.known[f] = at
			k.dirs, k.track = append(k.dirs, f.dir), append(k.track, f.track)
		}
		k.last, k.at = f, at
	}
	k.names = append(k.names, uri[cut:]...)
	k.rows = append(k.rows, packedEntry{uint32(len(k.names)), k.at, d})
}

// number takes the number of an entry.
func (p *Packed) number(i int, numbered bool, seq int64) {
	if n := len(p.seqs); n > 0 {
		q := &p.seqs[n-1]
		want := int64(0)
		if q.numbered {
			want = q.seq + int64(i) - int64(q.at)
		}
		if q.numbered == numbered && want == seq {
			return
		}
	}
	p.seqs = append(p.seqs, packedSeq{int32(i), numbered, seq})
}

// date takes the wall time of an entry. What int64 cannot count is unknown to all.
func (p *Packed) date(i int, e *Entry, all int) {
	if y := e.Wall.Year(); e.Wall.IsZero() || y < 1678 || y >= 2262 {
		if p.walls != nil {
			p.walls[i] = noWall
		}
		return
	}
	if p.walls == nil {
		p.walls = make([]int64, all)
		for k := range i {
			p.walls[k] = noWall
		}
	}
	p.walls[i] = e.Wall.UnixNano()
}

// Len is how many entries there are.
func (p *Packed) Len() int { return len(p.rows) }

// Maps tells whether some entry has an init segment.
func (p *Packed) Maps() bool { return p.maps }

// Name gives the URI of an entry in two parts: the number of a folder, for Folder, and
// what is behind the last slash.
func (p *Packed) Name(i int) (folder int, name string) {
	from := uint32(0)
	if i > 0 {
		from = p.rows[i-1].end
	}
	return int(p.rows[i].dir), p.names[from:p.rows[i].end]
}

// Folder is a URI up to its last slash, which is part of it; empty: it has none.
func (p *Packed) Folder(n int) string { return p.dirs[n] }

// Folders is how many there are.
func (p *Packed) Folders() int { return len(p.dirs) }

// Entry gives an entry without its URI and Track, which [Packed.URI] has, and without
// the number, which [Packed.Seq] has.
func (p *Packed) Entry(i int) Entry {
	var e Entry
	if odd := p.odd[int32(i)]; odd != nil {
		e = *odd
	}
	e.Duration = p.rows[i].duration
	if p.walls != nil && p.walls[i] != noWall {
		e.Wall = time.Unix(0, p.walls[i]).UTC()
	}
	return e
}

// URI is that of an entry, as written.
func (p *Packed) URI(i int) string {
	folder, name := p.Name(i)
	return p.dirs[folder] + name
}

// Seq is the number of an entry.
func (p *Packed) Seq(i int) (seq int64, numbered bool) {
	lo, hi := 0, len(p.seqs)
	for lo+1 < hi {
		if mid := (lo + hi) / 2; int(p.seqs[mid].at) <= i {
			lo = mid
		} else {
			hi = mid
		}
	}
	q := &p.seqs[lo]
	if !q.numbered {
		return 0, false
	}
	return q.seq + int64(i) - int64(q.at), true
}

// Unpack gives the sidecar.
func (p *Packed) Unpack() *Sidecar {
	s := &Sidecar{Ended: p.Ended, Children: p.Children, Event: p.Event, Entries: slices.Grow([]Entry(nil), len(p.rows))}
	for i := range p.rows {
		e := p.Entry(i)
		e.URI, e.Track = p.URI(i), p.track[p.rows[i].dir]
		e.Seq, e.Numbered = p.Seq(i)
		s.Entries = append(s.Entries, e)
	}
	return s
}
