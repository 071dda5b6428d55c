//go:build unix

package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store/storetest/s3double"
)

// A run writes every metric; the next one replaces them.
func TestMetricsFile(t *testing.T) {
	t.Parallel()
	dir, path := demoStore(t), filepath.Join(t.TempDir(), "recfin.prom")
	started := float64(time.Now().Unix())
	mustRecfin(t, exitDone, "run", "--store", dir, "--metrics-file", path, "--metrics-label", "bucket=live", "--delete", "leftovers")
	first := metricsOf(t, path)
	want := metricSeries(`bucket="live",command="run"`)
	for series := range maps.Keys(first) {
		if !want[series] {
			t.Errorf("%s is not known", series)
		}
	}
	if len(first) != len(want) {
		t.Errorf("%d series, want %d", len(first), len(want))
	}
	get := func(of map[string]float64, name, more string) float64 {
		n, ok := of[name+`{bucket="live",command="run"`+more+"}"]
		if !ok {
			t.Fatalf("%s %s is missing", name, more)
		}
		return n
	}
	if get(first, "recfin_last_run_recordings", `,result="written"`) != 1 || get(first, "recfin_last_run_segments", `,reason="chosen"`) != 19 || get(first, "recfin_last_run_condemned_objects", "") != 2 ||
		get(first, "recfin_last_run_bytes", `,direction="written"`) == 0 || get(first, "recfin_last_success_timestamp_seconds", "") < started {
		t.Errorf("%v", first)
	}
	mustRecfin(t, exitDone, "run", "--store", dir, "--metrics-file", path, "--metrics-label", "bucket=live")
	second := metricsOf(t, path)
	if get(second, "recfin_last_run_recordings", `,result="written"`) != 0 || get(second, "recfin_last_run_recordings", `,result="done"`) != 1 || get(second, "recfin_last_run_committed_sessions", "") != 0 {
		t.Errorf("%v", second)
	}
}

// One setting does for all commands and shares of a host.
func TestMetricsFileNames(t *testing.T) {
	dir, folder := demoStore(t), t.TempDir()
	t.Setenv("RECFIN_METRICS_FILE", filepath.Join(folder, "recfin-{command}-{shard}.prom"))
	mustRecfin(t, exitDone, "run", "--store", dir)
	mustRecfin(t, exitDone, "run", "--store", dir, "--shard", "1/2")
	mustRecfin(t, exitDone, "finalize", "--store", dir, "demo")
	mustRecfin(t, exitDone, "plan", "--store", dir) // has none
	for file, labels := range map[string]string{"recfin-run-0.prom": `command="run"`, "recfin-run-1.prom": `command="run",shard="1"`, "recfin-finalize-0.prom": `command="finalize"`} {
		if got := metricsOf(t, filepath.Join(folder, file)); len(got) != len(metricSeries(labels)) || got["recfin_last_success_timestamp_seconds{"+labels+"}"] == 0 {
			t.Errorf("%s: %d series", file, len(got))
		}
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 3 {
		t.Errorf("%v %v", entries, err)
	}
}

// However a command ends, its exit code is in the file, and the last success stays:
// also where it cannot begin, and where a hook is forgiven.
func TestMetricsOfFailures(t *testing.T) {
	t.Parallel()
	dir := demoStore(t)
	for _, test := range []struct {
		name  string
		code  int // of the process
		told  float64
		args  []string
		wrote string
	}{
		{"no such recording", exitFailed, exitFailed, []string{"finalize", "--store", dir, "none"}, `recfin_last_run_recordings{command="finalize",result="nothing"}`},
		{"required and missing", exitFailed, exitFailed, []string{"run", "--store", dir, "--require", "none"}, `recfin_last_run_recordings{command="run",result="written"}`},
		{"no store", exitUsage, exitUsage, []string{"run", "--store", filepath.Join(dir, "none")}, ""},
		{"wrong settings", exitUsage, exitUsage, []string{"run", "--store", dir, "--memory", "much"}, ""},
		{"forgiven", exitDone, exitUsage, []string{"recover", "--exit-zero", "--store", filepath.Join(dir, "none")}, ""},
	} {
		path := filepath.Join(t.TempDir(), "recfin.prom")
		success := `recfin_last_success_timestamp_seconds{command="` + test.args[0] + `"}`
		if err := os.WriteFile(path, []byte("# HELP recfin_dropped_segments x\n"+success+" 1e+09\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		mustRecfin(t, test.code, append(test.args, "--metrics-file", path)...)
		got := metricsOf(t, path)
		if code := got[`recfin_last_run_exit_code{command="`+test.args[0]+`"}`]; code != test.told || got[success] != 1e9 {
			t.Errorf("%s: the exit code is %v, the last success %v", test.name, code, got[success])
		}
		if test.wrote != "" && got[test.wrote] != 1 {
			t.Errorf("%s: %s is %v", test.name, test.wrote, got[test.wrote])
		}
	}
}

// What is wrong with the flags is wrong usage, and the address of the Pushgateway is
// not repeated. What cannot be written or pushed changes no exit code.
func TestMetricsFlags(t *testing.T) {
	t.Parallel()
	dir := demoStore(t)
	for _, args := range [][]string{
		{"--pushgateway", "host:9091"}, {"--pushgateway", "http://user7:" + secret + "@h/?x"}, {"--pushgateway", "user7:" + secret + "@h"},
		{"--metrics-label", "bucket"}, {"--metrics-label", "a=b", "--metrics-label", "a=c"}, {"--metrics-label", "reason=x"}, {"--metrics-label", "a-b=c"},
	} {
		r := mustRecfin(t, exitUsage, append([]string{"run", "--store", dir}, args...)...)
		r.says(t, args[0])
		r.hides(t, secret, "user7")
	}
	before := tree(t, dir)
	for _, file := range []string{"demo/A/180p/0.ts", "demo"} { // a slip of the pen costs no segment
		mustRecfin(t, exitFailed, "finalize", "--store", dir, "none", "--metrics-file", filepath.Join(dir, file)).says(t, "metrics were not written")
		unchanged(t, before, dir, "metrics in "+file)
	}
	r := mustRecfin(t, exitDone, "run", "--store", dir, "--metrics-file", filepath.Join(dir, "none", "x.prom"), "--pushgateway", "http://user7:"+secret+"@127.0.0.1:1/base")
	r.says(t, "metrics were not written", "metrics were not pushed", "http://127.0.0.1:1/base")
	r.hides(t, secret, "user7")
	if len(changes(before, tree(t, dir))) == 0 {
		t.Error("the run did nothing")
	}
	if r := recfin("run", "--help"); strings.Contains(r.out, secret) || !strings.Contains(r.out, "--pushgateway") {
		t.Error("the help")
	}
}

// A push goes under its group, with the credentials of the address, which are nowhere
// else: the environment's stay out of the help too.
func TestMetricsPush(t *testing.T) {
	p, dir := newPushes(t), demoStore(t)
	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("user7", secret)
	t.Setenv("RECFIN_PUSHGATEWAY", u.String())
	path := filepath.Join(t.TempDir(), "recfin.prom")
	r := mustRecfin(t, exitDone, "run", "--store", dir, "--metrics-file", path, "--log-level", "debug")
	r.hides(t, secret, "user7")
	recfin("run", "--help").hides(t, secret, "user7")
	if file, err := os.ReadFile(path); err != nil || strings.Contains(string(file), "user7") {
		t.Errorf("the file: %v", err)
	}
	if p.user.String() != u.User.String() {
		t.Error("the credentials are others")
	}
	mustRecfin(t, exitFailed, "finalize", "--store", dir, "none")
	if len(p.byGroup) != 2 {
		t.Fatalf("pushed to %d groups", len(p.byGroup))
	}
	for group, code := range map[string]float64{"command=run job=recfin": exitDone, "command=finalize job=recfin": exitFailed} {
		got := p.byGroup[group]
		if _, ok := got["recfin_last_success_timestamp_seconds"]; got["recfin_last_run_exit_code"] != code || ok != (code == exitDone) {
			t.Errorf("%s: exit code %v, a success %v", group, got["recfin_last_run_exit_code"], ok)
		}
	}
}

// A run that SIGTERM ends says so; one that is killed leaves what the one before wrote.
func TestMetricsOfAnEnd(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			d := s3double.New(t, s3double.Options{})
			layDouble(t, d)
			reached := make(chan struct{})
			var once sync.Once
			d.Hook(func(x *s3double.Exchange) bool {
				if x.Op != "GetObject" || !strings.HasSuffix(x.Key, ".ts") {
					return false
				}
				once.Do(func() { close(reached) })
				x.Hang()
				return true
			})
			path := filepath.Join(t.TempDir(), "recfin.prom")
			const before = "# HELP recfin_dropped_segments x\n" + `recfin_last_success_timestamp_seconds{command="run"} 1e+09` + "\n"
			if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
				t.Fatal(err)
			}
			p := start(t, "run", "--store", d.URL("live"), "--metrics-file", path)
			await(t, reached, "a read")
			p.signal(t, sig)
			code := p.code(t)
			got := metricsOf(t, path)
			if sig == syscall.SIGKILL {
				if raw, err := os.ReadFile(path); err != nil || string(raw) != before {
					t.Errorf("the file is %q %v", raw, err)
				}
				return
			}
			if code != exitTerminated || got[`recfin_last_run_exit_code{command="run"}`] != exitTerminated || got[`recfin_last_success_timestamp_seconds{command="run"}`] != 1e9 {
				t.Errorf("exit code %d: %v", code, got)
			}
			// What had been asked for until then has been paid for.
			if got[`recfin_last_run_requests{command="run",operation="list"}`] == 0 {
				t.Errorf("no requests: %v", got)
			}
		})
	}
}

// Shares push to groups of their own. Of a share that cannot be told nothing is pushed:
// it would stand beside the others for ever.
func TestMetricsOfShards(t *testing.T) {
	t.Parallel()
	p, dir := newPushes(t), demoStore(t)
	for i := range 4 {
		mustRecfin(t, exitDone, "run", "--store", dir, "--shard", fmt.Sprintf("%d/4", i), "--pushgateway", p.URL)
	}
	written, failing := -1, -1
	for i := range 4 {
		if (finalize.Shard{Index: i, Count: 4}).Takes("demo") {
			written = i
		} else {
			failing = i
		}
	}
	mustRecfin(t, exitUsage, "run", "--store", filepath.Join(dir, "none"), "--shard", fmt.Sprintf("%d/4", failing), "--pushgateway", p.URL)
	mustRecfin(t, exitUsage, "run", "--store", dir, "--shard", "4/4", "--pushgateway", p.URL)
	if len(p.byGroup) != 4 {
		t.Errorf("there are %d groups", len(p.byGroup))
	}
	for i := range 4 {
		got, ok := p.byGroup[fmt.Sprintf("command=run job=recfin shard=%d", i)]
		code, sessions := 0.0, 0.0
		if i == failing {
			code = exitUsage
		}
		if i == written {
			sessions = 1
		}
		if !ok || got["recfin_last_run_exit_code"] != code || got["recfin_last_run_committed_sessions"] != sessions {
			t.Errorf("shard %d: exit code %v, %v sessions", i, got["recfin_last_run_exit_code"], got["recfin_last_run_committed_sessions"])
		}
	}
}

// recover ends within its budget although the store and the Pushgateway hang, and the
// metrics say what its exit code was.
func TestMetricsOfRecover(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	hang := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}))
	defer hang.Close()
	defer close(over)
	path := filepath.Join(t.TempDir(), "recfin.prom")
	r := mustRecfin(t, exitUnavailable, "recover", "--budget", "1s", "--metrics-file", path, "--pushgateway", hang.URL, "--store", secretURL(strings.TrimPrefix(hang.URL, "http://")))
	r.says(t, "metrics were not pushed")
	r.hides(t, secret)
	got := metricsOf(t, path)
	if got[`recfin_last_run_exit_code{command="recover"}`] != exitUnavailable || got[`recfin_last_run_limit_seconds{command="recover"}`] != 1 {
		t.Errorf("%s", fmt.Sprint(got))
	}
}
