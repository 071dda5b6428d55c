package playlist

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// ReadLivepeer reads a playlist_*.json of a go-livepeer broadcaster:
//
//	{duration_ms, tracks: [{name, bandwidth, resolution}], segments: {track: [{seq_no, uri, duration_ms}]}}
//
// Every field may be absent, and an absent seq_no means 0, since its writer
// leaves zeros out. Durations were cut to milliseconds, and the order is that in
// which uploads were completed. A segment without a URI says nothing of any
// object and is left out.
func ReadLivepeer(raw []byte) (*Sidecar, error) {
	if p, ok := fastLivepeer(raw); ok {
		return p.Unpack(), nil
	}
	return readLivepeer(raw)
}

// PackLivepeer is ReadLivepeer, packed.
func PackLivepeer(raw []byte) (*Packed, error) {
	if p, ok := fastLivepeer(raw); ok {
		return p, nil
	}
	s, err := readLivepeer(raw)
	if err != nil {
		return nil, err
	}
	return s.Pack(), nil
}

// readLivepeer reads any text.
func readLivepeer(raw []byte) (*Sidecar, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	s := &Sidecar{}
	known, fields := false, 0
	err := object(d, func(field string) error {
		fields++
		switch field {
		case "duration_ms", "tracks":
			known = true
			return skip(d)
		case "segments":
			known = true
			return object(d, func(track string) error {
				if err := s.track(d, track); err != nil {
					return fmt.Errorf("segments of %.200q: %w", track, err)
				}
				return nil
			})
		}
		return skip(d)
	})
	if err == nil {
		err = end(d)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %.500v", ErrSidecar, err) // it may quote a long number
	}
	if fields > 0 && !known {
		return nil, fmt.Errorf("%w: none of the fields of a Livepeer playlist", ErrSidecar)
	}
	return s, nil
}

// track reads the segments of one track.
func (s *Sidecar) track(d *json.Decoder, track string) error {
	n := 0
	return array(d, func() error {
		var seg struct {
			SeqNo      uint64 `json:"seq_no"`
			URI        string `json:"uri"`
			DurationMS uint64 `json:"duration_ms"`
		}
		err := d.Decode(&seg)
		switch {
		case err != nil:
		case seg.SeqNo > math.MaxInt64:
			err = fmt.Errorf("seq_no %d is too large", seg.SeqNo)
		case seg.DurationMS > math.MaxInt64/uint64(time.Millisecond):
			err = fmt.Errorf("duration_ms %d is too large", seg.DurationMS)
		}
		if err != nil {
			return fmt.Errorf("segment %d: %w", n, err)
		}
		n++
		if len(s.Entries) == maxEntries {
			return errTooMany
		}
		if seg.URI != "" {
			s.Entries = append(s.Entries, Entry{
				URI: seg.URI, Track: track, Seq: int64(seg.SeqNo), Numbered: true,
				Duration: time.Duration(seg.DurationMS) * time.Millisecond,
			})
		}
		return nil
	})
}
