//go:build unix

package main

import (
	"bytes"
	"errors"
	"maps"
	"os/exec"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"recfin/store/storetest/s3double"
)

// patience is for what would otherwise never end. Nothing is judged by it.
const patience = 2 * time.Minute

// process is a command line in a process of its own.
type process struct {
	*exec.Cmd
	out, errs bytes.Buffer
	ended     chan struct{} // closed when it has, and was waited for
}

// start starts a command line that ends with the test.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{Cmd: child(t, args...), ended: make(chan struct{})}
	p.Stdout, p.Stderr = &p.out, &p.errs
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.Wait() // the state says it
	}()
	t.Cleanup(func() {
		_ = p.Process.Kill()
		<-p.ended
	})
	return p
}

func (p *process) signal(t *testing.T, sig syscall.Signal) {
	t.Helper()
	if err := p.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

// code waits for the end. A process that a signal has killed has none: -1.
func (p *process) code(t *testing.T) int {
	t.Helper()
	select {
	case <-p.ended:
		return p.ProcessState.ExitCode()
	case <-time.After(patience):
		t.Fatalf("it does not end:\n%s", p.Args)
		return 0
	}
}

// layDouble lays two renditions by two broadcasters into a double.
func layDouble(t *testing.T, d *s3double.Server) {
	t.Helper()
	layTwoRenditions(t, func(key string, body []byte, uploaded time.Time) error {
		d.SetObject(s3double.Object{Key: "live/" + key, Body: body, Modified: uploaded})
		return nil
	}, "foo", onAir)
}

// A store that hangs keeps nobody: when the grace is over the process ends with the
// code of its signal, although the abort of an upload was not answered.
func TestGrace(t *testing.T) {
	t.Parallel()
	for sig, want := range map[syscall.Signal]int{syscall.SIGINT: exitInterrupted, syscall.SIGTERM: exitTerminated} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			d := s3double.New(t, s3double.Options{})
			layDouble(t, d)
			aborting := hangAt(d, "UploadPart")
			p := start(t, "finalize", "--store", d.URL("live"), "--grace", "1s", "foo")
			await(t, aborting["UploadPart"], "an upload")
			p.signal(t, sig)
			await(t, aborting["AbortMultipartUpload"], "its abort")
			if code := p.code(t); code != want {
				t.Errorf("exit code %d, want %d", code, want)
			}
			if text := p.errs.String(); !strings.Contains(text, "has not ended within 1s; the next run carries on") || strings.Contains(text, d.SecretKey) {
				t.Errorf("it says %q", text)
			}
		})
	}
}

// A second signal ends it at once, however long the grace is.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	for second, want := range map[syscall.Signal]int{syscall.SIGINT: exitInterrupted, syscall.SIGTERM: exitTerminated} {
		t.Run(second.String(), func(t *testing.T) {
			t.Parallel()
			d := s3double.New(t, s3double.Options{})
			layDouble(t, d)
			aborting := hangAt(d, "UploadPart")
			p := start(t, "finalize", "--store", d.URL("live"), "--grace", "1h", "foo")
			await(t, aborting["UploadPart"], "an upload")
			p.signal(t, syscall.SIGTERM)
			await(t, aborting["AbortMultipartUpload"], "its abort")
			p.signal(t, second)
			if code := p.code(t); code != want {
				t.Errorf("exit code %d, want %d", code, want)
			}
			if text := p.errs.String(); strings.Contains(text, "interrupted") {
				t.Errorf("it has ended by itself: %q", text)
			}
		})
	}
}

// hangAt lets a store hang from the first request of an operation on. The channels
// are closed when an operation was asked for since.
func hangAt(d *s3double.Server, op string) map[string]chan struct{} {
	seen := map[string]chan struct{}{op: make(chan struct{}), "AbortMultipartUpload": make(chan struct{})}
	once := map[string]*sync.Once{op: {}, "AbortMultipartUpload": {}}
	hung := make(chan struct{})
	var first sync.Once
	d.Hook(func(x *s3double.Exchange) bool {
		if x.Op == op {
			first.Do(func() { close(hung) })
		}
		select {
		case <-hung:
		default:
			return false
		}
		if seen[x.Op] != nil {
			once[x.Op].Do(func() { close(seen[x.Op]) })
		}
		x.Hang()
		return true
	})
	return seen
}

func await(t *testing.T, c <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		t.Fatalf("it never came to %s", what)
	}
}

// A SIGTERM at any request of a run, which is answered all the same: the process
// ends with 143 and leaves no upload and no lease, and the next runs make what an
// undisturbed one would have.
func TestTerminatedAnywhere(t *testing.T) {
	t.Parallel()
	const stride = 17
	args := []string{"finalize", "--format", "hls,mp4", "--delete", "leftovers", "--delete-delay", "0", "foo", "--store"}
	want, requests := map[string]string(nil), 0
	d := s3double.New(t, s3double.Options{}) // its address is in what is compared
	for at := -1; at < requests; at += stride {
		for _, key := range d.Keys("") {
			d.Remove(key)
		}
		layDouble(t, d)
		var p *process
		n, begun, hit := 0, make(chan struct{}), false
		var mu sync.Mutex
		d.Hook(func(*s3double.Exchange) bool {
			<-begun
			mu.Lock()
			defer mu.Unlock()
			if n++; n == at+1 {
				hit = p.Process.Signal(syscall.SIGTERM) == nil
			}
			return false
		})
		p = start(t, append(args, d.URL("live"))...)
		close(begun)
		code := p.code(t)
		d.Calm()
		if at < 0 {
			requests, want = n, outputs(d)
			if code != exitDone || len(want) == 0 || requests < 5*stride {
				t.Fatalf("an undisturbed run: code %d, %d requests, %d objects\n%s", code, requests, len(want), p.errs.String())
			}
			continue
		}
		mu.Lock() // the process may have ended before the one that sent the signal goes on
		sent := hit
		mu.Unlock()
		if !sent || code != exitTerminated {
			t.Errorf("request %d of %d: exit code %d\n%s", at, requests, code, p.errs.String())
		}
		for _, u := range d.Uploads() {
			t.Errorf("request %d of %d: an upload of %s is left", at, requests, u.Key)
		}
		for _, key := range passing(d) {
			if path.Base(path.Dir(key)) != "probe" {
				t.Errorf("request %d of %d: %s is left", at, requests, key)
			}
		}
		for range 3 {
			if r := recfin(append(args, d.URL("live"))...); r.code != exitDone {
				t.Fatalf("request %d of %d: the next run: %d\n%s", at, requests, r.code, r.text())
			}
		}
		if got := outputs(d); !maps.Equal(got, want) {
			t.Errorf("request %d of %d: it has %q, want %q", at, requests, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
	}
}

// outputs is what is in the bucket, but for what is private, and for the times in
// markers.
func outputs(d *s3double.Server) map[string]string {
	all := map[string]string{}
	for key, o := range d.Objects() {
		if !strings.Contains(key, "/.recfin/") {
			all[key] = string(o.Body)
		}
		if path.Base(key) == "recording.json" {
			all[key] = "a marker"
		}
	}
	return all
}

// The grace is a time.
func TestBadGrace(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"-1s", "soon", "25"} {
		mustRecfin(t, exitUsage, "run", "--store", t.TempDir(), "--grace", bad).says(t, "grace")
	}
	mustRecfin(t, exitDone, "run", "--store", t.TempDir(), "--grace", "0")
}

// An ending says nothing of a signal that never came, and nothing hangs where
// nobody reads what it says.
func TestEndingIsHeard(t *testing.T) {
	t.Parallel()
	codes := make(chan int, 1)
	blocked, done := make(chan struct{}), errors.New("closed")
	e := &ending{stderr: writerFunc(func([]byte) (int, error) { <-blocked; return 0, done }), exit: func(code int) { codes <- code }}
	defer close(blocked)
	e.await(syscall.SIGTERM, nil)
	if code := <-codes; code != exitTerminated {
		t.Errorf("exit code %d", code)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// passing are the objects of a run below .recfin/ that it takes away again. The days and
// the state are there to stay.
func passing(d *s3double.Server) []string {
	const private = "live/recordings/.recfin/"
	return slices.DeleteFunc(d.Keys(private), func(key string) bool {
		return strings.HasPrefix(key, private+"days/") || strings.HasPrefix(key, private+"state/")
	})
}
