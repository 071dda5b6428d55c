package finalize

import (
	"bufio"
	"encoding"
	"encoding/json"
	"io"
	"reflect"
	"strconv"
	"strings"
)

// writeJSON writes what json.Encoder writes, byte for byte, but piece by piece: the columns
// of a record of a million segments are 250 MB of text, which nobody needs at once.
func writeJSON(w io.Writer, v any) error {
	b := bufio.NewWriterSize(w, 64<<10)
	s := jsonStream{w: b}
	s.value(reflect.ValueOf(v))
	b.WriteByte('\n')
	if s.err != nil {
		return s.err
	}
	return b.Flush()
}

// jsonStream keeps the first error. Those of w come back when it is flushed.
type jsonStream struct {
	w     *bufio.Writer
	buf   []byte
	err   error
	comma bool // in an object: a field is there
}

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
)

func (s *jsonStream) value(v reflect.Value) {
	for v.Kind() == reflect.Pointer && !v.IsNil() && !v.Type().Implements(jsonMarshaler) && !v.Type().Implements(textMarshaler) {
		v = v.Elem()
	}
	switch {
	case v.Kind() == reflect.Struct && !v.Type().Implements(jsonMarshaler) && !v.Type().Implements(textMarshaler):
		outer := s.comma
		s.comma = false
		s.w.WriteByte('{')
		s.fields(v)
		s.w.WriteByte('}')
		s.comma = outer
	case v.Kind() == reflect.Slice && !v.IsNil() && !v.Type().Implements(jsonMarshaler) && !isBytes(v.Type()):
		s.list(v)
	default:
		s.whole(v.Interface())
	}
}

// isBytes tells what the library writes as one text of base64.
func isBytes(t reflect.Type) bool {
	e := t.Elem()
	return e.Kind() == reflect.Uint8 && !e.Implements(textMarshaler) && !e.Implements(jsonMarshaler)
}

// fields writes the fields of a struct.
func (s *jsonStream) fields(v reflect.Value) {
	jsonFields(v, func(name string, f reflect.Value) {
		if s.comma {
			s.w.WriteByte(',')
		}
		s.comma = true
		s.text(name)
		s.w.WriteByte(':')
		s.value(f)
	})
}

// jsonFields gives the fields of a struct that JSON has, by their names there: those of
// embedded ones in their place, and without those that omitempty leaves out.
func jsonFields(v reflect.Value, one func(name string, f reflect.Value)) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct {
			jsonFields(v.Field(i), one)
			continue
		}
		if !f.IsExported() || name == "-" || options == "omitempty" && empty(v.Field(i)) {
			continue
		}
		if name == "" {
			name = f.Name
		}
		one(name, v.Field(i))
	}
}

// empty is what omitempty leaves out.
func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// list writes a column.
func (s *jsonStream) list(v reflect.Value) {
	s.w.WriteByte('[')
	var one func(i int)
	switch all := v.Interface().(type) {
	case []string:
		one = func(i int) { s.text(all[i]) }
	case []int64:
		one = func(i int) { s.number(all[i]) }
	case []int:
		one = func(i int) { s.number(int64(all[i])) }
	case []bool:
		one = func(i int) { s.bytes(strconv.AppendBool(s.buf[:0], all[i])) }
	default:
		if v.Type().Elem().Implements(textMarshaler) {
			one = func(i int) {
				raw, err := v.Index(i).Interface().(encoding.TextMarshaler).MarshalText()
				s.fail(err)
				s.text(string(raw))
			}
			break
		}
		one = func(i int) { s.value(v.Index(i)) }
	}
	for i := range v.Len() {
		if i > 0 {
			s.w.WriteByte(',')
		}
		one(i)
	}
	s.w.WriteByte(']')
}

func (s *jsonStream) bytes(b []byte) {
	s.buf = b
	s.w.Write(b)
}

func (s *jsonStream) number(n int64) { s.bytes(strconv.AppendInt(s.buf[:0], n, 10)) }

// text writes a string: one of plain ASCII as it is, all others as the library does.
func (s *jsonStream) text(t string) {
	for i := range len(t) {
		if c := t[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			s.whole(t)
			return
		}
	}
	s.w.WriteByte('"')
	s.w.WriteString(t)
	s.w.WriteByte('"')
}

// whole has the library write a value.
func (s *jsonStream) whole(v any) {
	raw, err := json.Marshal(v)
	s.fail(err)
	s.w.Write(raw)
}

func (s *jsonStream) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}
