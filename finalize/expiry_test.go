package finalize_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
)

// expiring is a store whose lifecycle rules delete what begins with a prefix.
type expiring struct {
	store.Store
	prefix string
	at     map[string]time.Time // by the end of the key; others: at[""]
}

func (e *expiring) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	b, err := e.Store.Get(ctx, key, r, opt)
	if err == nil && strings.HasPrefix(key, e.prefix) {
		b.Info.Expires = e.at[""]
		for end, at := range e.at {
			if end != "" && strings.HasSuffix(key, end) {
				b.Info.Expires = at
			}
		}
	}
	return b, err
}

// TestExpiring: what a lifecycle rule will delete is reported once, with the
// earliest date and a key.
func TestExpiring(t *testing.T) {
	for prefix, want := range map[string]string{
		"foo/":  "deletes segments: foo/A/720p/2.ts on 2026-04-01",
		outPath: "deletes outputs: recordings/foo/",
		"bar/":  "",
		private: "", // leases and probes may go
	} {
		w := newWorld(false)
		w.takeover("foo")
		s := &expiring{w, prefix, map[string]time.Time{"": onAir.Add(60 * day), "720p/2.ts": time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)}}
		r := mustRun(t, with(on("here", settings(s)), func(c *finalize.Config) { c.Delete = finalize.DeleteNone }), "foo")
		got := strings.Join(r.Problems, "\n")
		if n := strings.Count(got, "lifecycle"); (n > 0) != (want != "") || n > 1 || !strings.Contains(got, want) {
			t.Errorf("%s: problems %q, want %q", prefix, got, want)
		}
	}
}
