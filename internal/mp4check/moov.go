package mp4check

import (
	"fmt"
	"math/big"
)

// moov reads the movie box (§8.2) and gives the chapters that udta names.
func (m *Movie) moov(content []byte) ([]Chapter, error) {
	boxes, err := split(content)
	if err != nil {
		return nil, fmt.Errorf("moov: %w", err)
	}
	mvhd, err := one(boxes, "mvhd", true)
	if err != nil {
		return nil, err
	}
	r := &in{b: mvhd}
	if v, _ := r.full(); v != 1 {
		return nil, fmt.Errorf("mvhd has version %d", v)
	}
	r.take(16)
	m.Timescale, m.Duration = r.u32(), r.i64()
	if rate, volume := r.u32(), r.u16(); rate != 0x10000 || volume != 0x100 {
		return nil, fmt.Errorf("mvhd has rate %#x and volume %#x", rate, volume)
	}
	r.take(10 + 36 + 24)
	next := r.u32()
	if err := r.done("mvhd"); err != nil {
		return nil, err
	}
	if m.Timescale == 0 {
		return nil, fmt.Errorf("mvhd has timescale 0")
	}
	var longest int64
	for _, b := range boxes {
		if b.name != "trak" {
			continue
		}
		shown, err := m.trak(b.body)
		if err != nil {
			return nil, fmt.Errorf("trak %d: %w", len(m.Tracks), err)
		}
		longest = max(longest, shown)
	}
	ids := map[uint32]bool{}
	for _, t := range m.Tracks {
		if t.ID == 0 || t.ID >= next || ids[t.ID] {
			return nil, fmt.Errorf("track id %d is 0, twice, or not below next_track_ID %d", t.ID, next)
		}
		ids[t.ID] = true
	}
	if longest != m.Duration {
		return nil, fmt.Errorf("mvhd lasts %d, the longest track %d", m.Duration, longest)
	}
	return m.names(boxes)
}

// trak reads a track box (§8.3) and gives the duration of its tkhd.
func (m *Movie) trak(content []byte) (int64, error) {
	boxes, err := split(content)
	if err != nil {
		return 0, err
	}
	mdia, err := path(boxes, "mdia")
	if err != nil {
		return 0, err
	}
	var t Track
	if err := t.mediaHeader(mdia); err != nil {
		return 0, err
	}
	tkhd, err := one(boxes, "tkhd", true)
	if err != nil {
		return 0, err
	}
	r := &in{b: tkhd}
	if v, _ := r.full(); v != 1 {
		return 0, fmt.Errorf("tkhd has version %d", v)
	}
	r.take(16)
	t.ID = r.u32()
	r.take(4)
	shown := r.i64()
	r.take(12)
	volume := r.u16()
	r.take(2)
	matrix := r.take(36)
	width, height := r.u32(), r.u32()
	if err := r.done("tkhd"); err != nil {
		return 0, err
	}
	switch {
	case t.Handler == "soun" && (volume != 0x100 || width|height != 0):
		return 0, fmt.Errorf("tkhd of audio with volume %#x, width %d", volume, width)
	case t.Handler == "vide" && (volume != 0 || width == 0 || height == 0):
		return 0, fmt.Errorf("tkhd of video with volume %#x, %d by %d", volume, width, height)
	}
	if err := t.turned(matrix, width, height); err != nil {
		return 0, err
	}
	if err := t.references(boxes); err != nil {
		return 0, err
	}
	if err := t.editList(boxes); err != nil {
		return 0, err
	}
	if err := m.checkShown(&t, shown); err != nil {
		return 0, err
	}
	if err := t.tables(mdia); err != nil {
		return 0, err
	}
	m.Tracks = append(m.Tracks, t)
	return shown, nil
}

// turned reads the matrix of tkhd (§8.3.2): it must be a quarter turn that maps
// the picture onto where it was, from its upper left corner on.
func (t *Track) turned(matrix []byte, width, height uint32) error {
	r := &in{b: matrix}
	var m [9]int64
	for i := range m {
		m[i] = int64(int32(r.u32()))
	}
	const one = 0x10000
	w, h := int64(width), int64(height)
	for turn, want := range map[int][6]int64{
		0: {one, 0, 0, one, 0, 0}, 90: {0, one, -one, 0, h, 0},
		180: {-one, 0, 0, -one, w, h}, 270: {0, -one, one, 0, 0, w},
	} {
		if [6]int64{m[0], m[1], m[3], m[4], m[6], m[7]} == want && (t.Handler == "vide" || turn == 0) {
			t.Rotation = turn
			if m[2] != 0 || m[5] != 0 || m[8] != 0x40000000 {
				break
			}
			return nil
		}
	}
	return fmt.Errorf("tkhd with the matrix %v", m)
}

// mediaHeader reads mdhd (§8.4.2) and hdlr (§8.4.3), and looks for the media
// header that the handler wants (§12).
func (t *Track) mediaHeader(mdia []box) error {
	mdhd, err := one(mdia, "mdhd", true)
	if err != nil {
		return err
	}
	r := &in{b: mdhd}
	if v, _ := r.full(); v != 1 {
		return fmt.Errorf("mdhd has version %d", v)
	}
	r.take(16)
	t.Timescale, t.Duration = r.u32(), r.i64()
	packed := r.u16()
	for shift := 10; shift >= 0; shift -= 5 {
		t.Language += string(rune(packed>>shift&31 + 0x60))
	}
	r.take(2)
	if err := r.done("mdhd"); err != nil {
		return err
	}
	if t.Timescale == 0 || t.Duration <= 0 {
		return fmt.Errorf("mdhd lasts %d of timescale %d", t.Duration, t.Timescale)
	}
	hdlr, err := one(mdia, "hdlr", true)
	if err != nil {
		return err
	}
	r = &in{b: hdlr}
	r.take(8)
	t.Handler = string(r.take(4))
	r.take(12)
	if r.short || len(r.b) == 0 || r.b[len(r.b)-1] != 0 {
		return fmt.Errorf("hdlr is short or its name has no end")
	}
	minf, err := path(mdia, "minf")
	if err != nil {
		return err
	}
	header := map[string]string{"vide": "vmhd", "soun": "smhd", "text": "gmhd"}[t.Handler]
	if _, err := one(minf, header, true); err != nil {
		return fmt.Errorf("handler %q: %w", t.Handler, err)
	}
	dinf, err := path(minf, "dinf")
	if err != nil {
		return err
	}
	dref, err := one(dinf, "dref", true)
	if err != nil {
		return err
	}
	r = &in{b: dref}
	r.take(4)
	count := r.u32()
	urls, err := split(r.b)
	if err != nil || count != 1 || len(urls) != 1 || urls[0].name != "url " || string(urls[0].body) != "\x00\x00\x00\x01" {
		return fmt.Errorf("dref is not one url to this file")
	}
	return nil
}

// editList reads edts (§8.6.5).
func (t *Track) editList(boxes []box) error {
	edts, err := one(boxes, "edts", false)
	if edts == nil || err != nil {
		return err
	}
	inner, err := split(edts)
	if err != nil {
		return err
	}
	elst, err := one(inner, "elst", true)
	if err != nil {
		return err
	}
	r := &in{b: elst}
	if v, _ := r.full(); v != 1 {
		return fmt.Errorf("elst has version %d", v)
	}
	bad := false
	err = r.list("elst", 20, func(r *in) {
		e := Edit{Duration: r.i64(), MediaTime: r.i64()}
		rate := r.u32()
		bad = bad || rate != 0x10000 || e.Duration <= 0 || e.MediaTime < -1 || e.MediaTime >= t.Duration
		t.Edits = append(t.Edits, e)
	})
	if err == nil && (bad || len(t.Edits) == 0) {
		err = fmt.Errorf("elst with a bad edit: %v", t.Edits)
	}
	return err
}

// checkShown compares the duration of tkhd with its edits (§8.3.2.3), and
// those with the media, to one movie tick.
func (m *Movie) checkShown(t *Track, shown int64) error {
	ticks := func(media int64) *big.Int { // exact, in movie ticks times the media timescale
		return new(big.Int).Mul(big.NewInt(media), big.NewInt(int64(m.Timescale)))
	}
	scale := big.NewInt(int64(t.Timescale))
	near := func(movie, media int64) bool {
		diff := new(big.Int).Mul(big.NewInt(movie), scale)
		return diff.Sub(diff, ticks(media)).CmpAbs(scale) < 0
	}
	if t.Edits == nil {
		if !near(shown, t.Duration) {
			return fmt.Errorf("tkhd lasts %d, mdhd %d of timescale %d", shown, t.Duration, t.Timescale)
		}
		return nil
	}
	var sum int64
	for _, e := range t.Edits {
		if sum += e.Duration; e.MediaTime >= 0 && !near(e.Duration, t.Duration-e.MediaTime) {
			return fmt.Errorf("edit of %d does not end where the media of %d does", e.Duration, t.Duration)
		}
	}
	if sum != shown {
		return fmt.Errorf("tkhd lasts %d, its edits %d", shown, sum)
	}
	return nil
}
