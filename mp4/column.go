package mp4

import (
	"encoding/binary"
	"sort"
)

const (
	blockBytes = 8 << 10
	maxFields  = 3
)

// record is one row of a column; it uses the first fields of it.
type record [maxFields]int64

// column is a table in memory: records of one to three numbers, each stored as
// its difference to the record before it, with as few bytes as that takes. Blocks
// have one size and are never moved, so that a table that grows is never held
// twice, and each begins anew from zero, so that any record is found quickly.
type column struct {
	fields int
	n      int
	blocks []block
	prev   record
}

type block struct {
	first int // number of its first record
	data  []byte
}

func (c *column) add(r record) {
	k := len(c.blocks) - 1
	if k < 0 || len(c.blocks[k].data)+c.fields*binary.MaxVarintLen64 > blockBytes {
		c.blocks = append(c.blocks, block{first: c.n, data: make([]byte, 0, blockBytes)})
		c.prev = record{}
		k++
	}
	data := c.blocks[k].data
	for i := range c.fields {
		data = binary.AppendVarint(data, r[i]-c.prev[i])
	}
	c.blocks[k].data = data
	c.prev = r
	c.n++
}

// cursor walks over a column. Several may walk at once.
type cursor struct {
	c     *column
	block int
	pos   int
	prev  record
}

// at gives a cursor whose next record is number i.
func (c *column) at(i int) cursor {
	k := sort.Search(len(c.blocks), func(k int) bool { return c.blocks[k].first > i }) - 1
	cur := cursor{c: c, block: max(k, 0)}
	if k >= 0 {
		for j := c.blocks[k].first; j < i; j++ {
			cur.next()
		}
	}
	return cur
}

func (cur *cursor) next() (record, bool) {
	for cur.block < len(cur.c.blocks) {
		data := cur.c.blocks[cur.block].data
		if cur.pos < len(data) {
			for i := range cur.c.fields {
				d, n := binary.Varint(data[cur.pos:])
				cur.prev[i] += d
				cur.pos += n
			}
			return cur.prev, true
		}
		cur.block, cur.pos, cur.prev = cur.block+1, 0, record{}
	}
	return record{}, false
}

// runs is a column of (count, value) pairs, as stts and ctts have them.
type runs struct {
	col          column
	count, value int64
	other        bool // a value other than 0 was added
}

func (r *runs) add(value int64) {
	r.other = r.other || value != 0
	if r.count > 0 && r.value == value {
		r.count++
		return
	}
	r.close()
	r.count, r.value = 1, value
}

// close ends the run that is open.
func (r *runs) close() {
	if r.count > 0 {
		r.col.add(record{r.count, r.value})
	}
	r.count = 0
}

// entries is the number of pairs, with the open one.
func (r *runs) entries() int {
	if r.count > 0 {
		return r.col.n + 1
	}
	return r.col.n
}

// table is a column as it stands in the file: big-endian numbers of 32 bits, or
// of 64 where wide.
type table struct {
	col  *column
	add  int64 // added to the first field
	wide bool
}

func (t *table) width() int {
	if t.wide {
		return 8 * t.col.fields
	}
	return 4 * t.col.fields
}

func (t *table) size() int64 { return int64(t.width()) * int64(t.col.n) }

// readAt fills p with the bytes from off on; both lie inside the table.
func (t *table) readAt(p []byte, off int64) {
	w := t.width()
	cur := t.col.at(int(off / int64(w)))
	skip := int(off % int64(w))
	var row [8 * maxFields]byte
	for len(p) > 0 {
		r, ok := cur.next()
		if !ok {
			return
		}
		r[0] += t.add
		for i := range t.col.fields {
			if t.wide {
				be.PutUint64(row[8*i:], uint64(r[i]))
			} else {
				be.PutUint32(row[4*i:], uint32(r[i]))
			}
		}
		p = p[copy(p, row[skip:w]):]
		skip = 0
	}
}
