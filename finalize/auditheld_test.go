package finalize_test

import (
	"bytes"
	"hash/maphash"
	"path"
	"slices"
	"strings"
	"sync"

	"recfin/mp4"
	"recfin/probe"
	"recfin/store/mem"
)

// auditHeld holds that every segment that is condemned as a source is held, sample by
// sample, by an MP4 of a current version, or byte by byte by a copy or the one media
// object of its rendition, and that no
// playlist references it where it lies. What was deleted before this look is not
// known any more.
func auditHeld(t tester, before, after map[string]mem.Entry, a *archive) {
	t.Helper()
	for id, r := range a.records {
		var bodies [][]byte
		for _, o := range r.Outputs {
			if o.Kind == "mp4" || o.Kind == "copy" || o.Kind == "single" {
				bodies = append(bodies, after[o.Key].Body)
			}
		}
		for _, q := range r.Renditions {
			for _, o := range q.versions() {
				if !a.sources[o] {
					continue
				}
				e, ok := before[o.Key]
				if !ok || versionOf(o.Store, o.Key, e) != o {
					if e, ok = after[o.Key]; !ok || versionOf(o.Store, o.Key, e) != o {
						continue
					}
				}
				if why := missingIn(append(initBeside(o.Key, before, after), e.Body...), bodies); why != "" {
					t.Errorf("%s is condemned as a source, and no output of session %s has %s", o.Key, id, why)
				}
			}
		}
	}
}

// initBeside is the init segment in the folder of a segment, if there is one.
func initBeside(key string, all ...map[string]mem.Entry) []byte {
	for _, objects := range all {
		for name, e := range objects {
			if path.Dir(name) == path.Dir(key) && strings.HasSuffix(name, "init.mp4") {
				return bytes.Clone(e.Body)
			}
		}
	}
	return nil
}

// held remembers what missingIn found: a sweep asks the same over and over.
var held sync.Map

var heldSeed = maphash.MakeSeed()

// missingIn says what of a segment is in none of some outputs; empty: nothing.
func missingIn(segment []byte, outputs [][]byte) string {
	var h maphash.Hash
	h.SetSeed(heldSeed)
	for _, b := range append([][]byte{segment}, outputs...) {
		_, _ = h.Write(b)
		_, _ = h.Write([]byte("and"))
	}
	if why, ok := held.Load(h.Sum64()); ok {
		return why.(string)
	}
	why := notIn(segment, outputs)
	held.Store(h.Sum64(), why)
	return why
}

func notIn(segment []byte, outputs [][]byte) string {
	if slices.ContainsFunc(outputs, func(b []byte) bool { return bytes.Contains(b, segment) }) {
		return ""
	}
	container, _ := probe.Sniff(segment)
	s := &samples{}
	d, err := probe.NewDemuxer(container, s)
	if err == nil {
		if _, err = d.Write(segment); err == nil {
			err = d.Flush()
		}
	}
	switch {
	case err != nil:
		return "what is in it: " + err.Error()
	case len(s.all) == 0:
		return "a sample of it: it has none"
	}
	for _, sample := range s.all {
		if !slices.ContainsFunc(outputs, func(b []byte) bool { return bytes.Contains(b, sample) }) {
			return "one of its samples"
		}
	}
	return ""
}

// samples is a sink that keeps payloads.
type samples struct{ all [][]byte }

func (s *samples) Track(int, mp4.Track) error { return nil }

func (s *samples) Sample(_ int, x *mp4.Sample) error {
	s.all = append(s.all, bytes.Clone(bytes.Join(x.Pieces, nil)))
	return nil
}
