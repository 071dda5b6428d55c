package s3double

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestEffects: each fault does what it says, before or after the effect, and the
// next request is answered as usual.
func TestEffects(t *testing.T) {
	for _, r := range []struct {
		name      string
		do        Effect
		status    int // of the answer; 0: none came
		code      string
		effective bool // it was stored all the same
	}{
		{"error", Error(503, "SlowDown"), 503, "SlowDown", false},
		{"conflict", Error(409, "ConditionalRequestConflict"), 409, "ConditionalRequestConflict", false},
		{"error in a good answer", Error(200, "InternalError"), 200, "InternalError", false},
		{"error after", ErrorAfter(500, "InternalError"), 500, "InternalError", true},
		{"lost", Lose(), 0, "", true},
		{"reset", Reset(), 0, "", false},
		{"late", Late(9, 500, "InternalError"), 500, "InternalError", false},
		{"late and not heard", Late(9, 0, ""), 0, "", false},
		{"then", Then(func() {}), 200, "", true},
		{"before", Before(func() {}), 200, "", true},
	} {
		t.Run(r.name, func(t *testing.T) {
			d := New(t, Options{})
			c := d.client(t)
			f := d.Fault(Fault{Op: "PutObject", Key: "in/*", After: 1, Times: 1, Do: r.do})
			c.must("PUT", "out", nil, "body")
			c.must("PUT", "in/first", nil, "body")
			g := c.do("PUT", "in/second", nil, "body")
			if g.status != r.status || g.code != r.code || (g.err != nil) != (r.status == 0) {
				t.Errorf("%d %s, %v", g.status, g.code, g.err)
			}
			if stored := d.Body("in/second") == "body"; stored != r.effective {
				t.Errorf("stored: %v", stored)
			}
			c.must("PUT", "in/third", nil, "body")
			if f.Met() != 1 || d.Count("PutObject") != 4 || len(d.Log()) != 4 {
				t.Errorf("met %d of %d", f.Met(), d.Count("PutObject"))
			}
		})
	}
}

// TestLate: an effect comes so many requests later, behind what came meanwhile.
func TestLate(t *testing.T) {
	d := New(t, Options{})
	c := d.client(t)
	d.Fault(Fault{Op: "PutObject", Times: 1, Do: Late(2, 500, "InternalError")})
	c.want(500, "InternalError", "PUT", "x", nil, "late")
	c.must("PUT", "x", nil, "soon")
	c.must("GET", "x", nil, "")
	if d.Body("x") != "soon" {
		t.Errorf("too early: %q", d.Body("x"))
	}
	if g := c.must("GET", "x", nil, ""); g.body != "late" {
		t.Errorf("read %q", g.body)
	}
	d.Fault(Fault{Op: "DeleteObject", Do: Late(100, 0, "")})
	c.do("DELETE", "x", nil, "")
	if d.Body("x") != "late" || d.Settle() != 1 || d.Body("x") != "" {
		t.Errorf("settled: %q", d.Body("x"))
	}
}

// TestBodies: what becomes of the body of an answer.
func TestBodies(t *testing.T) {
	open := make(chan struct{})
	close(open)
	for _, r := range []struct {
		name string
		do   Effect
		want string
		err  error
	}{
		{"truncated", Truncate(4), "0123", io.ErrUnexpectedEOF},
		{"truncated at once", Truncate(0), "", io.ErrUnexpectedEOF},
		{"half", Truncate(-1), "01234", io.ErrUnexpectedEOF},
		{"reset", ResetBody(4), "0123", syscall.ECONNRESET},
		{"short and whole by its length", Shorten(4), "0123", nil},
		{"another byte", Garble(3), "012s456789", nil},
		{"another byte behind its end", Garble(10), "0123456789", nil},
		{"drop by drop", Trickle(3, open), "0123456789", nil},
	} {
		d := New(t, Options{})
		c := d.client(t)
		d.Set("x", "0123456789")
		d.Fault(Fault{Op: "GetObject", Times: 1, Do: r.do})
		g := c.do("GET", "x", nil, "")
		reset := r.err == syscall.ECONNRESET && errors.Is(g.err, io.ErrUnexpectedEOF) // where the kernel forgot what it had
		if !errors.Is(g.err, r.err) && !reset || r.err == nil && g.err != nil || !strings.HasPrefix(r.want, g.body) || r.err == nil && g.body != r.want {
			t.Errorf("%s: %q, %v", r.name, g.body, g.err)
		}
		if g := c.must("GET", "x", nil, ""); g.body != "0123456789" {
			t.Errorf("%s: then %q", r.name, g.body)
		}
	}
}

// TestGates: requests wait until they are let go, before or after their effect, and
// a hang ends with its caller.
func TestGates(t *testing.T) {
	d := New(t, Options{})
	c := d.client(t)
	for _, r := range []struct {
		name  string
		do    func(gate <-chan struct{}) Effect
		early string
	}{{"wait", Wait, ""}, {"wait after", WaitAfter, "body"}} {
		gate, done := make(chan struct{}), make(chan got)
		f := d.Fault(Fault{Op: "PutObject", Do: r.do(gate)})
		go func() { done <- c.do("PUT", r.name, nil, "body") }()
		for f.Met() == 0 || d.Body(r.name) != r.early {
			time.Sleep(time.Millisecond)
		}
		close(gate)
		if g := <-done; g.status != 200 || d.Body(r.name) != "body" {
			t.Errorf("%s: %d, %q", r.name, g.status, d.Body(r.name))
		}
		f.Stop()
	}
	f := d.Fault(Fault{Op: "PutObject", Do: Hang()})
	c.http.Timeout = 50 * time.Millisecond
	if g := c.do("PUT", "hung", nil, "body"); g.err == nil || d.Body("hung") != "" {
		t.Errorf("hang: %d, stored %q", g.status, d.Body("hung"))
	}
	f.Stop()
	c.http.Timeout = 0
	d.Fault(Fault{Op: "PutObject", Do: HangAfter()})
	done := make(chan got)
	go func() { done <- c.do("PUT", "hung", nil, "body") }()
	for d.Body("hung") == "" {
		time.Sleep(time.Millisecond)
	}
	d.Close()
	if g := <-done; g.err == nil {
		t.Errorf("hang: %d", g.status)
	}
}

// TestListFaults: a listing that shows what was, and one that begins again.
func TestListFaults(t *testing.T) {
	d := New(t, Options{PageSize: 1})
	c := d.client(t)
	d.Set("a", "")
	d.Set("b", "")
	then := d.Snapshot()
	d.Remove("a")
	d.Set("c", "")
	stale := d.Fault(Fault{Op: "ListObjectsV2", Do: Stale(then)})
	if got, _ := c.walk(""); strings.Join(got, " ") != "a b" {
		t.Errorf("stale: %q", got)
	}
	stale.Stop()
	d.Fault(Fault{Op: "ListObjectsV2", After: 1, Times: 1, Do: Restart()})
	if got, _ := c.walk(""); strings.Join(got, " ") != "b b c" {
		t.Errorf("begun again: %q", got)
	}
	if got, _ := c.walk(""); strings.Join(got, " ") != "b c" {
		t.Errorf("then: %q", got)
	}
}

// TestRate: chance is a matter of the seed.
func TestRate(t *testing.T) {
	run := func(seed uint64) string {
		d := New(t, Options{Seed: seed})
		c := d.client(t)
		f := d.Fault(Fault{Match: Request.Mutates, Rate: 0.3, Do: Error(500, "InternalError")})
		text := ""
		for range 100 {
			text += string(rune('0' + c.do("PUT", "x", nil, "").status/100))
		}
		if n := f.Met(); n < 15 || n > 50 {
			t.Errorf("met %d of 100", n)
		}
		return text
	}
	if one := run(1); one != run(1) || one == run(2) {
		t.Error("chance does not follow the seed")
	}
}

// TestCeiling: above so many requests at once the store asks to slow down.
func TestCeiling(t *testing.T) {
	d := New(t, Options{})
	c := d.client(t)
	d.Ceiling(2)
	gate := make(chan struct{})
	f := d.Fault(Fault{Op: "GetObject", Do: Wait(gate)})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { c.do("GET", "x", nil, "") })
	}
	for f.Met() < 2 {
		time.Sleep(time.Millisecond)
	}
	c.want(503, "SlowDown", "PUT", "x", nil, "")
	close(gate)
	wg.Wait()
	c.want(200, "", "PUT", "x", nil, "")
}

// TestHook: it sees a request first, may answer it, and may change it.
func TestHook(t *testing.T) {
	d := New(t, Options{})
	c := d.client(t)
	d.Set("x", "body")
	d.Hook(func(x *Exchange) bool {
		x.R.Header.Del("Range")
		if x.Key == "mine" {
			x.W.WriteHeader(http.StatusTeapot)
		}
		return x.Key == "mine"
	})
	c.want(418, "", "GET", "mine", nil, "")
	c.want(200, "", "GET", "x", h("Range", "bytes=1-2"), "")
	d.Calm()
	c.want(404, "NoSuchKey", "GET", "mine", nil, "")
}
