package finalize

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize/remux"
	"recfin/probe"
	"recfin/store"
)

// TestStillsKeep: what is packed comes out again.
func TestStillsKeep(t *testing.T) {
	if s := stills(""); s.read() || s.described() || s.frames() != nil {
		t.Error("nothing was read, and something is known")
	}
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Int64Range(-1<<40, 1<<40)
		m := probe.Media{Described: rapid.Bool().Draw(t, "described")}
		for range rapid.IntRange(0, 8).Draw(t, "frames") {
			m.IFrames = append(m.IFrames, probe.IFrame{Offset: number.Draw(t, "offset"), Length: number.Draw(t, "length"), At: time.Duration(number.Draw(t, "at"))})
		}
		s := stillsOf(&m)
		if !s.read() || s.described() != m.Described || !slices.Equal(s.frames(), m.IFrames) {
			t.Fatalf("%q: %v %v %v, want %v %v", s, s.read(), s.described(), s.frames(), m.Described, m.IFrames)
		}
	})
}

// rowsOf makes a rendition of so many segments of 1000 bytes.
func rowsOf(n int) *RenditionRecord {
	q := &RenditionRecord{Name: "720p"}
	for i := range n {
		q.add(store.Object{Store: "s", Key: string(rune('a' + i)), Size: 1000})
	}
	return q
}

// TestSighted: a rendition is independent, and has I pictures, only where that is known
// of all of its segments.
func TestSighted(t *testing.T) {
	frames := []probe.IFrame{{Offset: 376, Length: 188, At: time.Second}, {Offset: 564, Length: 188, At: 2 * time.Second}}
	good := remux.Measured{Independent: true, IFrames: frames, Described: true}
	dependent, bare, blank := good, good, good
	dependent.Independent = false
	bare.Described = false
	blank.IFrames, blank.Described = nil, false
	all := &IFrameColumns{Row: []int{0, 0, 1, 1}, Offset: []int64{376, 564, 376, 564}, Length: []int64{188, 188, 188, 188}, AtNS: []int64{1e9, 2e9, 1e9, 2e9}}
	second := &IFrameColumns{Row: []int{1, 1}, Offset: []int64{376, 564}, Length: []int64{188, 188}, AtNS: []int64{1e9, 2e9}}
	for name, c := range map[string]struct {
		segments    []remux.Measured
		independent bool
		iframes     *IFrameColumns
	}{
		"both":                {[]remux.Measured{good, good}, true, all},
		"one depends":         {[]remux.Measured{good, dependent}, false, all},
		"one not described":   {[]remux.Measured{good, bare}, true, nil},
		"one without picture": {[]remux.Measured{blank, good}, true, second},
		"no pictures":         {[]remux.Measured{blank, blank}, true, nil},
		"nothing":             {nil, false, nil},
	} {
		q := rowsOf(len(c.segments))
		q.Independent, q.IFrames = !c.independent, &IFrameColumns{} // what the plan knew counts no more
		q.sighted(c.segments)
		if q.Independent != c.independent || !reflect.DeepEqual(q.IFrames, c.iframes) {
			t.Errorf("%s: independent %v, %+v", name, q.Independent, q.IFrames)
		}
		if err := new(Record).checkIFrames(q); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for row, m := range c.segments {
			if q.IFrames != nil && !slices.Equal(q.IFrames.of(row), m.IFrames) {
				t.Errorf("%s: row %d has %v", name, row, q.IFrames.of(row))
			}
		}
	}
}

// TestSightedBefore: of a segment that is not looked at today the record of the version
// before speaks, and no record of another rendition.
func TestSightedBefore(t *testing.T) {
	good := remux.Measured{Independent: true, IFrames: []probe.IFrame{{Offset: 376, Length: 188}}, Described: true}
	old := rowsOf(2)
	old.sighted([]remux.Measured{good, good})
	other := rowsOf(3)
	other.Name = "360p"
	other.sighted([]remux.Measured{good, good, good})
	known := sightedBefore([]*Record{{Renditions: []RenditionRecord{*old, *other}}}, "720p")
	now := rowsOf(3)
	for name, c := range map[string]struct {
		looks       map[int]*look
		stills      map[int]stills
		independent bool
		rows        []int
	}{
		"a new one that was read":    {map[int]*look{2: {independent: true}}, map[int]stills{2: stillsOf(&probe.Media{IFrames: good.IFrames, Described: true})}, true, []int{0, 1, 2}},
		"only its head":              {map[int]*look{2: {independent: true}}, nil, true, nil},
		"a new one not looked at":    {map[int]*look{}, nil, false, nil},
		"today it is seen to depend": {map[int]*look{1: {}, 2: {independent: true}}, map[int]stills{2: "d"}, false, []int{0, 1}},
		"today it is not described":  {map[int]*look{2: {independent: true}}, map[int]stills{1: stillsOf(&probe.Media{IFrames: good.IFrames}), 2: "d"}, true, nil},
	} {
		var s sightings
		for i := range now.Key {
			s.sight(c.looks[i], c.stills[i], known[now.row(i)])
		}
		s.tell(now)
		var rows []int
		if now.IFrames != nil {
			rows = now.IFrames.Row
		}
		if now.Independent != c.independent || !slices.Equal(rows, c.rows) {
			t.Errorf("%s: independent %v, I pictures in rows %v", name, now.Independent, rows)
		}
	}
}

// TestIFrameColumnsAreChecked: what a record says of I pictures fits its segments.
func TestIFrameColumnsAreChecked(t *testing.T) {
	for name, c := range map[string]IFrameColumns{
		"none":            {},
		"short column":    {Row: []int{0, 1}, Offset: []int64{0, 0}, Length: []int64{188, 188}, AtNS: []int64{0}},
		"row behind":      {Row: []int{2}, Offset: []int64{0}, Length: []int64{188}, AtNS: []int64{0}},
		"row before":      {Row: []int{-1}, Offset: []int64{0}, Length: []int64{188}, AtNS: []int64{0}},
		"out of order":    {Row: []int{1, 0}, Offset: []int64{0, 0}, Length: []int64{188, 188}, AtNS: []int64{0, 0}},
		"before the file": {Row: []int{0}, Offset: []int64{-1}, Length: []int64{188}, AtNS: []int64{0}},
		"empty":           {Row: []int{0}, Offset: []int64{0}, Length: []int64{0}, AtNS: []int64{0}},
		"beyond the file": {Row: []int{0}, Offset: []int64{900}, Length: []int64{101}, AtNS: []int64{0}},
		"overflowing":     {Row: []int{0}, Offset: []int64{900}, Length: []int64{1<<63 - 1}, AtNS: []int64{0}},
	} {
		q := rowsOf(2)
		q.IFrames = &c
		if err := new(Record).checkIFrames(q); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
