package doctest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"recfin/internal/testenv"
)

// atMost is how long a page may hang before it is given up.
const atMost = 3 * time.Minute

// play runs a page and says what is wrong with it.
func play(t testing.TB, text string, w world) []string {
	t.Helper()
	found, err := blocks(text)
	if err != nil {
		return []string{err.Error()}
	}
	all, err := steps(found)
	if err != nil {
		return []string{err.Error()}
	}
	if len(all) == 0 {
		return nil
	}
	for _, program := range programs(all) {
		testenv.Need(t, program)
	}
	s := newSandbox(t, w, needsClone(all))
	if w.before != "" {
		if _, err := s.run(t, []step{{script: w.before + "\n"}}); err != nil {
			_, errs := s.said(t, 0)
			return []string{fmt.Sprintf("%s: %v\n%s", w.before, err, errs)}
		}
	}
	last, err := s.run(t, all)
	var wrong []string
	for i, one := range all[:last+1] {
		out, errs := s.said(t, i)
		if i == last && err != nil {
			wrong = append(wrong, fmt.Sprintf("line %d: %v\n%s%s%s", one.line, err, one.script, out, errs))
			break
		}
		if one.shows {
			if diff := differs(one.want, out); diff != "" {
				wrong = append(wrong, fmt.Sprintf("line %d: %q prints something else, %s\nall of it:\n%s", one.line, strings.TrimSpace(one.script), diff, out))
			}
		}
	}
	if err != nil && last+1 < len(all) {
		wrong = append(wrong, fmt.Sprintf("what stands from line %d on was not run", all[last+1].line))
	}
	return wrong
}

// outside are programs of other people that pages run for real.
var outside = regexp.MustCompile(`\b(bash|make|jq|curl|ffmpeg|ffprobe)\b`)

// programs are those that the steps need.
func programs(all []step) []string {
	need := map[string]bool{"bash": true}
	for _, s := range all {
		if s.tty {
			need["script"] = true
		}
		for _, name := range outside.FindAllString(s.script, -1) {
			need[name] = true
		}
	}
	return slices.Sorted(maps.Keys(need))
}

// inRepository is what a page can only mean in a clone of the repository.
var inRepository = regexp.MustCompile(`\b(make|git|go) |(^|[\s'"=])(deploy|docs|testdata|bin|\.)/`)

// needsClone reports whether a step needs the files of the repository.
func needsClone(all []step) bool {
	return slices.ContainsFunc(all, func(s step) bool { return inRepository.MatchString(s.script) })
}

// serves is a server that somebody would look at and end with Ctrl-C.
var serves = regexp.MustCompile(`(?m)^recfin serve((?: [^&|;<>#\n]*)?)(?: *#.*)?$`)

// foreground starts a server, waits until it says where it is, and ends it.
const foreground = `foreground() {
  local said="$STEPS/said" server
  rm -f "$said"
  "$@" >"$said" &
  server=$!
  until [ -s "$said" ]; do kill -0 $server || { wait $server; return; }; sleep 0.05; done
  kill $server
  wait $server
}
`

// atTerminal runs a step with a terminal of 120 columns, without the lines of progress
// that come and go.
const atTerminal = `TERM=xterm RECFIN_PROGRESS=never script -qec "stty cols 120; bash $STEPS/%d.sh" /dev/null </dev/null | tr -d '\r'
`

// run executes the steps in one bash, which is in the middle of the last one that it
// gives when it ends.
func (s *sandbox) run(t testing.TB, all []step) (last int, err error) {
	t.Helper()
	var b strings.Builder
	b.WriteString("set -e -o pipefail\n" + foreground)
	for i, one := range all {
		if one.tty {
			if err := os.WriteFile(filepath.Join(s.top, "steps", fmt.Sprintf("%d.sh", i)), []byte("set -e\n"+s.cloud.inward(one.script)), 0o644); err != nil {
				t.Fatal(err)
			}
			one.script = fmt.Sprintf(atTerminal, i)
		}
		fmt.Fprintf(&b, "exec >\"$STEPS/%d.out\" 2>\"$STEPS/%d.err\"; echo %d >\"$STEPS/last\"\n%s", i, i, i, s.cloud.inward(serves.ReplaceAllString(one.script, "foreground recfin serve --listen 127.0.0.1:0$1")))
	}
	script := filepath.Join(s.top, "page.sh")
	if err := os.WriteFile(script, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), atMost)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", script)
	cmd.Dir, cmd.Env = s.dir, s.env(t)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // what a page leaves running ends with it
	end := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel = end
	err = cmd.Run()
	if cmd.Process != nil {
		_ = end()
	}
	if ctx.Err() != nil {
		err = errors.Join(ctx.Err(), err)
	}
	number, readErr := os.ReadFile(filepath.Join(s.top, "steps", "last"))
	if readErr != nil {
		t.Fatal(errors.Join(err, readErr))
	}
	last, convErr := strconv.Atoi(strings.TrimSpace(string(number)))
	if convErr != nil {
		t.Fatal(convErr)
	}
	if err == nil && last+1 < len(all) {
		err = errors.New("it ends the page")
	}
	return last, err
}

// said gives what a step has printed, in the words of the page.
func (s *sandbox) said(t testing.TB, i int) (out, errs string) {
	t.Helper()
	read := func(kind string) string {
		raw, err := os.ReadFile(filepath.Join(s.top, "steps", fmt.Sprintf("%d.%s", i, kind)))
		if err != nil {
			t.Fatal(err)
		}
		return s.cloud.outward(string(raw))
	}
	return read("out"), read("err")
}
