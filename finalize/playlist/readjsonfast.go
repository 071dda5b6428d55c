package playlist

import (
	"bytes"
	"encoding/json"
	"time"
)

// jsonScan reads a Livepeer playlist of the form that its writer gives it: fields by their
// very names, texts of plain ASCII, whole numbers. A day of one rendition is 43,200
// entries, and the decoder of the library takes most of the time of a plan. ok is
// false for all else, right or wrong: then that decides.
type jsonScan struct {
	text []byte
	at   int
	out  *packer
}

// leastEntry is how many bytes an entry with a URI has at least: {"uri":"0"} and a comma.
const leastEntry = 12

// fastLivepeer reads what ReadLivepeer reads, if it has the usual form.
func fastLivepeer(raw []byte) (s *Packed, ok bool) {
	entries := min(bytes.Count(raw, []byte{'{'}), len(raw)/leastEntry, maxEntries)
	r := &jsonScan{text: raw, out: newPacker(entries)}
	known := false
	ok = r.object(func(field []byte) bool {
		switch string(field) {
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
	return r.out.packed(), true
}

// track reads the entries of a track.
func (r *jsonScan) track(name []byte) bool {
	track := string(name)
	return r.list('[', ']', func() bool { return r.entry(track) && r.out.Len() < maxEntries })
}

// entry reads a segment. It is the one thing of which there are very many.
func (r *jsonScan) entry(track string) bool {
	var seq, ms int64
	var uri []byte
	var hadSeq, hadURI, hadMS bool
	if !r.take('{') {
		return false
	}
	for more := !r.take('}'); more; more = !r.take('}') {
		if (hadSeq || hadURI || hadMS) && !r.take(',') {
			return false
		}
		field, ok := r.word()
		if !ok || !r.take(':') {
			return false
		}
		switch string(field) {
		case "seq_no":
			seq, ok = r.number()
			ok, hadSeq = ok && !hadSeq, true
		case "uri":
			uri, ok = r.word()
			ok, hadURI = ok && !hadURI, true
		case "duration_ms":
			ms, ok = r.number()
			ok, hadMS = ok && !hadMS && ms <= 1e12, true
		default:
			ok = false
		}
		if !ok {
			return false
		}
	}
	if len(uri) > 0 {
		r.out.number(r.out.Len(), true, seq)
		pack(r.out, track, uri, time.Duration(ms)*time.Millisecond)
	}
	return true
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
func (r *jsonScan) object(field func(name []byte) bool) bool {
	return r.list('{', '}', func() bool {
		name, ok := r.word()
		return ok && r.take(':') && field(name)
	})
}

// word reads a text of printable ASCII without escapes.
func (r *jsonScan) word() ([]byte, bool) {
	if !r.take('"') {
		return nil, false
	}
	for from := r.at; r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; {
		case c == '"':
			r.at++
			return r.text[from : r.at-1], true
		case c < ' ' || c > '~' || c == '\\':
			return nil, false
		}
	}
	return nil, false
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
	d := json.NewDecoder(bytes.NewReader(r.text[r.at:]))
	var v json.RawMessage
	if d.Decode(&v) != nil {
		return false
	}
	r.at += int(d.InputOffset())
	return true
}
