package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"recfin/internal/broadcast"
)

// logLine is any line of the log, in JSON.
type logLine struct {
	Time      time.Time      `json:"time"`
	Level     string         `json:"level"`
	Msg       string         `json:"msg"`
	Recording string         `json:"recording"`
	Stage     string         `json:"stage"`
	Status    string         `json:"status"`
	Error     string         `json:"error"`
	Done      int64          `json:"done"`
	Unit      string         `json:"unit"`
	Command   string         `json:"command"`
	ExitCode  *int           `json:"exit_code"`
	All       int            `json:"recordings"`
	By        map[string]int `json:"by_status"`
	Took      *int64         `json:"took_ms"`
	logCost
}

// logCost are the keys of what was asked of the stores.
type logCost struct {
	List    int64 `json:"list"`
	Get     int64 `json:"get"`
	Head    int64 `json:"head"`
	Put     int64 `json:"put"`
	Copy    int64 `json:"copy"`
	Delete  int64 `json:"delete"`
	Read    int64 `json:"bytes_read"`
	Written int64 `json:"bytes_written"`
}

func (c *logCost) add(d logCost) {
	c.List, c.Get, c.Head, c.Put = c.List+d.List, c.Get+d.Get, c.Head+d.Head, c.Put+d.Put
	c.Copy, c.Delete, c.Read, c.Written = c.Copy+d.Copy, c.Delete+d.Delete, c.Read+d.Read, c.Written+d.Written
}

// logOf are the lines of a log; one that is no JSON fails.
func logOf(t *testing.T, text string) []logLine {
	t.Helper()
	var all []logLine
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		var l logLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if l.Time.IsZero() || l.Level == "" || l.Msg == "" {
			t.Errorf("%q lacks a key that every line has", line)
		}
		all = append(all, l)
	}
	return all
}

// lines are those with a message.
func lines(all []logLine, msg string) []logLine {
	var some []logLine
	for _, l := range all {
		if l.Msg == msg {
			some = append(some, l)
		}
	}
	return some
}

// Log lines where nobody watches: JSON, each stage and recording, and a sum.
func TestLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broadcast.Lay(t, broadcast.Folder(dir), broadcast.Make(t, broadcast.Options{}).Uploads("foo/A/720p", 0, 3, onAir))
	for _, level := range []string{"info", "debug"} {
		r := mustRecfin(t, exitDone, "plan", "--store", dir, "--log-level", level, "foo")
		log := logOf(t, r.err)
		if l := lines(log, msgRecording); len(l) != 1 || l[0].Level != "INFO" || l[0].Recording != "foo" || l[0].Status != "ready" || l[0].List == 0 || l[0].Read == 0 || l[0].Put != 0 || l[0].Took == nil {
			t.Errorf("%+v", l)
		}
		if n := len(lines(log, msgStage)); (n > 0) != (level == "debug") {
			t.Errorf("at level %s a plan, which only looks, has %d lines of stages", level, n)
		}
	}
	if r := mustRecfin(t, exitDone, "plan", "--store", dir, "--log-level", "error", "foo"); r.err != "" {
		t.Errorf("at level error: %s", r.err)
	}
	r := mustRecfin(t, exitDone, "finalize", "--store", dir, "--format", "hls,mp4", "--log-level", "debug", "--log-format", "text", "foo")
	r.says(t, "level=DEBUG", "msg=stage recording=foo stage=measure", "msg=stage recording=foo stage=commit", "msg=summary command=finalize exit_code=0 recordings=1 by_status.done=1")
	for _, args := range [][]string{{"keep", "foo"}, {"list"}} { // they count nothing
		if r := mustRecfin(t, exitDone, append(args, "--store", dir)...); r.err != "" {
			t.Errorf("recfin %q logs %s", args, r.err)
		}
	}
}

// The costs of the stages of a recording add up to its own, and those of the
// recordings to that of the run; what had nothing to do has no line of a stage.
func TestLogAddsUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := broadcast.Make(t, broadcast.Options{})
	for _, name := range []string{"one", "two", "three"} {
		broadcast.Lay(t, broadcast.Folder(dir), s.Uploads(name+"/A/720p", 0, 3, onAir))
		broadcast.Lay(t, broadcast.Folder(dir), s.Uploads(name+"/B/720p", 2, 2, onAir.Add(4*time.Second)))
	}
	if err := broadcast.Folder(dir)("bad/A/720p/0.ts", noise(9000), onAir); err != nil {
		t.Fatal(err)
	}
	args := []string{"run", "--store", dir, "--format", "hls,mp4", "--delete", "leftovers", "--delete-delay", "0", "--log-level", "debug"}
	for n, code := range []int{exitPartly, exitPartly} {
		log := logOf(t, mustRecfin(t, code, args...).err)
		sums, worked := map[string]*logCost{}, map[string]map[string]bool{}
		for _, l := range lines(log, msgStage) {
			if sums[l.Recording] == nil {
				sums[l.Recording], worked[l.Recording] = &logCost{}, map[string]bool{}
			}
			sums[l.Recording].add(l.logCost)
			if l.Level == "INFO" {
				worked[l.Recording][l.Stage] = true
			}
			if (l.Stage == "list" || l.Stage == "measure") != (l.Level == "DEBUG") || l.Took == nil || l.Done > 0 && l.Unit == "" {
				t.Errorf("%+v", l)
			}
		}
		all := logCost{}
		for _, l := range lines(log, msgRecording) {
			if got := sums[l.Recording]; got == nil || *got != l.logCost {
				t.Errorf("run %d: the stages of %s cost %+v, and it cost %+v", n, l.Recording, got, l.logCost)
			}
			all.add(l.logCost)
			work := worked[l.Recording]
			if good := l.Recording != "bad"; good && n == 0 && !(work["write"] && work["verify"] && work["commit"] && work["delete"]) || (n > 0 || !good) && len(work) > 0 {
				t.Errorf("run %d: %s has lines of %v", n, l.Recording, work)
			}
		}
		run := lines(log, msgSummary)
		if len(run) != 1 || run[0].logCost != all || run[0].Command != "run" || run[0].All != 4 || run[0].By["done"] != 3 || run[0].ExitCode == nil || *run[0].ExitCode != code {
			t.Errorf("run %d: %+v, and the recordings cost %+v", n, run, all)
		}
	}
}

// Where the log is JSON, so is the last word.
func TestLastWord(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log := logOf(t, mustRecfin(t, exitFailed, "run", "--require", "foo", "--store", dir, "--log-format", "json").err)
	if l := log[len(log)-1]; l.Msg != msgError || l.Level != "ERROR" || !strings.Contains(l.Error, "foo") {
		t.Errorf("the last line: %+v", l)
	}
	r := mustRecfin(t, exitFailed, "run", "--require", "foo", "--store", dir, "--log-format", "text")
	if i := strings.LastIndex(strings.TrimSuffix(r.err, "\n"), "\n"); !strings.HasPrefix(r.err[i+1:], "recfin: ") {
		t.Errorf("the last line of text: %s", r.err)
	}
}
