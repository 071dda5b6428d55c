package finalize_test

import (
	"errors"
	"strings"
	"testing"

	"recfin/finalize"
)

// Where a layout reads several path elements as the ID, the folder of one
// recording lies in that of another: neither is taken for the other's, whatever
// is superseded, abandoned or deleted.
func TestRecordingInTheFolderOfAnother(t *testing.T) {
	layouts, err := finalize.ParseLayouts([]string{"{recording**}/{seq}.ts"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(false)
	names := []string{"cam", "cam/front", "cam/front/left"}
	for i, name := range names {
		w.lay(name, feed{Content: name, Width: 160, Height: 96, Clock: int64(i) * 1000}, 0, 9, 0)
	}
	cfg := with(settings(w), func(c *finalize.Config) { c.Layouts = layouts })
	for _, name := range names {
		r := mustRun(t, cfg, name)
		if len(r.Committed) != 1 || r.Plan.Sessions[0].Record.Renditions[0].Len() != 10 {
			t.Fatalf("%s: %+v", name, r.Plan)
		}
	}
	for _, name := range names {
		if r := mustRun(t, cfg, name); !r.Done() {
			t.Errorf("%s once more: committed %d, condemned %d, deleted %d", name, len(r.Committed), r.Condemned, len(r.Deleted))
		}
	}
	for _, bad := range []string{"cam/20250601T180000Z", "cam//front", "cam/../front", "cam/.recfin", "cam/"} {
		if _, err := run(cfg, bad); !errors.Is(err, finalize.ErrUsage) || !strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
