package endless_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/finalize/layout"
	"recfin/internal/endless"
	"recfin/internal/testenv"
	"recfin/store"
)

// hours is the variable that says how long the recording of TestHours is: 48 for
// `make long`.
const hours = "RECFIN_TEST_HOURS"

const (
	most    = 256 << 20 // bytes of memory for a recording of 48 h
	perHour = 3600 / 2  // segments
	wrap    = 1 << 33   // ticks of the clock of a transport stream
)

// TestHours finalizes a recording of hours and holds every sample of the movie
// against arithmetic. The 33-bit clock wraps in the middle of it, and in 48 h once
// more. Times are logged and not judged.
func TestHours(t *testing.T) {
	n := 2
	if s := os.Getenv(hours); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil || n < 1 {
			t.Fatalf("%s is %q", hours, s)
		}
	}
	first := finalizeHours(t, 1, 0)
	all := finalizeHours(t, n, min(time.Duration(n)*time.Hour/2, 10*time.Hour))
	if n > 2 {
		t.Logf("an hour of %d takes %.2f times as long as one alone", n, all.Seconds()/first.Seconds()/float64(n))
	}
}

// finalizeHours gives how much processor time it took. The clock wraps first at wraps.
func finalizeHours(t *testing.T, n int, wraps time.Duration) time.Duration {
	t.Helper()
	segments := n * perHour
	s := endless.NewStore(endless.NewStream(wrap-int64(wraps/time.Second)*90000), segments, t.TempDir())
	f := finalizer(t, s)
	defer debug.SetGCPercent(debug.SetGCPercent(50)) // as the program has both
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(216 << 20))
	peak := watchMemory()
	begun, busy := time.Now(), testenv.CPU()
	report, err := f.Run(context.Background(), endless.Recording)
	took, held := testenv.CPU()-busy, peak()
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.Movie()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d h: %v, %v of processor time, %d MiB of memory; head %d, file %d bytes",
		n, time.Since(begun).Round(time.Millisecond), took.Round(time.Millisecond), held>>20, m.Head, m.Size)
	if held > most {
		t.Errorf("%d h: %d bytes of memory, more than %d", n, held, most)
	}
	if err := m.Check(segments); err != nil {
		t.Errorf("%d h: %v", n, err)
	}
	record := report.Committed[0].Record
	if len(report.Committed) != 1 || len(report.Plan.Dropped) != 0 || record.Renditions[0].Len() != segments {
		t.Errorf("%d h: %d sessions, %d segments dropped, %d in the first session", n, len(report.Committed), len(report.Plan.Dropped), record.Renditions[0].Len())
	}
	for _, o := range record.Outputs {
		if o.Kind == "mp4" && o.DurationNS != int64(n)*int64(time.Hour) {
			t.Errorf("%d h: the record has %v", n, time.Duration(o.DurationNS))
		}
		if o.Kind != "hls" && o.Kind != "iframes" {
			continue
		}
		lines, sum := extinf(t, s, o.Key)
		off := (sum - time.Duration(n)*time.Hour).Abs()
		t.Logf("%d h: %s: %d times EXTINF, off by %v in all", n, o.Kind, lines, off)
		if off >= time.Duration(n)*time.Millisecond || lines < segments {
			t.Errorf("%d h: %s: %d times EXTINF, %v", n, o.Kind, lines, sum)
		}
	}
	return took
}

// extinf counts and adds up the EXTINF of a playlist, as they stand in its text.
func extinf(t *testing.T, s *endless.Store, key string) (lines int, sum time.Duration) {
	t.Helper()
	body, err := s.Get(context.Background(), key, store.Whole, store.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "#EXTINF:"); ok {
			d, err := time.ParseDuration(strings.TrimSuffix(value, ",\n") + "s")
			if err != nil {
				t.Fatal(err)
			}
			lines, sum = lines+1, sum+d
		}
	}
	return lines, sum
}

func finalizer(t *testing.T, s *endless.Store) *finalize.Finalizer {
	t.Helper()
	nonce, err := layout.Parse("nonce", layout.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := finalize.New(finalize.Config{
		Sources: []store.Store{s}, OutPath: finalize.DefaultOutPath, Layouts: []*layout.Layout{nonce},
		Formats: finalize.Formats{HLS: true, MP4: true}, SessionGap: 15 * time.Minute, Settle: 30 * time.Minute,
	}.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestCheckCatches: the judge of TestHours finds one wrong number in a table.
func TestCheckCatches(t *testing.T) {
	dir := t.TempDir()
	s := endless.NewStore(endless.NewStream(0), 20, dir)
	if _, err := finalizer(t, s).Run(context.Background(), endless.Recording); err != nil {
		t.Fatal(err)
	}
	m, err := s.Movie()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Check(20); err != nil {
		t.Fatal(err)
	}
	if err := m.Check(19); err == nil {
		t.Error("20 segments passed for 19")
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.mp4"))
	if err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	head, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		box string
		at  int // of the last byte of a number, behind the name
	}{{"ctts", 15}, {"stts", 15}, {"stsz", 15}, {"stco", 11}, {"stss", 15}, {"mdhd", 31}} {
		bad := bytes.Clone(head)
		bad[bytes.Index(bad, []byte(x.box))+4+x.at]++
		if err := os.WriteFile(names[0], bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := m.Check(20); err == nil {
			t.Errorf("another number in %s was not found", x.box)
		}
	}
}

// watchMemory looks at the memory of the process until the function that it
// returns is called, which gives the most that there was: all that the runtime
// has of the system and did not give back.
func watchMemory() func() uint64 {
	debug.FreeOSMemory()
	var done sync.WaitGroup
	stop := make(chan struct{})
	most := memory()
	done.Go(func() {
		for tick := time.NewTicker(10 * time.Millisecond); ; {
			select {
			case <-tick.C:
				most = max(most, memory())
			case <-stop:
				tick.Stop()
				return
			}
		}
	})
	return func() uint64 {
		close(stop)
		done.Wait()
		return max(most, memory())
	}
}

func memory() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() - s[1].Value.Uint64()
}
