package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"recfin/internal/broadcast"
	"recfin/internal/testenv"
)

const (
	mostMemory  = 150 << 20
	hour        = 1800 // segments of 2 s
	loop        = 20   // segments that are made; the rest repeats them
	segmentSize = 1_000_000
)

// An hour of 4 Mbit/s, as a process of its own: a quarter of it, unless nothing
// may be left out.
func TestPeakMemory(t *testing.T) {
	t.Parallel()
	segments := hour / 4
	if os.Getenv(testenv.Require) != "" {
		segments = hour
	}
	if testing.Short() {
		t.Skip("hundreds of megabytes")
	}
	program := filepath.Join(t.TempDir(), "recfin")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	dir := t.TempDir()
	laySegments(t, dir, segments)
	out, peak := measured(t, program, "finalize", "--store", dir, "--format", "hls,mp4", "--json", "foo")
	r := document[reportDoc](t, result{out: out})
	if len(r.Sessions) != 1 || len(r.Dropped) != 0 || !near(r.Sessions[0].Duration, float64(2*segments), 1) {
		t.Fatalf("%d sessions, %d dropped", len(r.Sessions), len(r.Dropped))
	}
	q := r.Sessions[0].Renditions[0]
	for i, s := range q.Segments {
		if s.Discontinuity {
			t.Fatalf("segment %d does not go on from the one before", i)
		}
	}
	o := r.output(t, "mp4", "720p")
	if len(q.Segments) != segments || o.Size < int64(segments)*segmentSize*9/10 {
		t.Fatalf("%d segments, an MP4 of %d bytes", len(q.Segments), o.Size)
	}
	t.Logf("peak memory %d MiB for %d MiB of MP4", peak>>20, o.Size>>20)
	if peak >= mostMemory {
		t.Errorf("peak memory %d bytes, at most %d are allowed", peak, mostMemory)
	}
}

// peakFile is the variable that makes TestMeasured run a command.
const peakFile = "RECFIN_TEST_PEAK_FILE"

// measured runs a command and gives its output and its peak memory in bytes. A
// process that is started counts the memory of the one that starts it as its
// own, so a small one does: a run of this test program of TestMeasured alone.
func measured(t *testing.T, command ...string) (out string, peak int64) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "peak")
	cmd := exec.Command(self, append([]string{"-test.run", "^TestMeasured$", "-test.v"}, command...)...)
	cmd.Env = append(os.Environ(), peakFile+"="+file)
	text, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	result, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	number, out, _ := strings.Cut(string(result), "\n")
	if peak, err = strconv.ParseInt(number, 10, 64); err != nil {
		t.Fatal(err)
	}
	return out, peak
}

// TestMeasured is no test but the small process of measured.
func TestMeasured(t *testing.T) {
	file := os.Getenv(peakFile)
	if file == "" {
		return
	}
	cmd := exec.Command(flag.Arg(0), flag.Args()[1:]...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Fatal("the system does not say how much memory was used")
	}
	if err := os.WriteFile(file, fmt.Appendf(nil, "%d\n%s", usage.Maxrss<<10, out), 0o600); err != nil {
		t.Fatal(err)
	}
}

// laySegments stores segments as the recording foo, made of the same 40 s over
// and over, with timestamps and continuity counters that go on.
func laySegments(t *testing.T, dir string, count int) {
	t.Helper()
	s := broadcast.Make(t, broadcast.Options{
		Seconds: 2*loop + 4, Width: 640, Height: 360, Rate: "30", Source: "testsrc2", BFrames: 2,
		Video: []string{"-b:v", "4M", "-minrate", "4M", "-maxrate", "4M", "-bufsize", "4M"},
	})
	put := broadcast.Folder(dir)
	all := s.Uploads("foo/A/720p", 0, loop-1, onAir)
	size := 0
	for i := range all {
		size += len(s.Body(t, i))
	}
	if size < loop*segmentSize*9/10 {
		t.Fatalf("%d bytes are no 4 Mbit/s", size)
	}
	counters := map[uint16]byte{}
	for n := range count {
		body := s.Body(t, n%loop)
		later := time.Duration(n/loop) * loop * 2 * time.Second
		retime(body, int64(later/time.Millisecond)*90, counters)
		if err := put("foo/A/720p/"+strconv.Itoa(n)+".ts", body, all[n%loop].At.Add(later)); err != nil {
			t.Fatal(err)
		}
	}
}

// retime moves the clocks of a transport stream by 90 kHz ticks and numbers its
// packets on.
func retime(body []byte, ticks int64, counters map[uint16]byte) {
	for p := body; len(p) >= 188; p = p[188:] {
		pid := binary.BigEndian.Uint16(p[1:]) & 0x1fff
		payload := p[4:188]
		if p[3]&0x20 != 0 {
			n := int(p[4])
			if n >= 7 && p[5]&0x10 != 0 {
				v := binary.BigEndian.Uint32(p[6:])
				base := int64(v)<<1 | int64(p[10]>>7)
				base += ticks
				binary.BigEndian.PutUint32(p[6:], uint32(base>>1))
				p[10] = p[10]&0x7f | byte(base&1)<<7
			}
			payload = p[5+n : 188]
		}
		if p[3]&0x10 == 0 {
			continue
		}
		p[3] = p[3]&0xf0 | counters[pid]&15
		counters[pid]++
		if p[1]&0x40 != 0 && len(payload) > 19 && payload[0] == 0 && payload[1] == 0 && payload[2] == 1 {
			if payload[7]&0x80 != 0 {
				moveStamp(payload[9:], ticks)
			}
			if payload[7]&0x40 != 0 {
				moveStamp(payload[14:], ticks)
			}
		}
	}
}

// moveStamp moves a PTS or DTS (ISO/IEC 13818-1 §2.4.3.7).
func moveStamp(b []byte, ticks int64) {
	v := int64(b[0]>>1&7)<<30 | int64(binary.BigEndian.Uint16(b[1:])>>1)<<15 | int64(binary.BigEndian.Uint16(b[3:])>>1)
	v += ticks
	b[0] = b[0]&0xf1 | byte(v>>30&7)<<1
	binary.BigEndian.PutUint16(b[1:], uint16(v>>15)<<1|1)
	binary.BigEndian.PutUint16(b[3:], uint16(v)<<1|1)
}
