package finalize

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"recfin/finalize/remux"
	"recfin/finalize/timeline"
	"recfin/store"
)

const (
	recordFormat  = "recfin/segments"
	recordVersion = 1
)

// Record is segments.json.gz: everything that was decided about one session,
// by column. A plan makes it, publishing adds what was measured and written,
// and a later run reads it instead of deciding again.
type Record struct {
	Format    string    `json:"format"` // "recfin/segments"
	Version   int       `json:"version"`
	Recording string    `json:"recording"`
	Session   string    `json:"session"`
	Start     time.Time `json:"start"`
	End       time.Time `json:"end"`
	// Until is the midnight at which a session that went on was cut; what follows is
	// a session of its own. Absent: it was not.
	Until    *time.Time `json:"until,omitempty"`
	Settings Settings   `json:"settings"`

	Slots      SlotColumns       `json:"slots"`
	Renditions []RenditionRecord `json:"renditions"`
	Inits      *InitColumns      `json:"inits,omitempty"`
	Holes      []HoleRow         `json:"holes,omitempty"`
	Dropped    DroppedColumns    `json:"dropped"`
	Uncertain  []UncertainRow    `json:"uncertain,omitempty"`
	Outputs    []Output          `json:"outputs,omitempty"`
	Unmade     []UnmadeRow       `json:"unmade,omitempty"` // wanted, and not possible

	because error // of the first of Unmade, while a version is written
	guessed bool  // segments were not looked at, and are learned of while they are joined
}

// Settings are those that shaped the session.
type Settings struct {
	Layout    string   `json:"layout"`
	Formats   string   `json:"formats"`
	HLS       string   `json:"hls"`
	Gaps      string   `json:"gaps"`
	Include   []string `json:"include,omitempty"`
	Exclude   []string `json:"exclude,omitempty"`
	GapNS     int64    `json:"session_gap_ns"`
	OutFormat int      `json:"output_format"`
	// Where they are not the defaults.
	Renames   []string  `json:"renames,omitempty"` // GLOB=NAME
	Durations Durations `json:"durations,omitempty"`
	Split     Split     `json:"split,omitempty"`
	TimeZone  string    `json:"time_zone,omitempty"` // of the times in keys
}

// ObjectColumns are object versions, one a row.
type ObjectColumns struct {
	Store []string `json:"store"`
	Key   []string `json:"key"`
	ETag  []string `json:"etag"`
	Size  []int64  `json:"size"`
	Seen  []int64  `json:"uploaded_ns"` // upload time, Unix time in ns
}

func (c *ObjectColumns) add(o store.Object) {
	c.Store = append(c.Store, o.Store)
	c.Key = append(c.Key, o.Key)
	c.ETag = append(c.ETag, o.ETag)
	c.Size = append(c.Size, o.Size)
	c.Seen = append(c.Seen, o.Modified.UnixNano())
}

// grow makes room for rows.
func (c *ObjectColumns) grow(rows int) {
	c.Store, c.Key, c.ETag = slices.Grow(c.Store, rows), slices.Grow(c.Key, rows), slices.Grow(c.ETag, rows)
	c.Size, c.Seen = slices.Grow(c.Size, rows), slices.Grow(c.Seen, rows)
}

// Len is the number of rows.
func (c *ObjectColumns) Len() int { return len(c.Key) }

// Object gives row i.
func (c *ObjectColumns) Object(i int) store.Object {
	return store.Object{Store: c.Store[i], Key: c.Key[i], Size: c.Size[i], ETag: c.ETag[i], Modified: time.Unix(0, c.Seen[i]).UTC()}
}

func (c *ObjectColumns) check() error {
	n := len(c.Key)
	if len(c.Store) != n || len(c.ETag) != n || len(c.Size) != n || len(c.Seen) != n {
		return fmt.Errorf("%w: its columns have different lengths", ErrRefused)
	}
	return nil
}

// RenditionRecord is one quality: its chosen segments, in order. A slot
// without a row is a GAP.
type RenditionRecord struct {
	Name     string `json:"name"`   // as in the keys
	Output   string `json:"output"` // base name of its outputs
	Codecs   string `json:"codecs"`
	Width    int    `json:"width,omitempty"`
	Height   int    `json:"height,omitempty"`
	FrameNum int    `json:"frame_rate_num,omitempty"`
	FrameDen int    `json:"frame_rate_den,omitempty"`

	// Slots are its own, where its segments have other boundaries than those of the
	// session. Absent: it shares the session's.
	Slots *SlotColumns `json:"slots,omitempty"`
	Slot  []int        `json:"slot"`
	ObjectColumns
	PartColumns
	Nonce      []string          `json:"nonce"`
	Seq        []int64           `json:"seq"`
	StartNS    []int64           `json:"start_ns"` // in the output, holes closed
	DurationNS []int64           `json:"duration_ns"`
	Source     []timeline.Source `json:"duration_source"`
	CRC64      []string          `json:"crc64nvme,omitempty"` // of the segment, where all of it was read
	// Init is the number of the init segment that each row needs, counted from 1;
	// 0: none. Header is the size in bytes of the moov, and what stands before it,
	// of a fragmented file that brings its own; of an MP4 without fragments it is
	// that of all of it. Both are empty where all are 0.
	Init   []int   `json:"init,omitempty"`
	Header []int64 `json:"header_bytes,omitempty"`
	// Held says how much of each segment its MP4 has, see remux.Held: 2 all of it, 1
	// all but data, 0 less. Empty where all are 0, and in records of programs that did
	// not note it: nothing is known to be held.
	Held []remux.Held `json:"held,omitempty"`
	// Independent: every segment was looked at and begins with an IDR picture; of
	// sound alone: was looked at (EXT-X-INDEPENDENT-SEGMENTS).
	Independent bool `json:"independent,omitempty"`
	// IFrames are its I pictures. Absent: its media were not read, or something has
	// to be known of them that does not stand before them in their object.
	IFrames *IFrameColumns `json:"iframes,omitempty"`
	// Single says where each segment is in the one media object of --hls single.
	Single   *SingleColumns `json:"single,omitempty"`
	Language string         `json:"language,omitempty"` // of its sound, as its container has it
	Channels int            `json:"channels,omitempty"` // of its sound, the most
	// Fills are what only its MP4 takes.
	Fills *FillColumns `json:"mp4_fills,omitempty"`
}

// chosen adds every object that the session holds, or holds a part of, to a set.
func (r *Record) chosen(to map[objectID]bool) {
	for i := range r.Renditions {
		for k := range r.Renditions[i].Key {
			to[idOf(r.Renditions[i].Object(k))] = true
		}
	}
}

// any reports whether something is true of a chosen object.
func (r *Record) any(is func(store.Object) bool) bool {
	for i := range r.Renditions {
		for k := range r.Renditions[i].Key {
			if is(r.Renditions[i].Object(k)) {
				return true
			}
		}
	}
	return false
}

// rows adds every segment that the session holds to a set.
func (r *Record) rows(to map[rowID]bool) {
	for i := range r.Renditions {
		for k := range r.Renditions[i].Key {
			to[r.Renditions[i].row(k)] = true
		}
	}
}

// mark notes which segments of a set the session holds.
func (r *Record) mark(set map[rowID]bool) {
	for i := range r.Renditions {
		q := &r.Renditions[i]
		for k := range q.Key {
			row := q.row(k)
			if _, asked := set[row]; asked {
				set[row] = true
			}
		}
	}
}

// dropped gives row i of what was dropped.
func (d *DroppedColumns) dropped(i int, winners map[place]objectID) Dropped {
	x := Dropped{Object: d.Object(i), Part: d.Part(i), Reason: d.Reason[i], Kept: d.Kept[i], Why: d.why(i), Leftover: d.Leftover[i], winner: winners[place{d.keptIn(i), d.Kept[i]}]}
	if len(d.Around) > 0 {
		x.around = d.Around[i]
	}
	return x
}

// place is a key of one store.
type place struct{ store, key string }

// winners are the chosen versions by store and key.
func (r *Record) winners() map[place]objectID {
	by := map[place]objectID{}
	for i := range r.Renditions {
		q := &r.Renditions[i]
		for k, key := range q.Key {
			by[place{q.Store[k], key}] = idOf(q.Object(k))
		}
	}
	return by
}

// latestUpload is the latest upload time of any segment of the session, chosen
// or dropped.
func (r *Record) latestUpload() time.Time {
	latest := int64(math.MinInt64)
	for _, ns := range r.Dropped.Seen {
		latest = max(latest, ns)
	}
	for i := range r.Renditions {
		for _, ns := range r.Renditions[i].Seen {
			latest = max(latest, ns)
		}
	}
	return time.Unix(0, latest).UTC()
}

// HoleRow is a stretch that nobody has.
type HoleRow struct {
	Rendition  string `json:"rendition,omitempty"` // empty: all of them
	AfterSeq   int64  `json:"after_seq"`
	BeforeSeq  int64  `json:"before_seq"`
	AfterSlot  int    `json:"after_slot"`
	DurationNS int64  `json:"duration_ns"`
}

// DroppedColumns are the segments that are not in the recording (I10).
type DroppedColumns struct {
	ObjectColumns
	PartColumns
	Reason   []timeline.Reason `json:"reason"`
	Kept     []string          `json:"kept"`          // key that has its place; empty: none
	Leftover []bool            `json:"leftover"`      // may be condemned as a leftover
	Why      []string          `json:"why,omitempty"` // for people; as long as the others, or absent
	// KeptStore is the store of each Kept. No column: each is in the store of the
	// segment itself.
	KeptStore []string `json:"kept_store,omitempty"`
	// Around tells apart what lay around fragments that cannot be understood: their
	// init segment may still come. No column: nothing like that.
	Around []string `json:"around,omitempty"`
}

// keptIn is the store of what has the place of row i.
func (c *DroppedColumns) keptIn(i int) string {
	if len(c.KeptStore) == 0 {
		return c.Store[i]
	}
	return c.KeptStore[i]
}

// addDropped adds a row.
func (c *DroppedColumns) addDropped(d Dropped) {
	in := d.keptIn()
	if len(c.KeptStore) > 0 || in != d.Store {
		if len(c.KeptStore) == 0 {
			c.KeptStore = slices.Clone(c.Store)
		}
		c.KeptStore = append(c.KeptStore, in)
	}
	c.addPart(c.Len(), d.Part)
	c.Around = addSparse(c.Around, c.Len(), d.around)
	c.add(d.Object)
	c.Reason = append(c.Reason, d.Reason)
	c.Kept = append(c.Kept, d.Kept)
	c.Leftover = append(c.Leftover, d.Leftover)
	c.Why = append(c.Why, d.Why)
}

// why is the phrase of row i; older records have none.
func (d *DroppedColumns) why(i int) string {
	if i < len(d.Why) {
		return d.Why[i]
	}
	return ""
}

// UncertainRow is a decision that the evidence did not settle.
type UncertainRow struct {
	What string   `json:"what"`
	Keys []string `json:"keys"`
	Why  string   `json:"why"`
}

// Output is one file of a version, as it was read back.
type Output struct {
	Rendition string `json:"rendition"`
	// Sound names the renditions whose sound an MP4 holds besides; they have none of
	// their own.
	Sound []string `json:"sound,omitempty"`
	// Part is the number of the file where a rendition has several MP4s, from 2 on;
	// the first, or only one, has none.
	Part int `json:"part,omitempty"`
	// Kind is "hls", "mp4", "iframes" (an I-frame playlist), "copy" (a copied segment or
	// init segment) or "single" (the one media object of a rendition).
	Kind  string `json:"kind"`
	Store string `json:"store"`
	Key   string `json:"key"`
	Size  int64  `json:"size"`
	ETag  string `json:"etag"`
	// Checksum is "sha256:…" of a playlist, "crc64nvme:…" of media; empty: of a copy that
	// the store made, and whose checksum it does not tell.
	Checksum   string `json:"checksum"`
	DurationNS int64  `json:"duration_ns"`
	Segments   int    `json:"segments"` // rows that it holds
	Video      int    `json:"video_samples,omitempty"`
	Audio      int    `json:"audio_samples,omitempty"`
	Silent     int    `json:"silent_frames,omitempty"` // of Audio, made to fill holes
	Skipped    int    `json:"skipped_samples,omitempty"`
}

func (o Output) object() store.Object {
	return store.Object{Store: o.Store, Key: o.Key, Size: o.Size, ETag: o.ETag}
}

// encode gives the compressed bytes. Equal records give equal bytes.
func (r *Record) encode() ([]byte, error) { return encodeGzip(r) }

// decodeRecord reads what encode wrote.
func decodeRecord(raw []byte) (*Record, error) {
	r := &Record{}
	if err := decodeGzip(raw, r); err != nil {
		return nil, err
	}
	if r.Format != recordFormat || r.Version != recordVersion {
		return nil, fmt.Errorf("%w: it has format %q version %d, this program knows %q version %d: use the newer program", errForm, r.Format, r.Version, recordFormat, recordVersion)
	}
	return r, r.check()
}

func (d *DroppedColumns) check() error {
	if err := errors.Join(d.ObjectColumns.check(), d.checkParts(&d.ObjectColumns)); err != nil {
		return err
	}
	if k := d.Len(); len(d.Reason) != k || len(d.Kept) != k || len(d.Leftover) != k || len(d.KeptStore) != 0 && len(d.KeptStore) != k || len(d.Around) != 0 && len(d.Around) != k {
		return fmt.Errorf("%w: its dropped columns have different lengths", ErrRefused)
	}
	return nil
}

func (r *Record) check() error {
	if err := r.Slots.check(); err != nil {
		return err
	}
	if err := r.Dropped.check(); err != nil {
		return err
	}
	if err := r.Inits.check(); err != nil {
		return err
	}
	for i := range r.Renditions {
		q := &r.Renditions[i]
		slots := r.SlotsOf(q)
		if err := errors.Join(slots.check(), q.ObjectColumns.check(), q.checkParts(&q.ObjectColumns)); err != nil {
			return err
		}
		k, n := q.Len(), len(slots.Seq)
		if len(q.Slot) != k || len(q.Nonce) != k || len(q.Seq) != k || len(q.StartNS) != k || len(q.DurationNS) != k || len(q.Source) != k || (len(q.CRC64) != 0 && len(q.CRC64) != k) || (len(q.Held) != 0 && len(q.Held) != k) {
			return fmt.Errorf("%w: its columns have different lengths", ErrRefused)
		}
		if err := errors.Join(r.checkInits(q), r.checkFills(q), r.checkSingle(q), r.checkIFrames(q)); err != nil {
			return err
		}
		for j, s := range q.Slot {
			if s < 0 || s >= n || j > 0 && s <= q.Slot[j-1] {
				return fmt.Errorf("%w: row %d of rendition %q is in slot %d of %d", ErrRefused, j, q.Name, s, n)
			}
		}
	}
	return nil
}
