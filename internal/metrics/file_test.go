package metrics

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize"
)

// tell writes the metrics of a run with an exit code, at a time.
func tell(t testing.TB, path string, code int, at time.Time, opt Options, shard finalize.Shard) error {
	t.Helper()
	m, c := begun(t, opt)
	c.at = at
	m.Share(shard)
	m.End(code)
	return m.WriteFile(path)
}

// The last success stays in the file when a run fails, for ever; that of another
// command, shard or job is not taken for it.
func TestLastSuccessStays(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "recfin.prom")
	series := func(name string) float64 {
		values, _ := valuesIn(t, path)
		for k, v := range values {
			if strings.HasPrefix(k, name+"{") {
				return v
			}
		}
		return -1
	}
	day := func(n int) time.Time { return night.AddDate(0, 0, n).Add(123 * time.Millisecond) }
	at := func(n int) float64 { return float64(day(n).UnixMilli()) / 1000 }
	hostileLabel := Options{Labels: map[string]string{"bucket": `a\"b} 1` + "ü", "bucket2": "by name, not by name and sign", "zone": "eu"}}
	for i, step := range []struct {
		code  int
		opt   Options
		shard finalize.Shard
		want  float64
	}{
		{1, Options{}, finalize.Shard{}, -1}, // never yet
		{0, Options{}, finalize.Shard{}, at(1)},
		{5, Options{}, finalize.Shard{}, at(1)},
		{143, Options{}, finalize.Shard{}, at(1)},
		{0, Options{}, finalize.Shard{}, at(4)},
		{1, Options{}, finalize.Shard{}, at(4)},
		{1, Options{Command: "finalize"}, finalize.Shard{}, -1},
		{0, Options{}, finalize.Shard{Index: 1, Count: 8}, at(7)},
		{1, Options{}, finalize.Shard{Index: 1, Count: 8}, at(7)},
		{1, Options{}, finalize.Shard{Index: 2, Count: 8}, -1},
		{0, hostileLabel, finalize.Shard{}, at(10)},
		{1, hostileLabel, finalize.Shard{}, at(10)},
		{1, Options{Labels: map[string]string{"bucket": "a"}}, finalize.Shard{}, -1},
	} {
		if err := tell(t, path, step.code, day(i), step.opt, step.shard); err != nil {
			t.Fatal(err)
		}
		if got := series(nameSuccess); got != step.want {
			t.Errorf("step %d: the last success is at %v, want %v", i, got, step.want)
		}
		if got := series("recfin_last_run_timestamp_seconds"); got != at(i) {
			t.Errorf("step %d: the last run is at %v, want %v", i, got, at(i))
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("there is more than the file: %v %v", entries, err)
	}
}

// Any labels that are taken are found again.
func TestAnyLabels(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		labels := rapid.MapOfN(rapid.StringMatching(`[a-z_]{1,5}[0-9]?`), rapid.StringMatching(`["\\ {},=a-zé\n]{0,6}`), 0, 4).Draw(t, "labels")
		if checkLabels(labels) != nil {
			t.Skip()
		}
		path := filepath.Join(dir, "any.prom")
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		for code := range 2 {
			m, err := New(Options{Command: "run", Labels: labels, Now: func() time.Time { return night.Add(time.Duration(code) * time.Hour) }})
			if err != nil {
				t.Fatal(err)
			}
			m.End(code)
			if err := m.WriteFile(path); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := successIn(path, map[string]string{"command": "run"}); len(labels) > 0 && (err != nil || !got.IsZero()) {
			t.Errorf("found without its labels: %v %v", got, err)
		}
		labels["command"] = "run"
		if got, err := successIn(path, labels); err != nil || !got.Equal(night) {
			t.Errorf("found %v %v in labels %q", got, err, labels)
		}
	})
}

func TestLabelsAreChecked(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"": "x", "1a": "x", "a-b": "x", "__a": "x", "é": "x", "job": "x", "command": "x", "shard": "x", "reason": "x", "result": "x", "stage": "x",
		"empty": "", "line": "a\nb", "bad": "\xff", "control": "a\x1bb",
	} {
		if _, err := New(Options{Command: "run", Labels: map[string]string{name: value}}); err == nil {
			t.Errorf("%q=%q is taken", name, value)
		}
	}
	for name, value := range map[string]string{"bucket": "live", "instance": "node-1:9100", "_x": "а б"} {
		if _, err := New(Options{Command: "run", Labels: map[string]string{name: value}}); err != nil {
			t.Errorf("%q=%q: %v", name, value, err)
		}
	}
}

// What is in the way and is none of our files is an error, and stays as it was.
func TestFileInTheWay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder := filepath.Join(dir, "folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "socket") // as good as a device or a pipe
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, path := range []string{folder, socket, filepath.Join(dir, "none", "x.prom"), ""} {
		for code := range 2 {
			if err := tell(t, path, code, night, Options{}, finalize.Shard{}); err == nil {
				t.Errorf("%q was written", path)
			}
		}
	}
	if info, err := os.Lstat(socket); err != nil || info.Mode().Type() != os.ModeSocket {
		t.Errorf("the socket is %v %v", info, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v %v", entries, err)
	}
	path := filepath.Join(dir, "other.prom")
	for body, taken := range map[string]bool{
		"": true, help + nameSuccess + `{command="run"} NaN`: true, help + nameSuccess + `{command="run"} -5`: true, help + nameSuccess + `{command="run"} 1e300`: true,
		help + nameSuccess + `{command="run"} x`: true, help + nameSuccess + `{command="run"}`: true, help + strings.Repeat("x", 1<<20): true,
		"G\x00\x01\x02": false, "#EXTM3U\n": false, "{\"format\": \"recfin/recording\"}\n": false, "\n" + help: false, "# HELP node_load1 x\n": false, strings.Repeat("x", 1<<20) + "\n": false,
	} {
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		err := tell(t, path, 1, night, Options{}, finalize.Shard{})
		if (err == nil) != taken {
			t.Errorf("over %.40q: %v", body, err)
		}
		if !taken {
			if raw, err := os.ReadFile(path); err != nil || string(raw) != body {
				t.Errorf("%.40q is %.40q now (%v)", body, raw, err)
			}
			continue
		}
		if values, _ := valuesIn(t, path); len(values) != allSeries()-1 {
			t.Errorf("after %.40q there are %d series", body, len(values))
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
			t.Errorf("whoever collects cannot read it: %v %v", info.Mode(), err)
		}
	}
}

// help is how a file of metrics begins.
const help = "# HELP recfin_dropped_segments Segments.\n"
