package matrix

import (
	"slices"
	"strings"
	"testing"
)

// The judge sees what it is there to see: each fault below is one that a join has
// made somewhere.
func TestJudge(t *testing.T) {
	c := cell{video: "h264-b", audio: "aac", container: inTS, shape: "hole"}
	s := shapes[c.shape](t, c)
	for name, fault := range map[string]struct {
		spoil func(*scene)
		says  string
	}{
		"nothing":           {func(*scene) {}, ""},
		"a segment is lost": {func(s *scene) { s.segments = s.segments[:2] }, "is not in the file"},
		"a segment is there twice": {func(s *scene) {
			s.segments = append(s.segments, s.segments[2])
			s.segments[3].join = true
		}, "too many"},
		"two segments changed places": {func(s *scene) {
			s.segments[1].body, s.segments[2].body = s.segments[2].body, s.segments[1].body
		}, "is not in the file"},
		"a hole is left open": {func(s *scene) { s.segments[1].join = false }, "behind the end of the one before"},
		"a picture is other": {func(s *scene) {
			b := slices.Clone(s.segments[1].body)
			b[len(b)/2] ^= 1
			s.segments[1].body = b
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			bad := *s
			bad.segments = slices.Clone(s.segments)
			fault.spoil(&bad)
			out, err := bad.join(t, c)
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.judge(t, c, out)
			if name == "nothing" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), fault.says) {
				t.Errorf("the judge says %v, want %q", err, fault.says)
			}
		})
	}
	out, err := s.join(t, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("silence is not counted", func(t *testing.T) {
		wrong := *out
		wrong.silent++
		if _, err := s.judge(t, c, &wrong); err == nil || !strings.Contains(err.Error(), "silence") {
			t.Errorf("the judge says %v", err)
		}
	})
	t.Run("sound is off by 3 ms", func(t *testing.T) { s.late(t, c, out, 144, "off by") })
	t.Run("sound is off by 1 ms", func(t *testing.T) { s.late(t, c, out, 48, "") })
}

// late judges the file with its sound later by so many ticks of 48 kHz.
func (s *scene) late(t *testing.T, c cell, out *joined, ticks int64, says string) {
	t.Helper()
	parts := s.read(t, c)
	st := read(t, out.body, inFiles, true)[1]
	for i := range st.units {
		st.units[i].pts += ticks * (flick / 48000)
	}
	m := &matcher{got: st}
	clock := &clock{known: true, shift: read(t, out.body, inFiles, true)[0].units[0].pts - parts[0][0].units[0].pts}
	err := m.part(parts[0][1], clock, true)
	if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
		t.Errorf("the judge says %v, want %q", err, says)
	}
}
