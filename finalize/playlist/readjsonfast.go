package playlist

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// jsonScan reads a Livepeer playlist of the form that its writer gives it: fields by their
// very names, texts of plain ASCII, whole numbers. A day of one rendition is 43,200
// entries, and the decoder of the library takes most of the time of a plan. ok is
// false for all else, right or wrong: then that decides.
type jsonScan struct {
	text string
	at   int
	out  *Sidecar
}

// fastLivepeer reads what ReadLivepeer reads, if it has the usual form.
func fastLivepeer(raw []byte) (s *Sidecar, ok bool) {
	r := &jsonScan{text: string(raw), out: &Sidecar{}}
	if n := bytes.Count(raw, []byte(`"uri"`)); n > 0 && n <= maxEntries {
		r.out.Entries = make([]Entry, 0, n)
	}
	known := false
	ok = r.object(func(field string) bool {
		switch field {
		case "duration_ms":
			known = true
			_, ok := r.number()
			return ok
		case "tracks":
			known = true
			return r.skip()
		case "segments":
			known = true
			return r.object(r.track)
		}
		return false
	})
	r.blanks()
	if !ok || !known || r.at != len(r.text) {
		return nil, false
	}
	return r.out, true
}

// track reads the entries of a track.
func (r *jsonScan) track(name string) bool {
	return r.list('[', ']', func() bool {
		e := Entry{Track: name, Numbered: true}
		var had [3]bool
		once := func(k int) bool {
			again := had[k]
			had[k] = true
			return !again
		}
		if !r.object(func(field string) (ok bool) {
			switch field {
			case "seq_no":
				e.Seq, ok = r.number()
				return ok && once(0)
			case "uri":
				e.URI, ok = r.word()
				return ok && once(1)
			case "duration_ms":
				var ms int64
				ms, ok = r.number()
				e.Duration = time.Duration(ms) * time.Millisecond
				return ok && once(2) && ms <= 1e12
			}
			return false
		}) {
			return false
		}
		if e.URI != "" {
			r.out.Entries = append(r.out.Entries, e)
		}
		return len(r.out.Entries) < maxEntries
	})
}

func (r *jsonScan) blanks() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return
		}
	}
}

// take takes a byte behind blanks, if it is the next.
func (r *jsonScan) take(c byte) bool {
	r.blanks()
	if r.at < len(r.text) && r.text[r.at] == c {
		r.at++
		return true
	}
	return false
}

// list reads elements between two brackets.
func (r *jsonScan) list(open, end byte, element func() bool) bool {
	if !r.take(open) {
		return false
	}
	if r.take(end) {
		return true
	}
	for element() {
		if r.take(end) {
			return true
		}
		if !r.take(',') {
			return false
		}
	}
	return false
}

// object reads an object; field has to read the value.
func (r *jsonScan) object(field func(name string) bool) bool {
	return r.list('{', '}', func() bool {
		name, ok := r.word()
		return ok && r.take(':') && field(name)
	})
}

// word reads a text of printable ASCII without escapes.
func (r *jsonScan) word() (string, bool) {
	if !r.take('"') {
		return "", false
	}
	for from := r.at; r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; {
		case c == '"':
			r.at++
			return r.text[from : r.at-1], true
		case c < ' ' || c > '~' || c == '\\':
			return "", false
		}
	}
	return "", false
}

// number reads a whole number of at most 18 digits.
func (r *jsonScan) number() (int64, bool) {
	r.blanks()
	n, from := int64(0), r.at
	for ; r.at < len(r.text) && r.at-from < 19; r.at++ {
		c := r.text[r.at]
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + int64(c-'0')
	}
	digits := r.at - from
	return n, digits > 0 && digits < 19 && (digits == 1 || r.text[from] != '0')
}

// skip passes over a value that the library can read.
func (r *jsonScan) skip() bool {
	d := json.NewDecoder(strings.NewReader(r.text[r.at:]))
	var v json.RawMessage
	if d.Decode(&v) != nil {
		return false
	}
	r.at += int(d.InputOffset())
	return true
}
