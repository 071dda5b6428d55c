package finalize_test

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"recfin/store"
	"recfin/store/mem"
)

// stock is how a scene begins: what is there, at which time, in what store.
type stock struct {
	all snapshot
	now time.Time
	opt mem.Options
	// spoils changes what a process writes on its way into the store; nil: nothing.
	spoils func() func(key string, body []byte) []byte
	// tolerates tells errors of runs that are right in this scene; nil: none, but
	// those that say "again".
	tolerates func(error) bool
}

// stageWorld is a world of one schedule.
type stageWorld struct {
	*world
	opt    mem.Options
	spoils func(key string, body []byte) []byte
}

func (s stock) open() *stageWorld {
	w := &stageWorld{world: &world{clock: &clock{}}, opt: s.opt}
	w.clock.set(s.now)
	w.opt.Clock = w.clock.now
	w.Store = mem.New(w.opt)
	for key, e := range s.all {
		w.Set(key, e.Body, e.Modified, e.Metadata)
	}
	if s.spoils != nil {
		w.spoils = s.spoils()
	}
	return w
}

// private is a store for what is below .recfin/ of one process.
func (w *stageWorld) private() *mem.Store { return mem.New(w.opt) }

// pictureText is what stands in each picture of the feeds.
var pictureText = regexp.MustCompile(`(?:the match|the evening|another)(?:, small)? \d+x\d+ segment \d+ picture \d+`)

// pictures are those that a body holds, be it a segment or a movie.
type pictures map[string]bool

func (p pictures) add(q pictures) {
	for x := range q {
		p[x] = true
	}
}

// lacks gives one of q that is not in p; empty: all are.
func (p pictures) lacks(q pictures) string {
	first := ""
	for x := range q {
		if !p[x] && (first == "" || x < first) {
			first = x
		}
	}
	return first
}

// gallery remembers what bodies hold.
type gallery map[string]pictures

func (g gallery) of(e mem.Entry) pictures {
	if p, ok := g[string(e.Body)]; ok {
		return p
	}
	p := pictures{}
	for _, text := range pictureText.FindAll(e.Body, -1) {
		p[string(text)] = true
	}
	g[string(e.Body)] = p
	return p
}

// number is that of a segment, by its key.
func number(key string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSuffix(path.Base(key), ".ts"))
	return n, err == nil && strings.HasSuffix(key, ".ts")
}

func isSource(key string) bool { return !strings.HasPrefix(key, outPath) }

// objects gives victims as they stand in a snapshot, by key.
func present(all snapshot, victims []store.Object) snapshot {
	out := snapshot{}
	for _, v := range victims {
		if e, ok := all[v.Key]; ok {
			out[v.Key] = e
		}
	}
	return out
}
