package finalize

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize/timeline"
)

// TestJSONIsThatOfTheLibrary: what is written piece by piece has the bytes that the
// library gives it, whatever the record holds.
func TestJSONIsThatOfTheLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyRecord(t)
		for _, v := range []any{&r, *r, &seenFile{Format: seenFormat, DroppedColumns: r.Dropped}, &condemnedList{ObjectColumns: r.Dropped.ObjectColumns, Reason: r.Dropped.Reason}} {
			var got, want bytes.Buffer
			if err := writeJSON(&got, v); err != nil {
				t.Fatal(err)
			}
			if err := json.NewEncoder(&want).Encode(v); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want.Bytes()) {
				t.Fatalf("got  %s\nwant %s", got.Bytes(), want.Bytes())
			}
		}
	})
}

func anyRecord(t *rapid.T) *Record {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "a<b>&\u2028", "plain/key.ts", "\"\\\n\x7f\xff"}))
	texts := rapid.OneOf(rapid.Just([]string(nil)), rapid.SliceOfN(text, 0, 4))
	numbers := rapid.OneOf(rapid.Just([]int64(nil)), rapid.SliceOfN(rapid.Int64(), 0, 4))
	indices := rapid.OneOf(rapid.Just([]int(nil)), rapid.SliceOfN(rapid.Int(), 0, 4))
	objects := func() ObjectColumns {
		return ObjectColumns{Store: texts.Draw(t, "store"), Key: texts.Draw(t, "key"), ETag: texts.Draw(t, "etag"), Size: numbers.Draw(t, "size"), Seen: numbers.Draw(t, "seen")}
	}
	r := &Record{
		Format: recordFormat, Version: 1, Recording: text.Draw(t, "recording"), Start: time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "start"), 5),
		Slots:     SlotColumns{Seq: numbers.Draw(t, "seq"), Join: indices.Draw(t, "join"), GapNS: numbers.Draw(t, "gap")},
		Dropped:   DroppedColumns{ObjectColumns: objects(), Leftover: rapid.SliceOfN(rapid.Bool(), 0, 3).Draw(t, "leftover"), Reason: []timeline.Reason{"late"}},
		Uncertain: []UncertainRow{{What: text.Draw(t, "what"), Keys: texts.Draw(t, "keys")}},
	}
	if rapid.Bool().Draw(t, "inits") {
		r.Inits = &InitColumns{ObjectColumns: objects(), SHA256: texts.Draw(t, "sha")}
	}
	if rapid.Bool().Draw(t, "until") {
		until := r.Start.UTC()
		r.Until = &until
	}
	for range rapid.IntRange(0, 2).Draw(t, "renditions") {
		q := RenditionRecord{
			Name: text.Draw(t, "name"), ObjectColumns: objects(), Slot: indices.Draw(t, "slot"), Init: indices.Draw(t, "init"),
			Source: rapid.SliceOfN(rapid.SampledFrom([]timeline.Source{timeline.NoSource, timeline.FromKey, timeline.FromProbe}), 0, 3).Draw(t, "source"),
		}
		if rapid.Bool().Draw(t, "own") {
			q.Slots = &SlotColumns{Seq: numbers.Draw(t, "own")}
		}
		if rapid.Bool().Draw(t, "held") {
			q.Held = append(q.Held, 2, 0)
		}
		if rapid.Bool().Draw(t, "fills") {
			q.Fills = &FillColumns{ObjectColumns: objects()}
		}
		if rapid.Bool().Draw(t, "iframes") {
			q.IFrames = &IFrameColumns{Row: []int{1}}
		}
		r.Renditions = append(r.Renditions, q)
	}
	return r
}
