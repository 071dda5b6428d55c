package survival

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is for a process that would otherwise never end. Nothing else is judged
// by it.
const patience = 3 * time.Minute

// program gives the path of recfin, built once for all tests.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(programs, "recfin")
	if out, err := exec.Command("go", "build", "-o", path, "recfin/cmd/recfin").CombinedOutput(); err != nil {
		return "", errors.Join(err, errors.New(string(out)))
	}
	return path, nil
})

// programs is a folder that goes with the tests.
var programs string

func TestMain(m *testing.M) {
	var err error
	if programs, err = os.MkdirTemp("", "recfin-survival-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(programs)
	os.Exit(code)
}

// process is recfin at work on a store.
type process struct {
	*exec.Cmd
	out, errs bytes.Buffer
	ended     chan struct{} // closed when it has, and was waited for
}

// begin starts recfin. The URL of the store may hold credentials, so it goes by the
// environment.
func begin(t *testing.T, url string, args ...string) *process {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.Command(path, args...), ended: make(chan struct{})}
	p.Stdout, p.Stderr = &p.out, &p.errs
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "RECFIN_") {
			p.Env = append(p.Env, e)
		}
	}
	p.Env = append(p.Env, "RECFIN_STORE="+url)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.Wait() // the state says it
	}()
	return p
}

// end waits for a process, whatever comes of it. One that hangs is a failure.
func (p *process) end(t *testing.T) {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		_ = p.Process.Kill()
		<-p.ended
		t.Fatalf("recfin %q does not end: %s%s", p.Args[1:], &p.out, &p.errs)
	}
}

// await waits until something is so, or the process has ended.
func (p *process) await(so func() bool) {
	for !so() {
		select {
		case <-p.ended:
			return
		case <-time.After(time.Millisecond):
		}
	}
}

// stop sends a signal after a while, and waits. alive is false where the process had
// ended by itself before.
func (p *process) stop(t *testing.T, sig os.Signal, after time.Duration) (alive bool) {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(after):
	}
	sent := p.Process.Signal(sig)
	p.end(t)
	return sent == nil && p.ProcessState.ExitCode() != 0
}
