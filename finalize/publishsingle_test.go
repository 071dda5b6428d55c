package finalize_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recfin/finalize"
)

// inOne asks for one media object a rendition, and nothing else.
func inOne(c *finalize.Config) {
	c.Formats, c.HLS = finalize.Formats{HLS: true}, finalize.HLSSingle
}

// places are what a record says of the one media object of a rendition, in a form of
// its own.
type places struct {
	Name, Output string
	Key          []string
	CRC64        []string `json:"crc64nvme"`
	Init         []int
	DurationNS   []int64 `json:"duration_ns"`
	Single       struct {
		Offset, Length []int64
		Front          []int64 `json:"front_bytes"`
		Cut            []int64 `json:"cut_bytes"`
		InitOffset     []int64 `json:"init_offset"`
		InitLength     []int64 `json:"init_length"`
		InitOf         []int   `json:"init_of"`
	}
}

// onePiece is a rendition of a committed session and its media object.
type onePiece struct {
	places
	inits    []string // keys
	dir, key string
	body     []byte
}

// onePieces are those of all sessions of a recording.
func onePieces(t testing.TB, all snapshot, recording string) []onePiece {
	t.Helper()
	a := read(t, all, recording)
	if a == nil {
		t.Fatal("nothing is committed")
	}
	var out []onePiece
	for _, s := range a.Sessions {
		dir := outPath + recording + "/" + s.ID + "/" + s.Version + "/"
		var r struct {
			Renditions []places
			Inits      struct{ Key []string }
		}
		if err := json.Unmarshal(unzip(t, all[dir+"segments.json.gz"].Body), &r); err != nil {
			t.Fatal(err)
		}
		for _, q := range r.Renditions {
			x := onePiece{places: q, inits: r.Inits.Key, dir: dir}
			for _, ext := range []string{"ts", "m4s"} {
				if e, ok := all[dir+q.Output+".media."+ext]; ok {
					x.key, x.body = dir+q.Output+".media."+ext, e.Body
				}
			}
			if x.key == "" {
				t.Fatalf("%s has no media object", q.Name)
			}
			out = append(out, x)
		}
	}
	return out
}

// at gives value i of a column that is empty where all are zero.
func at[T any](column []T, i int) (v T) {
	if i < len(column) {
		v = column[i]
	}
	return v
}

// check holds every byte of a media object against the segments, and gives how many
// bytes of them it does not have.
func (x *onePiece) check(t testing.TB, all snapshot) (cut int64) {
	t.Helper()
	s := &x.Single
	size, end := int64(0), int64(0)
	for i, key := range x.Key {
		source, front, got := all[key].Body, at(s.Front, i), x.body[s.Offset[i]:s.Offset[i]+s.Length[i]]
		if string(source[front:front+s.Length[i]]) != string(got) {
			t.Errorf("%s is not what stands at %d of %s", key, s.Offset[i], x.key)
		}
		if s.Offset[i] < end {
			t.Errorf("%s is at %d of %s, what is before it ends at %d", key, s.Offset[i], x.key, end)
		}
		size, end, cut = size+s.Length[i], s.Offset[i]+s.Length[i], cut+at(s.Cut, i)
		header := int64(0)
		if n := at(s.InitOf, i); n > 0 {
			init := x.body[s.InitOffset[n-1] : s.InitOffset[n-1]+s.InitLength[n-1]]
			switch k := at(x.Init, i); {
			case k > 0 && string(init) != string(all[x.inits[k-1]].Body):
				t.Errorf("the init segment of %s is not %s", key, x.inits[k-1])
			case k == 0 && string(init) != string(source[:front]):
				t.Errorf("the init segment of %s is not its header", key)
			case k == 0:
				header = front
			}
			if s.InitOffset[n-1] >= s.Offset[i] {
				t.Errorf("the init segment of %s stands behind it", key)
			}
		}
		if int64(len(source)) != header+s.Length[i]+at(s.Cut, i) {
			t.Errorf("%s has %d bytes: a header of %d, %d in the object, %d cut off", key, len(source), header, s.Length[i], at(s.Cut, i))
		}
	}
	for _, n := range s.InitLength {
		size += n
	}
	if size != int64(len(x.body)) {
		t.Errorf("%s has %d bytes, %d of them are told", x.key, len(x.body), size)
	}
	return cut
}

// TestSingle: each byte of each segment is in the object, in order, and is read once.
func TestSingle(t *testing.T) {
	for _, formats := range []finalize.Formats{{HLS: true}, {HLS: true, MP4: true}} {
		w := newWorld(false)
		w.takeover("foo")
		reads := map[string]int{}
		h := &hook{Store: w}
		h.before = func(c call) error {
			if c.op == "get" {
				reads[c.key]++
			}
			return nil
		}
		cfg := with(only(h, formats), func(c *finalize.Config) { c.HLS = finalize.HLSSingle })
		mustPlan(t, cfg, "foo")
		planned := maps.Clone(reads)
		clear(reads)
		mustRun(t, cfg, "foo")
		all := w.Snapshot()
		for _, x := range onePieces(t, all, "foo") {
			if n := x.check(t, all); n != 0 {
				t.Errorf("%d bytes of %s were cut off", n, x.Name)
			}
			want := 1 // for each output
			if formats.MP4 {
				want = 2
			}
			for _, key := range x.Key {
				if n := reads[key] - planned[key]; n != want {
					t.Errorf("%v: %s was read %d times", formats, key, n)
				}
			}
			if len(x.CRC64) != len(x.Key) {
				t.Errorf("%d segments, %d checksums", len(x.Key), len(x.CRC64))
			}
		}
	}
}

// TestSingleDeterministic: neither the requests at once nor the memory reach the
// object, and who finds it there already has nothing to write but the marker.
func TestSingleDeterministic(t *testing.T) {
	start := newWorld(false)
	start.takeover("foo")
	calm := start.clone()
	mustRun(t, with(settings(calm), inOne), "foo")
	for n := range 4 {
		w := start.clone()
		mustRun(t, with(settings(w), func(c *finalize.Config) {
			inOne(c)
			c.Concurrency, c.Memory = 1+n*3, 1<<(10+3*n)
		}), "foo")
		noDifference(t, w.Snapshot(), calm.Snapshot(), false)
	}
	r := mustRun(t, with(settings(calm), inOne), "foo")
	if !r.Done() {
		t.Error("the second run has something to do")
	}
}

// layWith puts segments of a feed into a store, changed by a function.
func (w *world) layWith(prefix string, f feed, n int, change func(n int, body []byte) []byte) {
	for i := range n {
		w.Set(fmt.Sprintf("%s/%d.ts", prefix, i), change(i, f.segment(i)), uploaded(i), nil)
	}
}

// TestSingleCuts: what is no whole packet stands nowhere, is told, and its segment is
// not held wholly; the times are those of the segments as they were.
func TestSingleCuts(t *testing.T) {
	w := newWorld(false)
	w.layWith("foo/A/720p", high, 10, func(n int, body []byte) []byte {
		switch n {
		case 3:
			return append([]byte("garbage"), body...)
		case 5:
			return append(bytes.Clone(body), body[:100]...)
		case 9:
			return append(append([]byte{1}, body...), 2, 3)
		}
		return body
	})
	whole := newWorld(false)
	whole.layWith("foo/A/720p", high, 10, func(_ int, body []byte) []byte { return body })
	mustRun(t, with(only(whole, finalize.Formats{}), inOne), "foo")
	r := mustRun(t, with(only(w, finalize.Formats{}), inOne), "foo")
	all := w.Snapshot()
	x := onePieces(t, all, "foo")[0]
	if n := x.check(t, all); n != 7+100+3 {
		t.Errorf("%d bytes were cut off", n)
	}
	if want := []int64{0, 0, 0, 7, 0, 100, 0, 0, 0, 3}; !slices.Equal(x.Single.Cut, want) {
		t.Errorf("cut off: %v", x.Single.Cut)
	}
	if y := onePieces(t, whole.Snapshot(), "foo")[0]; !bytes.Equal(x.body, y.body) {
		t.Error("what is left is not the packets")
	}
	if got := strings.Join(r.Problems, "\n"); !strings.Contains(got, "110 bytes at the ends of 3 segments") || !strings.Contains(got, "foo/A/720p/3.ts") {
		t.Errorf("problems %q", got)
	}
	if one, two := timesOf(all, "foo"), timesOf(whole.Snapshot(), "foo"); one != two {
		t.Errorf("times of what was cut:\n%s\nof what was not:\n%s", one, two)
	}
}

// TestSingleMeasures: durations that the plan had from elsewhere become those of the
// media.
func TestSingleMeasures(t *testing.T) {
	w := livepeerBucket()
	cfg := with(laid(t, "livepeer", w), func(c *finalize.Config) { inOne(c); c.Delete = finalize.DeleteNone })
	mustRun(t, cfg, "video+rec")
	for _, x := range onePieces(t, w.Snapshot(), "video+rec") {
		x.check(t, w.Snapshot())
		for i, ns := range x.DurationNS {
			if ns != 2e9 {
				t.Errorf("%s lasts %d ns", x.Key[i], ns)
			}
		}
	}
}

// fragmentsOf makes a world of fragments by ffmpeg: flags are those of its mp4 muxer.
func fragmentsOf(t *testing.T, flags string) *world {
	t.Helper()
	w := newWorld(false)
	for n := range 3 {
		dir := encode(t, 2, "-output_ts_offset", fmt.Sprint(2*n), "-movflags", flags, "-f", "mp4", "out.mp4")
		body, err := os.ReadFile(filepath.Join(dir, "out.mp4"))
		if err != nil {
			t.Fatal(err)
		}
		w.Set(fmt.Sprintf("foo/A/720p/%d.mp4", n), body, uploaded(n), nil)
	}
	return w
}

// TestSingleRefuses: what cannot stand among others in one object is told with what
// to do, nothing is written of it, and other outputs are made.
func TestSingleRefuses(t *testing.T) {
	cases := []struct {
		name string
		lay  func(t *testing.T) *world
		says string
		mp4  bool // an MP4 can be made
	}{
		{"an explicit base data offset", func(t *testing.T) *world { return fragmentsOf(t, "frag_keyframe+empty_moov") }, "foo/A/720p/0.mp4: refused: one media object cannot hold it: its fragments name places in a file of their own (base-data-offset): use --hls copy", true},
		{"MP4 without fragments", func(t *testing.T) *world { return fragmentsOf(t, "faststart") }, "foo/A/720p/0.mp4: refused: one media object cannot hold it: it is an MP4 without fragments: use --format mp4", true},
		{"fragments behind a transport stream", func(t *testing.T) *world {
			w := fragmentsOf(t, "frag_keyframe+empty_moov+default_base_moof")
			w.remove(t, "foo/A/720p/0.mp4")
			w.Set("foo/A/720p/0.ts", high.segment(0), uploaded(0), nil)
			return w
		}, "it is mp4 and others of its rendition are mpegts: use --hls copy or --format mp4", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := c.lay(t)
			r, err := run(with(only(w, finalize.Formats{}), inOne), "foo")
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v; it should say %q", err, c.says)
			}
			if len(r.Committed) > 0 || len(w.Uploads()) > 0 {
				t.Errorf("committed %v, uploads %v", r.Committed, w.Uploads())
			}
			for key := range w.Snapshot() {
				if strings.Contains(key, ".media.") {
					t.Errorf("%s was written", key)
				}
			}
			r, err = run(with(only(w, finalize.Formats{HLS: true, MP4: true}), func(c *finalize.Config) { c.HLS = finalize.HLSSingle }), "foo")
			if c.mp4 && (err != nil || len(r.Committed) != 1 || len(r.Committed[0].Record.Unmade) != 1 || !strings.Contains(strings.Join(r.Problems, "\n"), c.says)) {
				t.Errorf("beside an MP4: %v, committed %v, problems %q", err, r.Committed, r.Problems)
			}
		})
	}
}

// TestSingleFragments: fragments with an init segment beside them, and files with a
// header of their own, which is there once where it is the same.
func TestSingleFragments(t *testing.T) {
	w := fragmentsOf(t, "frag_keyframe+empty_moov+default_base_moof")
	mustRun(t, with(only(w, finalize.Formats{}), inOne), "foo")
	all := w.Snapshot()
	x := onePieces(t, all, "foo")[0]
	x.check(t, all)
	if s := &x.Single; len(s.InitOffset) != 1 || len(s.InitOf) != 3 || len(s.Cut) != 0 {
		t.Errorf("init segments at %v, of rows %v; cut %v", s.InitOffset, s.InitOf, s.Cut)
	}
	if !strings.HasSuffix(x.key, ".m4s") {
		t.Errorf("the object is %s", x.key)
	}
	mpegFolder := ffmpegFolder(t)
	mustRun(t, with(laid(t, "hls", mpegFolder), func(c *finalize.Config) { inOne(c); c.Delete = finalize.DeleteNone }), "show")
	for _, x := range onePieces(t, mpegFolder.Snapshot(), "show") {
		if x.Name == "360p" {
			x.check(t, mpegFolder.Snapshot())
		}
	}
}

// TestSingleTaken: an object of an earlier run is compared, and kept where it is what
// would be written; where it is another one, the next number is taken.
func TestSingleTaken(t *testing.T) {
	start := newWorld(false)
	start.takeover("foo")
	calm := start.clone()
	mustRun(t, with(only(calm, finalize.Formats{}), inOne), "foo")
	x := onePieces(t, calm.Snapshot(), "foo")[0]
	longer, other := append(bytes.Clone(x.body), 0), bytes.Clone(x.body)
	other[len(other)-1] ^= 1
	for _, c := range []struct {
		name string
		body []byte
		same bool
	}{{"the same", x.body, true}, {"longer", longer, false}, {"shorter", x.body[:len(x.body)-1], false}, {"empty", nil, false}, {"another byte", other, false}} {
		w := start.clone()
		w.Set(x.key, c.body, w.clock.now(), nil)
		mustRun(t, with(only(w, finalize.Formats{}), inOne), "foo")
		got := onePieces(t, w.Snapshot(), "foo")[0]
		got.check(t, w.Snapshot())
		if same := got.key == x.key; same != c.same {
			t.Errorf("%s: the object is %s", c.name, got.key)
		}
		if left := w.Uploads(); len(left) > 0 {
			t.Errorf("%s: uploads %v are left", c.name, left)
		}
	}
}

// TestSingleCancelled: whenever the run is cancelled while it writes, nothing is left
// of the upload.
func TestSingleCancelled(t *testing.T) {
	start := newWorld(false)
	start.takeover("foo")
	for n := range 12 {
		w := start.clone()
		ctx, cancel := context.WithCancel(context.Background())
		h, writing, left := &hook{Store: w}, false, n
		h.before = func(c call) error {
			writing = writing || c.op == "create"
			if writing && c.op == "get" && strings.HasPrefix(c.key, "foo/") {
				if left--; left < 0 {
					cancel()
				}
			}
			return nil
		}
		f, err := finalize.New(with(only(h, finalize.Formats{}), inOne))
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.Run(ctx, "foo")
		cancel()
		if err == nil {
			t.Fatalf("cancelled at read %d: it went on", n)
		}
		if left := w.Uploads(); len(left) > 0 {
			t.Errorf("cancelled at read %d: uploads %v are left", n, left)
		}
		mustRun(t, with(only(w, finalize.Formats{}), inOne), "foo")
	}
}

// TestSingleReplans: a segment that is another one by the time it is read is planned
// anew, and the object of the plan before is given up.
func TestSingleReplans(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	h, done := &hook{Store: w}, false
	h.before = func(c call) error {
		if !done && c.op == "create" {
			done = true
			w.Set("foo/A/720p/2.ts", feed{Content: "another", Width: 1280, Height: 720}.segment(2), uploaded(2), nil)
		}
		return nil
	}
	mustRun(t, with(only(h, finalize.Formats{}), inOne), "foo")
	all := w.Snapshot()
	for _, x := range onePieces(t, all, "foo") {
		x.check(t, all)
	}
	if !done {
		t.Error("nothing was changed: the test proves nothing")
	}
}
