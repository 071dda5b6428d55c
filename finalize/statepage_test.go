package finalize

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/store"
)

func stateRowsOf(p *statePage, scope string) (rows []stateRow) {
	if s := p.of(scope); s != nil {
		for i := range s.Name {
			rows = append(rows, s.row(i))
		}
	}
	return rows
}

// A page gives back what was put into it, beside what others have there.
func TestStatePage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.Custom(func(t *rapid.T) stateRow {
			return stateRow{
				name: rapid.StringN(1, 6, 12).Draw(t, "name"), commit: rapid.Int64Range(0, 1<<40).Draw(t, "commit"),
				due: rapid.Int64Range(0, 1<<40).Draw(t, "due"), listing: rapid.SampledFrom([]string{"", "00112233445566778899aabbccddeeff"}).Draw(t, "sum"),
				settings: rapid.SampledFrom([]string{"s", "t", "u"}).Draw(t, "settings"), flags: rapid.IntRange(0, stateFlags).Draw(t, "flags"),
			}
		})
		var page *statePage
		want := map[string][]stateRow{}
		for range rapid.IntRange(1, 6).Draw(t, "writes") {
			scope := rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "scope")
			rows := rapid.SliceOfNDistinct(row, 0, 8, func(r stateRow) string { return r.name }).Draw(t, "rows")
			raw, err := encodeGzip(page.with(scope, slices.Clone(rows)))
			if err != nil {
				t.Fatal(err)
			}
			if page, err = decodeState(raw); err != nil {
				t.Fatal(err)
			}
			slices.SortFunc(rows, func(a, b stateRow) int { return bytes.Compare([]byte(a.name), []byte(b.name)) })
			want[scope] = rows
			for scope, rows := range want {
				if got := stateRowsOf(page, scope); !slices.Equal(got, rows) {
					t.Fatalf("%s: got %v, want %v", scope, got, rows)
				}
			}
		}
	})
}

// Of many jobs the last have their rows.
func TestStateScopesAreBounded(t *testing.T) {
	var page *statePage
	for i := range 3 * maxScopes {
		page = page.with(fmt.Sprint("scope ", i), []stateRow{{name: "foo"}})
	}
	if len(page.Scopes) != maxScopes || page.of(fmt.Sprint("scope ", 3*maxScopes-1)) == nil || page.of("scope 0") != nil {
		t.Errorf("%d scopes", len(page.Scopes))
	}
}

// A share meets exactly the pages that may hold a name of it.
func TestShardMeetsPages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(1, 40).Draw(t, "count")
		name := rapid.StringN(1, 8, 20).Draw(t, "name")
		for k := range count {
			s := Shard{Index: k, Count: count}
			if s.Takes(name) && !s.meets(int(nameHash(name)%statePages)) {
				t.Fatalf("%q of share %v is on a page that it does not read", name, s)
			}
		}
	})
	pages := 0
	for p := range statePages {
		if (Shard{Index: 3, Count: 8}).meets(p) {
			pages++
		}
	}
	if pages != statePages/8 {
		t.Errorf("an eighth reads %d pages", pages)
	}
}

// What comes in another order has the same sum, what is taken out leaves what was, and
// anything that is other than it was shows.
func TestListingSum(t *testing.T) {
	var all []store.Object
	for i := range 20 {
		all = append(all, store.Object{Store: "s", Key: fmt.Sprint("k", i), ETag: "e", Size: int64(i), Modified: time.Unix(int64(i), 0)})
	}
	sum := func(objects ...store.Object) string {
		var s listingSum
		for _, o := range objects {
			s.add(&o)
		}
		return s.String()
	}
	want := sum(all...)
	back := slices.Clone(all)
	slices.Reverse(back)
	if sum(back...) != want {
		t.Error("the order shows")
	}
	var s listingSum
	for _, o := range all {
		s.add(&o)
	}
	s.remove(&all[7])
	if s.String() != sum(slices.Delete(slices.Clone(all), 7, 8)...) {
		t.Error("what was taken out is in it")
	}
	seen := map[string]bool{want: true, sum(all[1:]...): true}
	for i, change := range []func(*store.Object){
		func(o *store.Object) { o.Store = "t" }, func(o *store.Object) { o.Key = "k" }, func(o *store.Object) { o.ETag = "f" },
		func(o *store.Object) { o.Size++ }, func(o *store.Object) { o.Modified = o.Modified.Add(1) },
		func(o *store.Object) { o.Store, o.Key = "sk", "0" },
	} {
		other := slices.Clone(all)
		if change(&other[0]); seen[sum(other...)] {
			t.Errorf("change %d does not show", i)
		}
		seen[sum(other...)] = true
	}
}

// What a run has to say against what another has written meanwhile.
func TestStateMerge(t *testing.T) {
	clean, bad := stateRow{name: "foo", commit: 5, settings: "s"}, stateRow{name: "foo", flags: stateTrouble, settings: "s"}
	older := stateRow{name: "foo", commit: 1, settings: "s"}
	for _, c := range []struct {
		name string
		had  []stateRow // when it began: nil: nothing, or it was not looked at
		seen bool
		now  []stateRow
		say  change
		want []stateRow
	}{
		{"new", nil, true, nil, change{row: clean, ok: true}, []stateRow{clean}},
		{"committed anew", []stateRow{older}, true, []stateRow{older}, change{row: clean, ok: true}, []stateRow{clean}},
		{"mended", []stateRow{bad}, true, []stateRow{bad}, change{row: clean, ok: true}, []stateRow{clean}},
		{"the other met trouble", []stateRow{older}, true, []stateRow{bad}, change{row: clean, ok: true}, []stateRow{bad}},
		{"the other took it away", []stateRow{older}, true, nil, change{row: clean, ok: true}, nil},
		{"trouble", []stateRow{older}, true, []stateRow{older}, change{row: bad, ok: true}, []stateRow{bad}},
		{"trouble of what is not known", nil, true, nil, change{row: bad, ok: true}, nil},
		{"trouble, and the other closed it", nil, true, []stateRow{clean}, change{row: bad, ok: true}, []stateRow{bad}},
		{"not settled", []stateRow{older}, true, []stateRow{older}, change{row: clean}, nil},
		{"by name, not known", nil, false, nil, change{row: clean, ok: true}, nil},
		{"by name, known", nil, false, []stateRow{older}, change{row: clean, ok: true}, []stateRow{clean}},
		{"by name, trouble", nil, false, []stateRow{older}, change{row: bad, ok: true}, []stateRow{bad}},
	} {
		s := &Search{all: true, found: []string{"foo"}}
		c.say.seen = c.seen
		for _, r := range c.had {
			if c.say.had = hadRow; r.trouble() {
				c.say.had |= hadTrouble
			}
		}
		other := stateRow{name: "gone", settings: "s"}
		page := (*statePage)(nil).with("x", append([]stateRow{other}, c.now...))
		rows, changed := s.merge(page.of("x"), []change{c.say})
		if changed != !slices.Equal(c.now, c.want) {
			t.Errorf("%s: changed %v", c.name, changed)
		}
		if !slices.Equal(rows, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, rows, c.want)
		}
	}
}

// Rows of names that JSON would change are not kept.
func TestStateOfOddNames(t *testing.T) {
	s := &Search{all: true, found: []string{"a\xff"}, known: []byte{0}, changes: map[string]change{}}
	if s.put(stateRow{name: "a\xff"}, true); len(s.changes) != 0 {
		t.Error("it is kept")
	}
}

func FuzzDecodeState(f *testing.F) {
	good, err := encodeGzip((*statePage)(nil).with("x", []stateRow{{name: "a", commit: 1, settings: "s"}, {name: "b", due: 2, settings: "t", flags: stateTrouble}}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	for _, text := range []string{
		"", "{}", `{"format":"recfin/state","version":2}`, `{"format":"recfin/state","version":1,"scopes":[{"name":["a"]}]}`,
		`{"format":"recfin/state","version":1,"scopes":[{"scope":"x","settings":[],"name":["a"],"commit":[0],"due":[0],"listing":[""],"set":[0],"flags":[0]}]}`,
		`{"format":"recfin/state","version":1,"scopes":[{"scope":"x","settings":["s"],"name":["b","a"],"commit":[0,0],"due":[0,0],"listing":["",""],"set":[0,0],"flags":[0,0]}]}`,
	} {
		raw, err := encodeGzip(bytesOfJSON(text))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := decodeState(raw)
		if err != nil {
			if !errors.Is(err, ErrRefused) {
				t.Fatal(err)
			}
			return
		}
		s := &Search{f: &Finalizer{}, found: []string{"a", "b"}, known: make([]byte, 2), every: 60, now: 1 << 40, settings: "s"}
		d := &choosing{s: s, always: map[string]bool{}, commit: make([]int64, 2)}
		for i := range p.Scopes {
			d.page(&p.Scopes[i], []int32{0, 1})
			clear(s.known)
			s.ring = nil
		}
		d.choose(nil)
		if len(s.Work) > len(s.found)+len(d.waiting) {
			t.Fatalf("%q", s.Work)
		}
	})
}

// bytesOfJSON is JSON as it stands.
type bytesOfJSON string

// MarshalJSON gives it; what is none stands in a text.
func (b bytesOfJSON) MarshalJSON() ([]byte, error) {
	if b == "" {
		return []byte(`""`), nil
	}
	return []byte(b), nil
}
