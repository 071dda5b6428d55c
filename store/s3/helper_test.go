package s3

import (
	"testing"
	"time"

	"recfin/store/storetest/s3double"
)

const testKey, testSecret = "AKIATESTKEY", "s3cr3t+/=:@value"

// newDouble starts a double for the parts of quick: the smallest that it takes is to
// them as 5 MiB is to the 8 MiB of defaults.
func newDouble(t testing.TB) *s3double.Server {
	return s3double.New(t, s3double.Options{AccessKey: testKey, SecretKey: testSecret, MinPart: int64(quick().minPart) * 5 / 8})
}

// quick is a tuning with short times and small parts.
func quick() tuning {
	t := defaults()
	t.connect, t.idle, t.patience, t.settle, t.linger = time.Second, time.Second, time.Second, 2*time.Second, time.Second
	t.giveUp, t.assemble = 20*time.Second, 20*time.Second
	t.backoff, t.maxBackoff = time.Millisecond, 4*time.Millisecond
	t.maxAttempts, t.minPart = 5, 64
	return t
}

// connect reaches the folder "pre" of a double.
func connect(t *testing.T, d *s3double.Server, tune tuning) *Store {
	t.Helper()
	return connectTo(t, d.Endpoint, tune)
}

func connectTo(t testing.TB, endpoint string, tune tuning) *Store {
	t.Helper()
	s, err := newStore(t.Context(), Options{
		Endpoint: endpoint, Bucket: "bucket", Prefix: "pre", PathStyle: true, AccessKey: testKey, SecretKey: testSecret,
	}, tune)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// there gives what is stored under a key of the store, and whether it is.
func there(d *s3double.Server, key string) (string, bool) {
	o, found := d.Get("pre/" + key)
	return string(o.Body), found
}
