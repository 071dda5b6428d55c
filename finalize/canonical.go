package finalize

import (
	"encoding"
	"encoding/binary"
	"encoding/json"
	"hash"
	"reflect"
	"time"
)

// canonicalForm begins what is hashed. Another form of it needs another name: two
// forms must never say the same of different plans.
const canonicalForm = "recfin/plan/1\n"

// hashValue writes a value of fixed fields into a hash, so that it is written alike only
// if it is equal: each value with its kind and length, and each field by its name, as
// [jsonFields] gives them. An empty field that JSON leaves out is left out here too, so a
// field that is added later changes no hash of a value that does not have it. A list that
// is nil and one that is empty are equal. Lists of numbers and of texts are written as
// what differs from row to row: a million segments are four columns of text and six of
// numbers, of which most rows are like the one before.
func hashValue(h hash.Hash, v any) {
	c := canonical{to: h, buf: make([]byte, 0, canonicalBuffer)}
	c.buf = append(c.buf, canonicalForm...)
	c.value(reflect.ValueOf(v))
	c.flush()
}

// canonicalBuffer is how many bytes are hashed at a time.
const canonicalBuffer = 32 << 10

// canonical is a value on its way into a hash.
type canonical struct {
	to  hash.Hash
	buf []byte
}

// Kinds of values, each with what follows it.
const (
	canonNothing = 'n'
	canonStruct  = 's' // name and value of each field; an empty name
	canonList    = 'l' // how many, values
	canonTexts   = 't' // how many; see row
	canonNumbers = 'i' // how many; the difference of each to the one before
	canonText    = '"' // length, bytes
	canonNumber  = '#' // varint
	canonTime    = '@' // seconds since 1970, ns
	canonBool    = 'b' // 0 or 1
	canonJSON    = 'j' // length, bytes: anything else
)

// room flushes the buffer unless so many bytes fit into it.
func (c *canonical) room(n int) {
	if len(c.buf)+n > canonicalBuffer {
		c.flush()
	}
}

func (c *canonical) flush() {
	c.to.Write(c.buf)
	c.buf = c.buf[:0]
}

func (c *canonical) kind(k byte) {
	c.room(1)
	c.buf = append(c.buf, k)
}

func (c *canonical) count(n int) {
	c.room(binary.MaxVarintLen64)
	c.buf = binary.AppendUvarint(c.buf, uint64(n))
}

func (c *canonical) number(n int64) {
	c.room(binary.MaxVarintLen64)
	c.buf = binary.AppendVarint(c.buf, n)
}

func (c *canonical) text(s string) {
	c.count(len(s))
	c.room(len(s))
	c.buf = append(c.buf, s...)
}

// value writes a value with its kind.
func (c *canonical) value(v reflect.Value) {
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		t := v.Interface().(time.Time)
		c.kind(canonTime)
		c.number(t.Unix())
		c.number(int64(t.Nanosecond()))
	case v.Kind() == reflect.Pointer:
		c.kind(canonNothing)
	case v.Type().Implements(textMarshaler) && !v.Type().Implements(jsonMarshaler):
		c.kind(canonText)
		c.text(marshaledText(v))
	case v.Type().Implements(jsonMarshaler):
		c.other(v)
	case v.Kind() == reflect.Struct:
		c.kind(canonStruct)
		jsonFields(v, func(name string, f reflect.Value) {
			c.text(name)
			c.value(f)
		})
		c.text("")
	case v.Kind() == reflect.Slice:
		c.list(v)
	case v.Kind() == reflect.String:
		c.kind(canonText)
		c.text(v.String())
	case v.Kind() == reflect.Bool:
		c.kind(canonBool)
		c.count(bit(v.Bool()))
	case v.CanInt():
		c.kind(canonNumber)
		c.number(v.Int())
	default:
		c.other(v)
	}
}

// other writes what has no form of its own here: nothing that a segment has one of.
func (c *canonical) other(v reflect.Value) {
	raw, err := json.Marshal(v.Interface())
	if err != nil {
		raw = []byte(err.Error()) // fixed fields can be encoded
	}
	c.kind(canonJSON)
	c.text(string(raw))
}

// list writes a list, columns of a million rows without a look at the type of each.
func (c *canonical) list(v reflect.Value) {
	switch all := v.Interface().(type) {
	case []string:
		c.texts(len(all), func(i int) string { return all[i] })
		return
	case []int64:
		writeNumbers(c, all)
		return
	case []int:
		writeNumbers(c, all)
		return
	}
	if e := v.Type().Elem(); e.Kind() == reflect.Uint8 && e.Implements(textMarshaler) {
		var words [256]string // of an enumeration, each asked for once
		numbers := v.Bytes()
		c.texts(len(numbers), func(i int) string {
			w := &words[numbers[i]]
			if *w == "" {
				*w = marshaledText(v.Index(i))
			}
			return *w
		})
		return
	}
	c.kind(canonList)
	c.count(v.Len())
	for i := range v.Len() {
		c.value(v.Index(i))
	}
}

// texts writes a column: 0 for a text that is equal to the one before (the first: to the
// empty one), else its length and 1, and its bytes.
func (c *canonical) texts(n int, at func(int) string) {
	c.kind(canonTexts)
	c.count(n)
	before := ""
	for i := range n {
		s := at(i)
		if s == before {
			c.count(0)
			continue
		}
		c.count(len(s) + 1)
		c.room(len(s))
		c.buf = append(c.buf, s...)
		before = s
	}
}

// writeNumbers writes a column as the difference of each to the one before, modulo 2^64.
func writeNumbers[T int | int64](c *canonical, all []T) {
	c.kind(canonNumbers)
	c.count(len(all))
	before := int64(0)
	for _, n := range all {
		c.number(int64(n) - before)
		before = int64(n)
	}
}

// marshaledText is the text of a value that marshals to one: of an enumeration it stays
// the same where its numbers do not.
func marshaledText(v reflect.Value) string {
	raw, err := v.Interface().(encoding.TextMarshaler).MarshalText()
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
