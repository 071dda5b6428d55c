package mp4

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	gomp4 "github.com/abema/go-mp4"
)

var be = binary.BigEndian

// appendBox appends a box with a 32-bit size.
func appendBox(dst []byte, typ string, parts ...[]byte) []byte {
	n := 8
	for _, p := range parts {
		n += len(p)
	}
	dst = be.AppendUint32(dst, uint32(n))
	dst = append(dst, typ...)
	for _, p := range parts {
		dst = append(dst, p...)
	}
	return dst
}

// fields gives the content of a small box without its header. It is slow and
// allocates, so no table goes through it.
func fields(b gomp4.IImmutableBox) ([]byte, error) {
	var buf bytes.Buffer
	if _, err := gomp4.Marshal(&buf, b, gomp4.Context{}); err != nil {
		return nil, fmt.Errorf("encode %s: %w", b.GetType(), err)
	}
	return buf.Bytes(), nil
}

// node is a box before it has an offset: fixed bytes, then a table or further
// boxes. The size of a box is known only when the kind of all tables in it is.
type node struct {
	typ  string
	data []byte
	tab  *table
	kids []*node
}

func (n *node) size() int64 {
	s := 8 + int64(len(n.data))
	if n.tab != nil {
		s += n.tab.size()
	}
	for _, k := range n.kids {
		s += k.size()
	}
	return s
}

// nodes collects small boxes and keeps the first error.
type nodes struct {
	err error
}

func (ns *nodes) small(b gomp4.IImmutableBox, kids ...*node) *node {
	data, err := fields(b)
	if ns.err == nil {
		ns.err = err
	}
	return &node{typ: b.GetType().String(), data: data, kids: kids}
}

func group(typ string, kids ...*node) *node { return &node{typ: typ, kids: kids} }

// tableNode is a full box that holds a count and a table.
func tableNode(typ string, tab *table) *node {
	return &node{typ: typ, data: be.AppendUint32(make([]byte, 4, 8), uint32(tab.col.n)), tab: tab}
}

// section is a run of bytes of the head: fixed or made from a table.
type section struct {
	off  int64
	data []byte
	tab  *table
}

func (s *section) size() int64 {
	if s.tab != nil {
		return s.tab.size()
	}
	return int64(len(s.data))
}

// sections lays nodes out one behind the other.
type sections struct {
	list []section
	end  int64
}

func (s *sections) bytes(p []byte) {
	if k := len(s.list); k > 0 && s.list[k-1].tab == nil {
		s.list[k-1].data = append(s.list[k-1].data, p...)
	} else {
		s.list = append(s.list, section{off: s.end, data: append([]byte(nil), p...)})
	}
	s.end += int64(len(p))
}

func (s *sections) add(n *node) error {
	size := n.size()
	if size > math.MaxUint32 {
		return fmt.Errorf("%s of %d bytes: %w", n.typ, size, ErrRange)
	}
	s.bytes(append(be.AppendUint32(nil, uint32(size)), n.typ...))
	s.bytes(n.data)
	if n.tab != nil && n.tab.size() > 0 {
		s.list = append(s.list, section{off: s.end, tab: n.tab})
		s.end += n.tab.size()
	}
	for _, k := range n.kids {
		if err := s.add(k); err != nil {
			return err
		}
	}
	return nil
}
