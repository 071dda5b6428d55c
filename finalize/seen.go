package finalize

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"recfin/finalize/timeline"
	"recfin/store"
)

// SeenList names what came after its session was finished and was not taken, late
// segments and late copies, and chosen objects that have another ETag by now and
// the same bytes. The marker vouches for it, so the next run knows them
// and reads nothing again. They stay what they are: nothing in the list is
// condemned by it. The rows stand in File.
type SeenList struct {
	Session  string `json:"session"`
	Version  string `json:"version"`
	File     string `json:"file"`   // name of the list, in the folder of the version that Session and Version name
	SHA256   string `json:"sha256"` // of the list
	Segments int    `json:"segments"`
}

const (
	seenFormat = "recfin/seen"
	seenKind   = "seen"
)

// seenFile is the form of the list in the store.
type seenFile struct {
	Format  string `json:"format"` // "recfin/seen"
	Version int    `json:"version"`
	DroppedColumns
	Session []string    `json:"session"` // the session that each row came too late for; empty: any
	Same    sameColumns `json:"same"`    // chosen objects that have another ETag today, and the same bytes
}

func (l *seenFile) check() error {
	if l.Format != seenFormat || l.Version != 1 {
		return fmt.Errorf("%w: it is no list of this program", ErrRefused)
	}
	if len(l.Session) != l.Len() {
		return fmt.Errorf("%w: its columns have different lengths", ErrRefused)
	}
	return errors.Join(l.DroppedColumns.check(), l.Same.check())
}

func (f *Finalizer) readSeen(ctx context.Context, dir folder, l *SeenList) ([]Dropped, map[objectID]objectID, error) {
	key := dir.version(l.Session, l.Version) + l.File
	raw, err := f.readVouched(ctx, key, l.SHA256)
	if err != nil {
		return nil, nil, err
	}
	var list seenFile
	if err := decodeGzip(raw, &list); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", store.Printable(key), err)
	}
	if err := list.check(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", store.Printable(key), err)
	}
	rows := make([]Dropped, list.Len())
	for i := range rows {
		rows[i] = list.dropped(i, nil)
		rows[i].of, rows[i].winner.store = list.Session[i], list.keptIn(i)
	}
	return rows, list.Same.known(), nil
}

// placeSeen finds for each row of the list the session that has its place today,
// and the version that it lost against.
func (c *committed) placeSeen() {
	winners := map[string]map[place]objectID{}
	for i := range c.seen {
		d := &c.seen[i]
		d.of = c.marker.holder(d.of)
		r := c.record[d.of]
		if r == nil || d.Kept == "" {
			continue
		}
		if winners[d.of] == nil {
			winners[d.of] = r.winners()
		}
		d.winner = winners[d.of][place{d.winner.store, d.Kept}]
	}
}

// addSeen brings the list of what was seen up to date, where there is something
// new or the marker is swapped anyway. It reports whether that changes the marker.
func (j *job) addSeen(ctx context.Context, p *Plan, next *Marker, sets []condemnation, swapping bool) (bool, error) {
	if p.committed == nil && !swapping {
		return false, nil
	}
	rows, news := j.seenRows(p, next, sets)
	same, moved := j.sameRows(p.committed)
	if !swapping && !news && !moved {
		return false, nil
	}
	if len(rows)+same.Len() == 0 {
		next.Seen = nil
		return false, nil
	}
	list := seenFile{Format: seenFormat, Version: 1, Same: same}
	for _, d := range rows {
		list.addDropped(d)
		list.Session = append(list.Session, d.of)
	}
	raw, err := encodeGzip(&list)
	if err != nil {
		return false, err
	}
	sum := hashHex(raw)
	if next.Seen != nil && next.Seen.SHA256 == sum {
		return false, nil
	}
	e := &next.Sessions[0]
	file := seenName(next.Generation, sum)
	key := j.f.cfg.folder(p.Recording).version(e.ID, e.Version) + file
	if err := j.hold(ctx, p.committed); err != nil {
		return false, err
	}
	if _, err := j.putOnce(ctx, key, raw, "application/gzip"); err != nil {
		return false, err
	}
	next.Seen = &SeenList{Session: e.ID, Version: e.Version, File: file, SHA256: sum, Segments: len(rows)}
	return true, nil
}

// seenRows are the segments that no session of the next marker knows and that
// are settled, so that nothing is to be expected of them; news: the present list
// lacks one of them.
func (j *job) seenRows(p *Plan, next *Marker, sets []condemnation) (rows []Dropped, news bool) {
	held := map[rowID]bool{}
	for i := range next.Sessions {
		if r := j.recordOf(p, &next.Sessions[i]); r != nil {
			r.rows(held)
			for k := range r.Dropped.Key {
				if row := r.Dropped.row(k); !p.committed.opened(row) || r != p.committed.record[r.Session] {
					held[row] = true
				}
			}
		}
	}
	dead := map[objectID]bool{}
	for _, set := range sets {
		for _, d := range set.objects {
			dead[idOf(d.Object)] = true
		}
	}
	before := map[rowID]bool{}
	if p.committed != nil {
		for i := range p.committed.seen {
			if row := p.committed.seen[i].id(); !p.committed.opened(row) {
				before[row] = true
			}
		}
	}
	for _, d := range p.Dropped {
		row := d.id()
		if held[row] || dead[row.objectID] || p.committed.condemns(d.Object) {
			continue
		}
		if d.of = next.holder(d.of); !before[row] && !j.settledFor(p, next, &d) {
			continue
		}
		rows = append(rows, d)
		news = news || !before[row]
	}
	return rows, news
}

// settledFor reports whether a segment that was not taken will not be taken, so
// far as anybody knows today. What costs no read, what may mend by itself, and
// what may be of a session that is on air, is looked at again.
func (j *job) settledFor(p *Plan, next *Marker, d *Dropped) bool {
	switch d.Reason {
	case timeline.ExcludedSeg, timeline.Empty, timeline.Tombstone, timeline.Temporary, timeline.GoneSeg:
		return false
	}
	if d.around == unsure || d.of != "" && !j.f.cfg.Days.take(d.of) {
		return false
	}
	if now := j.report.Now; !far(d.Modified, now) && now.Sub(d.Modified) < j.f.cfg.settleAfter() {
		return false
	}
	if d.of != "" {
		return next.session(d.of) != nil
	}
	for i := range p.Sessions {
		if a := p.Sessions[i].Action; a == Wait || a == Outside {
			return false
		}
	}
	return true
}

var seenForm = regexp.MustCompile(`^seen-([0-9]{1,18})-[0-9a-f]{16}\.json\.gz$`)

// seenName names the list of a generation of the marker: no name has two
// meanings, whatever a run that died or lost left behind.
func seenName(generation int64, sum string) string {
	return seenKind + "-" + strconv.FormatInt(generation, 10) + "-" + sum[:16] + ".json.gz"
}

// oldSeen reports whether a file in a version is a list of an earlier generation.
func oldSeen(file string, generation int64) bool {
	m := seenForm.FindStringSubmatch(file)
	if m == nil {
		return false
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	return err == nil && n < generation
}
