package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		list []int64
		want spread
	}{
		{nil, spread{}},
		{[]int64{7}, spread{7, 7, 7}},
		{[]int64{5, 1, 3}, spread{3, 1, 5}},
		{[]int64{4, 1, 3, 2}, spread{2, 1, 4}},
	} {
		if got := spreadOf(c.list); got != c.want {
			t.Errorf("%v: %+v, want %+v", c.list, got, c.want)
		}
	}
	a, b := runs("a", time.Second, 3*time.Second, 9*time.Second), runs("b", 2*time.Second)
	if got := ratio(&a, &b, wall); got != 1.5 {
		t.Errorf("ratio %v", got)
	}
	if got := ratio(&a, &result{}, wall); got < 1 {
		t.Errorf("ratio to nothing %v", got)
	}
}

func TestAdd(t *testing.T) {
	c := cost{Wall: 1, User: 2, System: 3, Peak: 9, Files: 4}
	c.add(cost{Wall: 10, User: 20, System: 30, Peak: 5, Files: 40})
	if c.Wall != 11 || c.cpu() != 55 || c.Peak != 9 || c.Files != 44 {
		t.Errorf("%+v", c)
	}
}

// TestMeasure: the time and the memory of what a command starts count too.
func TestMeasure(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("it counts blocks as Linux does")
	}
	out := filepath.Join(t.TempDir(), "out")
	// A child computes until it has taken 50 ms of processor time; the file has 1 MiB.
	c, said, err := measure(t.Context(), &step{args: []string{"sh", "-c",
		`sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done'; head -c 1048576 /dev/zero >"$OUT"; sync "$OUT"; echo done`}, env: []string{"OUT=" + out}})
	if err != nil || string(said.out) != "done\n" {
		t.Fatalf("%q, %v", said.out, err)
	}
	if c.cpu() <= 0 || c.Wall < c.cpu()/time.Duration(runtime.NumCPU()+1) || c.Peak < 100<<10 {
		t.Errorf("%+v", c)
	}
	pipe := filepath.Join(t.TempDir(), "pipe")
	if _, said, err := measure(t.Context(), &step{args: []string{"echo", "there"}, pipe: pipe}); err != nil || len(said.out) != 0 {
		t.Errorf("%q, %v", said.out, err)
	}
	if text, err := os.ReadFile(pipe); err != nil || string(text) != "there\n" {
		t.Errorf("%q, %v", text, err)
	}
	if _, _, err := measure(t.Context(), &step{args: []string{"sh", "-c", "echo why >&2; exit 7"}}); err == nil || !strings.Contains(err.Error(), "7: why") {
		t.Errorf("%v", err)
	}
}

func TestTallyRead(t *testing.T) {
	said := spoken{
		out: []byte(`{"recording":"foo","cost":{"list":1,"bytes_read":100,"bytes_written":90}}`),
		log: []byte(`{"msg":"stage","stage":"write","bytes_read":80}` + "\nnoise\n" + `{"msg":"stage","stage":"verify","bytes_read":7}` + "\n" + `{"msg":"stage","stage":"commit","bytes_read":3}` + "\n" + `{"msg":"recording","bytes_read":100}` + "\n"),
	}
	var c cost
	if err := tallyRead(said, &c); err != nil || c.Read != 100 || c.Sent != 90 || back(c) != 10 || source(c) != 90 {
		t.Errorf("%+v, %v", c, err)
	}
	if err := tallyRead(spoken{out: []byte("no")}, &c); err == nil {
		t.Error("no report")
	}
}

// TestCancelled: what a command has started ends with it.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	mark := filepath.Join(t.TempDir(), "mark")
	over := make(chan error, 1)
	go func() {
		_, _, err := measure(ctx, &step{args: []string{"sh", "-c", `sh -c 'trap "" INT; echo x >"$MARK"; sleep 600; echo y' & wait`}, env: []string{"MARK=" + mark}})
		over <- err
	}()
	for {
		if _, err := os.Stat(mark); err == nil {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	if err := <-over; err == nil || errors.Is(err, exec.ErrWaitDelay) {
		t.Errorf("%v", err)
	}
}

func TestParseStat(t *testing.T) {
	text := "4242 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 8 0 1\n"
	if got, err := parseStat(text); err != nil || got != 2*time.Second {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "1 (x) S 1", "4242 (a) S 1 2 3 4 5 6 7 8 9 10 x 50"} {
		if got, err := parseStat(bad); err == nil {
			t.Errorf("%q: %v", bad, got)
		}
	}
	if runtime.GOOS == "linux" {
		if _, err := cpuOf(os.Getpid()); err != nil {
			t.Error(err)
		}
	}
}

func TestAccessLog(t *testing.T) {
	line := func(bucket, operation, key, target string) string {
		return "\ntest " + bucket + " [22/November/2026:17:31:09 +0000] 127.0.0.1 test A5WJ " + operation + " " + key + " " + target + " 200 - 0 1 2 2 - rclone/ - x SigV4"
	}
	file := filepath.Join(t.TempDir(), "log")
	write := func(text string) {
		f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	write("log starts 2026-11-22 17:31:08" + line(sources, "s3_GetObject", "foo/A/1080p/0.ts", "/segments/foo/A/1080p/0.ts?x-id=GetObject") +
		line(sources, "s3_ListObjectsV2", "-", "/segments?list-type=2&prefix=foo%2F") + line(sources, "s3_ListObjectsV2", "-", "/segments?list-type=2&prefix=") +
		line(sources, "s3_PutObject", "out1/foo/recording.json", "/segments/out1/foo/recording.json") + line("out1", "s3_ListObjectsV2", "-", "/out1?prefix=foo%2F"))
	log := &accessLog{file: file, seen: requests{}}
	first, err := log.count()
	want := requests{"segments GetObject": 1, "segments ListObjectsV2": 2, "outputs PutObject": 1, "outputs ListObjectsV2": 1}
	if err != nil || len(first.since(want)) != 0 || len(want.since(first)) != 0 {
		t.Fatalf("%v, %v; want %v", first, err, want)
	}
	write(line("out1", "s3_GetObject", "foo.mp4", "/out1/foo.mp4") + line(sources, "s3_GetObject", "out1/.recfin/probe/x", "/segments/out1/.recfin/probe/x") +
		line("out1", "s3_ListObjectsV2", "-", "/out1?prefix=recordings%2F.recfin%2Fleases") + "\nnonsense\n a [b\n")
	second, err := log.count()
	if more := second.since(first); err != nil || len(more) != 3 || more["outputs GetObject"] != 1 || more["private GetObject"] != 1 || more["private ListObjectsV2"] != 1 {
		t.Errorf("%v, %v", more, err)
	}
	r := &result{Runs: []cost{{Asked: first}, {Asked: second}}}
	if got := r.kinds(); !slices.Equal(got, []string{"outputs GetObject", "outputs ListObjectsV2", "outputs PutObject", "private GetObject", "private ListObjectsV2", "segments GetObject", "segments ListObjectsV2"}) {
		t.Errorf("%q", got)
	}
	if all, gets := asked()(r.Runs[1]), asked("segments GetObject", "outputs GetObject")(r.Runs[1]); all != 8 || gets != 2 {
		t.Errorf("%d, %d", all, gets)
	}
}
