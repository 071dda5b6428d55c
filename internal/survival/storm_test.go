package survival

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/testenv"
	"recfin/store/storetest/s3double"
)

// weather lets every fifth request to a double go wrong: it says "slow down" or that
// it failed, breaks the connection ahead of the effect or behind it, comes to it
// later, or breaks a body off or spoils it.
func weather(d *s3double.Server) {
	get := func(r s3double.Request) bool { return r.Op == "GetObject" }
	whole := func(r s3double.Request) bool { return get(r) && r.Header.Get("Range") == "" } // a part proves nothing
	for _, f := range []s3double.Fault{
		{Match: s3double.Request.Mutates, Rate: 0.04, Do: s3double.Late(9, 500, "InternalError")},
		{Match: get, Rate: 0.05, Do: s3double.ResetBody(300)},
		{Match: get, Rate: 0.03, Do: s3double.Truncate(200)},
		{Match: whole, Rate: 0.03, Do: s3double.Garble(100)},
		{Rate: 0.04, Do: s3double.Error(503, "SlowDown")},
		{Rate: 0.04, Do: s3double.Error(500, "InternalError")},
		{Rate: 0.05, Do: s3double.Lose()},
		{Rate: 0.04, Do: s3double.Reset()},
	} {
		d.Fault(f)
	}
}

// seeds is how many storms there are of each kind.
func seeds(t *testing.T) int {
	text := os.Getenv("RECFIN_STORM")
	if text == "" {
		return 2
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("RECFIN_STORM: %v", err)
	}
	return max(2, n/50)
}

// TestHTTPStorm makes whole runs over a network on which every fifth request goes
// wrong. They are done within three reruns, and the outputs, the marker and the
// segments are those of a run that nobody disturbed.
func TestHTTPStorm(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	runs, requests, done := 0, 0, make([]int, 4)
	t.Run("seeds", func(t *testing.T) {
		for _, sc := range bucketScenes {
			for name, opt := range map[string]s3double.Options{"hashes": {}, "opaque": {OpaqueETags: true}} {
				calm := newBucket(t, sc, opt)
				if err := sc.rerun(calm.store(t)); err != nil {
					t.Fatal(err)
				}
				want := calm.contents(t)
				for seed := range seeds(t) {
					t.Run(fmt.Sprintf("%s/%s/%d", sc.name, name, seed), func(t *testing.T) {
						t.Parallel()
						opt := opt
						opt.Seed = uint64(seed)
						at, n := stormy(t, sc, opt, want)
						mu.Lock()
						defer mu.Unlock()
						runs++
						requests += n
						if at >= 0 {
							done[at]++
						}
					})
				}
			}
		}
	})
	within := done[0] + done[1] + done[2] + done[3]
	testenv.Figure(t, "storm over HTTP", "%d recordings, %d requests to a double of S3, every fifth went wrong; %d were done at once, %d within 3 reruns", runs, requests, done[0], within)
	if within*100 < runs*95 {
		t.Errorf("%d of %d recordings were done", within, runs)
	}
}

// stormy plays a scene in bad weather. It gives the number of the rerun that was
// done, negative where none was, and how many requests there were.
func stormy(t *testing.T, sc bucketScene, opt s3double.Options, want map[string]string) (done, requests int) {
	b := newBucket(t, sc, opt)
	weather(b.Server)
	done = -1
	for n := 0; n < 4 && done < 0; n++ {
		_, err := sc.run(b.store(t))
		if err == nil {
			done = n
		} else if t.Logf("run %d: %v", n+1, err); !finalize.Retry(err) {
			t.Errorf("bad weather is no reason to call a human: %v", err)
		}
	}
	b.Calm()
	b.ago += 25 * time.Hour
	err := sc.rerun(b.store(t))
	if err == nil {
		err = differences(b.contents(t), want)
	}
	if err == nil {
		err = b.check()
	}
	if err != nil {
		t.Errorf("after the storm: %v", err)
	}
	return done, len(b.Log())
}
