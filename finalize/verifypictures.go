package finalize

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"recfin/finalize/timeline"
	"recfin/mp4"
	"recfin/probe"
	"recfin/store"
)

// pictures reads every range of an I-frame playlist: with what describes it, it has to
// hold a picture with which decoding can begin (RFC 8216 §4.3.3.6).
func (r *reading) pictures(ctx context.Context, m *mediaFile) error {
	var tables []byte
	of := ""
	for i := range m.text.Segments {
		if !m.readable(i) {
			continue
		}
		s := &m.text.Segments[i]
		x := piece{r.there[m.keys[i]], timeline.Range{Offset: s.Range.Offset, Length: s.Range.Length}}
		if x.bytes() > streamed {
			r.find(ruleProbeIFrame, m.at(r, i), "its range has %d bytes", x.bytes())
			continue
		}
		var describes []byte
		var err error
		switch {
		case s.Map != nil:
			describes, err = r.initSegment(ctx, m, i)
		case m.keys[i] != of:
			of = m.keys[i]
			tables, err = r.tables(ctx, x.Object, s.Range.Offset)
			fallthrough
		default:
			describes = tables
		}
		if err != nil {
			return err
		}
		raw, _, err := r.j.f.readPiece(ctx, x, make([]byte, x.bytes()))
		if errors.Is(err, store.ErrNotExist) {
			return fmt.Errorf("%w: %w", store.ErrChanged, err)
		}
		if err != nil {
			return err
		}
		if why := notAPicture(describes, raw); why != "" {
			r.find(ruleProbeIFrame, m.at(r, i), "bytes %d to %d of %s: %s", x.part.Offset, x.part.Offset+x.bytes()-1, store.Printable(x.Key), why)
		}
	}
	return nil
}

// tables gives what describes a transport stream before its first I picture: PAT and
// PMT, without any media.
func (r *reading) tables(ctx context.Context, o store.Object, before int64) ([]byte, error) {
	n := min(before, maxTables)
	if n == 0 {
		return nil, nil
	}
	raw, _, err := r.j.f.readPiece(ctx, piece{o, timeline.Range{Length: n}}, make([]byte, n))
	if errors.Is(err, store.ErrNotExist) {
		err = fmt.Errorf("%w: %w", store.ErrChanged, err)
	}
	return tablesIn(raw), err
}

// maxTables is how far into an object its PAT and PMT are looked for, in bytes.
const maxTables = 1 << 20

// tablesIn keeps the packets of the PAT and of the PMTs that it names (ISO/IEC 13818-1
// §2.4.4.3).
func tablesIn(raw []byte) []byte {
	const packet = 188
	pids := map[int]bool{0: true}
	var out []byte
	for ; len(raw) >= packet && raw[0] == 0x47; raw = raw[packet:] {
		p := raw[:packet]
		pid := int(p[1]&0x1f)<<8 | int(p[2])
		if !pids[pid] {
			continue
		}
		out = append(out, p...)
		if pid != 0 || p[1]&0x40 == 0 || p[3]&0x20 != 0 {
			continue
		}
		section := p[4:]
		if at := 1 + int(section[0]); at+8 < len(section) {
			section = section[at:]
			end := min(3+(int(section[1]&0x0f)<<8|int(section[2]))-4, len(section))
			for n := 8; n+4 <= end; n += 4 {
				pids[int(section[n+2]&0x1f)<<8|int(section[n+3])] = true
			}
		}
	}
	return out
}

// notAPicture says why a range is no picture that decodes by itself; empty: it is one.
func notAPicture(describes, raw []byte) string {
	whole := bytes.Join([][]byte{describes, raw}, nil)
	m, err := probe.File(bytes.NewReader(whole), probe.Options{})
	if err != nil {
		return err.Error()
	}
	switch v := m.Video(); {
	case v == nil:
		return "there is no picture in them"
	case v.FirstAccess == mp4.NotAccess:
		return "the first picture in them is no I picture"
	}
	return ""
}
