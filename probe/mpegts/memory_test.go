package mpegts

import (
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// TestMemoryIsUsedAgain: what was demuxed before with the same buffers, and what becomes
// of them later, changes nothing.
func TestMemoryIsUsedAgain(t *testing.T) {
	streams := []func() []byte{func() []byte { w := newWriter(); simple(w, 90000); return w.Bytes() }}
	for _, c := range oddities {
		streams = append(streams, c.make)
	}
	rapid.Check(t, func(t *rapid.T) {
		m := &Memory{}
		for range rapid.IntRange(2, 4).Draw(t, "demuxers") {
			b := streams[rapid.IntRange(0, len(streams)-1).Draw(t, "stream")]()
			want, wantStats, err := tryDemux(Options{}, b)
			if err != nil {
				t.Fatal(err)
			}
			r := &recorder{}
			d := New(r, Options{Memory: m})
			if _, err := d.Write(b); err != nil {
				t.Fatal(err)
			}
			if err := d.Flush(); err != nil {
				t.Fatal(err)
			}
			stats := d.Stats()
			d.Release()
			for _, p := range m.bufs {
				for i := range p[:cap(p)] {
					p[:cap(p)][i] = 0xa5
				}
			}
			if !reflect.DeepEqual(want.log, r.log) || !reflect.DeepEqual(wantStats, stats) {
				t.Fatalf("%v\nwant\n%v", stats, wantStats)
			}
			if len(m.bufs) == 0 || len(m.bufs) > mostKept {
				t.Fatalf("%d buffers were given back", len(m.bufs))
			}
			if _, err := d.Write(b); !errors.Is(err, errReleased) {
				t.Fatalf("written after Release: %v", err)
			}
		}
	})
}

// TestPIDTable: few PIDs or many, it finds what was set last.
func TestPIDTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var table pidTable
		want := map[uint16]*stream{}
		most := rapid.SampledFrom([]uint16{3, fewPIDs, fewPIDs + 1, 30, 8191}).Draw(t, "most")
		for range rapid.IntRange(1, 60).Draw(t, "sets") {
			pid := rapid.Uint16Range(0, most).Draw(t, "pid")
			s := &stream{}
			if rapid.IntRange(0, 3).Draw(t, "free") == 0 {
				s = nil
			}
			table.set(pid, s)
			want[pid] = s
			for pid := range most + 1 {
				if table.of(pid) != want[pid] || table.of(pid|0xe000) != want[pid] {
					t.Fatalf("PID %d has another stream", pid)
				}
			}
		}
	})
}
