package s3double

import (
	"fmt"
	"testing"
	"time"
)

// job makes five requests, three of which may change the bucket, until one fails.
func job(c *client) (asked int) {
	for _, ask := range [][2]string{{"PUT", "a"}, {"GET", "a"}, {"PUT", "b"}, {"GET", "?list-type=2"}, {"DELETE", "a"}} {
		asked++
		if g := c.do(ask[0], ask[1], nil, ""); g.err != nil || g.status/100 != 2 {
			break
		}
	}
	return asked
}

// TestCrash: at each request, before and after its effect, the process dies, and
// what it asks from then on has no effect.
func TestCrash(t *testing.T) {
	states := []string{"[]", "[a]", "[a]", "[a b]", "[a b]", "[b]"} // after so many requests
	for _, mutations := range []bool{false, true} {
		d := New(t, Options{})
		dead := d.Crash(Crash{At: -1, Mutations: mutations})
		job(d.client(t))
		total := d.Counted()
		if want := map[bool]int{false: 5, true: 3}[mutations]; total != want || d.Crashed() {
			t.Fatalf("counted %d, want %d", total, want)
		}
		select {
		case <-dead:
			t.Error("an undisturbed process died")
		default:
		}
		for i := range 4 * total {
			plan := Crash{At: i / 4, After: i%2 == 1, Denied: i%4 > 1, Mutations: mutations}
			t.Run(fmt.Sprintf("%+v", plan), func(t *testing.T) {
				d := New(t, Options{})
				c := d.client(t)
				dead := d.Crash(plan)
				asked := job(c)
				<-dead
				at := plan.At
				if mutations {
					at *= 2 // every other request changes something
				}
				done := at
				if plan.After {
					done++
				}
				if got := fmt.Sprint(d.Keys("")); got != states[done] || asked != at+1 || !d.Crashed() {
					t.Errorf("left %s after %d requests, want %s", got, asked, states[done])
				}
				for _, method := range []string{"PUT", "GET", "HEAD", "DELETE"} {
					g := c.do(method, "b", nil, "")
					if (g.status == 403) != plan.Denied || (g.err != nil) == plan.Denied {
						t.Errorf("a dead process hears %d, %v", g.status, g.err)
					}
				}
				if got := fmt.Sprint(d.Keys("")); got != states[done] || d.Counted() != plan.At+1 {
					t.Errorf("a dead process made %s of it", got)
				}
				d.Revive()
				if job(c); fmt.Sprint(d.Keys("")) != "[b]" {
					t.Errorf("the next process made %s of it", d.Keys(""))
				}
			})
		}
	}
}

// TestDeadHearNothing: an answer that was under way when the process died is lost.
func TestDeadHearNothing(t *testing.T) {
	d := New(t, Options{})
	c := d.client(t)
	dead := d.Crash(Crash{At: 1, After: true})
	gate, heard := make(chan struct{}), make(chan got)
	d.Fault(Fault{Op: "PutObject", Key: "slow", Do: WaitAfter(gate)})
	go func() { heard <- c.do("PUT", "slow", nil, "body") }()
	for d.Body("slow") == "" {
		time.Sleep(time.Millisecond)
	}
	c.do("PUT", "last", nil, "body")
	<-dead
	close(gate)
	if g := <-heard; g.err == nil {
		t.Errorf("it hears %d", g.status)
	}
	if d.Body("last") != "body" || d.Body("slow") != "body" {
		t.Errorf("%q", d.Keys(""))
	}
}
