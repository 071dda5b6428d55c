package fmp4

import (
	"fmt"
	"math"
)

// tables lists the samples of a track by the tables of its moov (§8.6, §8.7),
// one by one, so that a table of runs costs nothing but its bytes.
type tables struct {
	stts, ctts, stsc, stco []byte // rows that are left
	wide                   bool   // stco has 64 bits
	sizes                  []byte // rows; nil: all have the size
	size                   uint32
	stss                   []byte // rows
	keyed                  bool   // stss is there: what it does not name is no access point

	left   int64 // samples
	index  uint32
	deltas pair
	offset pair
	dts    int64

	chunk   uint32 // number of the current one, from 1
	inChunk uint32 // samples of it that are left
	per     uint32
	desc    uint32
	at      int64 // where the next sample of the chunk is
}

// pair is a run of a table.
type pair struct {
	left  uint32
	value uint32
}

// next gives the value of the next sample.
func (p *pair) next(rows *[]byte) (uint32, bool) {
	for p.left == 0 {
		if len(*rows) < 8 {
			return 0, false
		}
		p.left, p.value = be.Uint32(*rows), be.Uint32((*rows)[4:])
		*rows = (*rows)[8:]
	}
	p.left--
	return p.value, true
}

// readTables opens the tables of an stbl box; nil: they list no sample.
func readTables(stbl box, t *track) (*tables, error) {
	list := stbl.list()
	tab := &tables{}
	rows := func(typ string, width int) ([]byte, bool) {
		b := list.find(typ)
		f := fields{p: b.body}
		f.full()
		return f.rows(width), b.body != nil
	}
	tab.stts, _ = rows("stts", 8)
	tab.ctts, _ = rows("ctts", 8)
	tab.stsc, _ = rows("stsc", 12)
	tab.stss, tab.keyed = rows("stss", 4)
	tab.stco, _ = rows("stco", 4)
	if co64, ok := rows("co64", 8); ok {
		tab.stco, tab.wide = co64, true
	}
	if err := tab.readSizes(list); err != nil {
		return nil, err
	}
	if tab.left == 0 {
		return nil, nil
	}
	return tab, tab.ordered()
}

func (tab *tables) readSizes(list boxList) error {
	f := fields{p: list.find("stsz").body}
	f.full()
	if tab.size = f.u32(); tab.size > 0 {
		tab.left = int64(f.u32())
		return nil
	}
	if tab.sizes = f.rows(4); tab.sizes == nil {
		tab.sizes = compact(list.find("stz2"))
	}
	tab.left = int64(len(tab.sizes) / 4)
	return nil
}

// compact spreads the sizes of an stz2 box (§8.7.3.3), of 4, 8 or 16 bits, to 32.
func compact(b box) []byte {
	f := fields{p: b.body}
	f.full()
	f.skip(3)
	width, n := int64(f.u8()), int64(f.u32())
	if f.short || width != 4 && width != 8 && width != 16 {
		return nil
	}
	n = min(n, int64(len(f.p))*8/width)
	rows := make([]byte, 0, 4*n)
	for i := range n {
		at := i * width / 8
		v := uint32(f.p[at])
		switch {
		case width == 16:
			v = v<<8 | uint32(f.p[at+1])
		case width == 4 && i%2 == 0:
			v >>= 4
		case width == 4:
			v &= 15
		}
		rows = be.AppendUint32(rows, v)
	}
	return rows
}

// ordered checks that the chunks follow each other in the file: the media goes
// by once.
func (tab *tables) ordered() error {
	before := int64(-1)
	for rows := tab.stco; len(rows) > 0; {
		var off int64
		if off, rows = tab.offsetOf(rows); off < before {
			return fmt.Errorf("%w: its chunks are not in the order of the file", ErrCorrupt)
		}
		before = off
	}
	return nil
}

// offsetOf reads the first chunk offset of rows.
func (tab *tables) offsetOf(rows []byte) (int64, []byte) {
	if tab.wide {
		return int64(min(be.Uint64(rows), math.MaxInt64/2)), rows[8:]
	}
	return int64(be.Uint32(rows)), rows[4:]
}

func (tab *tables) count() int64 { return tab.left }

func (tab *tables) uniform() bool { return tab.size > 0 }

// next gives the next sample; false: there is none, or the tables end early.
func (tab *tables) next(r *ref) bool {
	if tab.left == 0 || !tab.nextChunk() {
		return false
	}
	tab.left--
	tab.inChunk--
	tab.index++
	*r = ref{lo: tab.at, size: int64(tab.size), dts: tab.dts, desc: tab.desc, sync: !tab.keyed}
	if tab.size == 0 {
		r.size = int64(be.Uint32(tab.sizes))
		tab.sizes = tab.sizes[4:]
	}
	tab.at += r.size
	delta, _ := tab.deltas.next(&tab.stts)
	r.duration = int64(delta)
	tab.dts += r.duration
	offset, _ := tab.offset.next(&tab.ctts)
	r.offset = int64(int32(offset)) // version 0 has no sign, but no real offset needs the bit
	if len(tab.stss) > 0 && be.Uint32(tab.stss) == tab.index {
		tab.stss, r.sync = tab.stss[4:], true
	}
	return true
}

// nextChunk goes on to a chunk that has a sample left.
func (tab *tables) nextChunk() bool {
	for tab.inChunk == 0 {
		if len(tab.stco) == 0 {
			return false
		}
		tab.at, tab.stco = tab.offsetOf(tab.stco)
		tab.chunk++
		if len(tab.stsc) > 0 && be.Uint32(tab.stsc) <= tab.chunk {
			tab.per, tab.desc = be.Uint32(tab.stsc[4:]), be.Uint32(tab.stsc[8:])
			tab.stsc = tab.stsc[12:]
		}
		tab.inChunk = tab.per
	}
	return true
}
