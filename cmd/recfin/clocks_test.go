package main

import (
	"testing"
	"time"

	"recfin/store/storetest/s3double"
)

// TestClocks: where ours is further from that of the store than a signature bears,
// the date of its refusal sets the next signature right.
func TestClocks(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{10 * time.Minute, -10 * time.Minute, 24 * time.Hour, -24 * time.Hour} {
		d := s3double.New(t, s3double.Options{MaxSkew: 15 * time.Minute, Clock: func() time.Time { return time.Now().Add(ahead) }})
		layCopies(t, d)
		mustRecfin(t, exitDone, "finalize", "--store", d.URL("live"), "foo")
	}
}

// TestSettledByStore: a session is settled by the clock of the store, whatever ours
// says; so are the delay before a delete and the age of a lease.
func TestSettledByStore(t *testing.T) {
	t.Parallel()
	p := newPatient(t, "leftovers")
	p.ago.Store(int64(5 * time.Minute))
	args := []string{"finalize", "--store", p.URL("live"), "--delete", "leftovers", "--delete-delay", "24h", "foo"}
	mustRecfin(t, exitNotSettled, args...)
	p.later(time.Hour)
	mustRecfin(t, exitDone, args...).says(t, "marked for deletion")
	p.later(23 * time.Hour)
	mustRecfin(t, exitDone, args...)
	if len(p.Keys("live/foo/B/")) != 1 {
		t.Error("it went before its time")
	}
	p.later(2 * time.Hour)
	mustRecfin(t, exitDone, args...).says(t, "deleted foo/B/720p/3.ts")
	if err := p.sound(t); err != nil {
		t.Error(err)
	}
}
