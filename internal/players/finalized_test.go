package players

import (
	"maps"
	"sync"
	"testing"

	"recfin/internal/hlscases"
	"recfin/store/mem"
)

// done are the cases that were finalized, by name: several tests play each, and none
// changes what is stored.
var (
	doing sync.Mutex
	done  = map[string]world{}
)

type world struct {
	*hlscases.World
	objects map[string]mem.Entry
}

// finalized lays a case and finalizes it, once for all tests. The objects of the
// Files are those of the caller alone.
func finalized(t *testing.T, c hlscases.Case) (*hlscases.World, *Files) {
	t.Helper()
	doing.Lock()
	defer doing.Unlock()
	w, ok := done[c.Name]
	if !ok {
		w.World = c.Lay(t)
		w.Finalize(t)
		w.objects = w.Store.Snapshot()
		done[c.Name] = w
	}
	return w.World, NewFiles(maps.Clone(w.objects))
}
