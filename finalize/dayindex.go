package finalize

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"recfin/internal/bug"
	"recfin/store"
)

// The day index tells without a look at any recording which of them have sessions that
// start on a day: one object for each session, under the day and by the names of the
// two. It is made before anything of the session is written, so none is missing; one
// for a session that never came, or that another has absorbed, does no harm.

const (
	dayIndexFormat  = "recfin/day"
	dayIndexVersion = 1

	dayFolder = "days/" // in the private folder of the outputs

	// longDayName is from how many bytes on the name of a recording stands in the entry
	// alone: no file name has more than 255.
	longDayName = 200
	// maxDayEntry bounds what is read of an entry, in bytes. Ours have some hundred, and
	// the longest name.
	maxDayEntry = 64 << 10
	// fewDays are listed one by one without a look at which there are.
	fewDays = 31
)

// dayEntry is an entry of the day index. All of it is in its name too, where that is
// not too long.
type dayEntry struct {
	Format    string `json:"format"` // "recfin/day"
	Version   int    `json:"version"`
	Recording string `json:"recording"`
	Session   string `json:"session"`
}

// dayDir is where the index is.
func (c Config) dayDir() string { return c.OutPath + store.Private + dayFolder }

// dayOf is the day of a session, 2006-01-02.
func dayOf(session string) string { return session[:4] + "-" + session[4:6] + "-" + session[6:8] }

// dayKey is where the entry of a session is.
func (c Config) dayKey(recording, session string) string {
	return c.dayDir() + dayOf(session) + "/" + dayName(recording, session)
}

// dayName is the name of an entry: <recording>@<session>, where of the recording all but
// letters, digits, "-", "." and "_" is percent-encoded. A long one is "~" and its SHA-256.
func dayName(recording, session string) string {
	var b strings.Builder
	for i := range len(recording) {
		switch c := recording[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.', c == '_':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	name := b.String()
	if len(name) >= longDayName {
		name = "~" + hashHex([]byte(recording))
	}
	return name + "@" + session
}

// parseDayName reads the name of an entry on a day. recording is empty for one that is
// long. ok is false for a name that is not of that form.
func parseDayName(day, name string) (recording, session string, ok bool) {
	escaped, session, found := strings.Cut(name, "@")
	if !found || !sessionForm.MatchString(session) || dayOf(session) != day {
		return "", "", false
	}
	if strings.HasPrefix(escaped, "~") {
		return "", session, len(escaped) == 1+64
	}
	recording, err := url.PathUnescape(escaped)
	return recording, session, err == nil && checkRecording(recording) == nil && dayName(recording, session) == name
}

// enter begins to make the entry of a session, and gives what waits for it: before
// anything of the session is written. It may be called more than once, by one goroutine
// at a time.
func (j *job) enter(ctx context.Context, session string) (wait func() error) {
	if j.entered[session] {
		return func() error { return nil }
	}
	var g bug.Group
	g.Go(func() error { return j.f.enterDay(ctx, j.recording, session) })
	return sync.OnceValue(func() error {
		err := g.Wait()
		j.entered[session] = j.entered[session] || err == nil
		return err
	})
}

// allEntered reports whether this job has entered every session of a marker.
func (j *job) allEntered(m *Marker) bool {
	return !slices.ContainsFunc(m.Sessions, func(e MarkerSession) bool { return !j.entered[e.ID] })
}

// enterAll enters all sessions of a recording that was worked on: it may have been
// committed before there was an index, or the index was lost. Where that fails it is
// tried again another time.
func (f *Finalizer) enterAll(ctx context.Context, r *Report) {
	g, ctx := bug.WithContext(ctx)
	g.SetLimit(f.cfg.Concurrency)
	for _, e := range r.Plan.marked() {
		g.Go(func() error { return f.enterDay(ctx, r.Recording, e.ID) })
	}
	r.Indexed = g.Wait() == nil
}

// marked are the sessions that the marker names which the plan rests on.
func (p *Plan) marked() []MarkerSession {
	if p.committed == nil {
		return nil
	}
	return p.committed.marker.Sessions
}

// enterDay makes an entry, once. Its contents are a function of its name, so whoever
// made it before has made the same.
func (f *Finalizer) enterDay(ctx context.Context, recording, session string) error {
	key := f.cfg.dayKey(recording, session)
	raw, err := json.Marshal(dayEntry{dayIndexFormat, dayIndexVersion, recording, session})
	if err != nil {
		return fmt.Errorf("encode the entry of %s in the day index: %w", store.Printable(recording), err)
	}
	_, putErr := f.cfg.Out.Put(ctx, key, append(raw, '\n'), store.PutOptions{IfAbsent: true, ContentType: "application/json"})
	if putErr == nil {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, _, ok, err := readSmall(ctx, f.cfg.Out, key, durable); err != nil || !ok {
		return fmt.Errorf("enter %s of %s in the day index: %w", session, store.Printable(recording), errors.Join(putErr, err))
	}
	return nil
}

// OnDays yields the recordings that may have sessions which start on the days of
// Config.Days, in byte order, and in the share of Config.Shard: those that the day index
// names, and those that were found and have no outputs yet. Where there is no index at
// all it is all that were found. odd are keys in the index that are no entries of it.
func (f *Finalizer) OnDays(ctx context.Context) (names, odd []string, err error) {
	names, odd, err = f.entries(ctx)
	if err != nil {
		return nil, nil, err
	}
	found, err := f.DiscoverAll(ctx)
	if err != nil {
		return nil, nil, err
	}
	lost := false
	if len(names) == 0 {
		if lost, err = f.noIndex(ctx); err != nil {
			return nil, nil, err
		}
	}
	if !lost {
		if found, err = f.untouched(ctx, found); err != nil {
			return nil, nil, err
		}
	}
	names = slices.Concat(names, found)
	slices.Sort(names)
	return f.Share(slices.Compact(names)), odd, nil
}

// noIndex reports whether nothing is in the index: whoever deletes the private folder
// deletes it too.
func (f *Finalizer) noIndex(ctx context.Context) (bool, error) {
	for _, err := range f.cfg.Out.Folders(ctx, f.cfg.dayDir()) {
		return false, err
	}
	return true, nil
}

// untouched are those of the names, sorted, under which no folder of outputs lies: of
// each that has one, what was begun is in the index. One that is the folder of others
// (cam and cam/front) may have none of its own.
func (f *Finalizer) untouched(ctx context.Context, names []string) ([]string, error) {
	with := map[string]map[string]bool{} // by parent: the folders in it
	for _, name := range names {
		with[name[:strings.LastIndex(name, "/")+1]] = map[string]bool{}
	}
	g, ctx := bug.WithContext(ctx)
	g.SetLimit(f.cfg.Concurrency)
	for parent, folders := range with {
		g.Go(func() error {
			for folder, err := range f.cfg.Out.Folders(ctx, f.cfg.OutPath+parent) {
				if err != nil {
					return err
				}
				folders[folder] = true
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var out []string
	for _, name := range names {
		at := strings.LastIndex(name, "/") + 1
		if with[name+"/"] != nil || !with[name[:at]][name[at:]] {
			out = append(out, name)
		}
	}
	return out, nil
}

// entries are the recordings that the index names on the days.
func (f *Finalizer) entries(ctx context.Context) (names, odd []string, err error) {
	days, err := f.indexed(ctx)
	if err != nil {
		return nil, nil, err
	}
	found := map[string]bool{}
	var mu sync.Mutex
	g, ctx := bug.WithContext(ctx)
	g.SetLimit(f.cfg.Concurrency)
	for _, day := range days {
		g.Go(func() error {
			return f.onDay(ctx, day, func(recording, key string) {
				mu.Lock()
				defer mu.Unlock()
				if recording == "" {
					odd = append(odd, key)
				} else {
					found[recording] = true
				}
			})
		})
	}
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	slices.Sort(odd)
	return sortedNames(found), odd, nil
}

// indexed are the days of Config.Days that have to be listed: all of them where they are
// few, else those that are in the index.
func (f *Finalizer) indexed(ctx context.Context) ([]string, error) {
	var days []string
	d := f.cfg.Days
	if !d.From.IsZero() && !d.To.IsZero() && d.To.Before(d.From.AddDate(0, 0, fewDays)) {
		for t := d.From; !t.After(d.To); t = t.AddDate(0, 0, 1) {
			days = append(days, t.Format(dayFormat))
		}
		return days, nil
	}
	for day, err := range f.cfg.Out.Folders(ctx, f.cfg.dayDir()) {
		if err != nil {
			return nil, err
		}
		if d.holds(day) {
			days = append(days, day)
		}
	}
	return days, nil
}

// onDay calls a function with the recording of each entry of a day; empty: the key is
// none.
func (f *Finalizer) onDay(ctx context.Context, day string, do func(recording, key string)) error {
	dir := f.cfg.dayDir() + day + "/"
	for o, err := range f.cfg.Out.List(ctx, dir) {
		if err != nil {
			return err
		}
		recording, session, ok := parseDayName(day, strings.TrimPrefix(o.Key, dir))
		if ok && recording == "" {
			if recording, err = f.readDayEntry(ctx, o, session); err != nil {
				return err
			}
		}
		do(recording, o.Key)
	}
	return nil
}

// readDayEntry reads the entry of a recording with a long name; empty: it is none.
func (f *Finalizer) readDayEntry(ctx context.Context, o store.Object, session string) (string, error) {
	if o.Size > maxDayEntry {
		return "", nil
	}
	raw, _, ok, err := readSmall(ctx, f.cfg.Out, o.Key, store.GetOptions{})
	if err != nil || !ok {
		return "", err
	}
	var e dayEntry
	if json.Unmarshal(raw, &e) != nil || e.Session != session || checkRecording(e.Recording) != nil || f.cfg.dayKey(e.Recording, session) != o.Key {
		return "", nil
	}
	return e.Recording, nil
}
