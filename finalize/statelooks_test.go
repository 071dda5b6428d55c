package finalize

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

const day = int64(24 * 3600)

func placesOf(n int) []uint64 {
	var all []uint64
	for i := range n {
		all = append(all, nameHash(string(rune('a'+i%26))+string(rune('0'+i/26%10))+string(rune('A'+i/260))))
	}
	slices.Sort(all)
	return all
}

// A night is a seventh of a round of seven days, to the recording, and after seven
// nights all were looked at once.
func TestLooksAreEven(t *testing.T) {
	ring := placesOf(1000)
	c := &cursor{Began: 1000 * day, At: 1000 * day}
	seen := map[int]int{}
	for night := int64(1); night <= 14; night++ {
		l := c.owed(ring, 1, (1000+night)*day, 7*day)
		if n := len(l.list); n < 1000/7 || n > 1000/7+1 {
			t.Errorf("night %d looks at %d of 1,000", night, n)
		}
		for _, i := range l.list {
			seen[i]++
		}
		next := l.after(len(l.list))
		c = &next
		if night == 7 && len(seen) != 1000 {
			t.Errorf("after a week %d were looked at", len(seen))
		}
	}
	for i, n := range seen {
		if n != 2 {
			t.Fatalf("place %d was looked at %d times in two weeks", i, n)
		}
	}
}

func TestLooksOwed(t *testing.T) {
	ring := placesOf(700)
	now := 1000 * day
	for _, c := range []struct {
		name   string
		cursor *cursor
		since  int64
		want   int
	}{
		{"lost, all closed long ago", nil, 1, 700},
		{"lost, the first closed yesterday", nil, now - day, 100},
		{"nothing was closed when the last round began", &cursor{Began: now - 50*day, At: now - 30*day}, now - day, 100},
		{"a minute ago", &cursor{Began: now - day, At: now - 60}, 1, 0},
		{"no run for a month", &cursor{Began: now - 31*day, At: now - 30*day}, 1, 700},
		{"from the future", &cursor{Began: now + day, At: now + day}, 1, 700},
		{"last looked in the future", &cursor{Began: now - day, At: now + day}, 1, 700},
	} {
		l := c.cursor.owed(ring, c.since, now, 7*day)
		if len(l.list) != c.want {
			t.Errorf("%s: %d looks, want %d", c.name, len(l.list), c.want)
		}
		if slices.Sort(l.list); len(slices.Compact(l.list)) != c.want {
			t.Errorf("%s: something is looked at twice", c.name)
		}
	}
}

// However runs come, are cut short and meet another ring each time: whatever is on the
// ring all the time is looked at within two rounds of the first run after it was closed,
// if runs come more often than that and the last is not cut short.
func TestLooksMissNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const every = 7 * day
		stays := nameHash(rapid.StringN(1, 8, 20).Draw(t, "name"))
		now := 10 * day
		var c *cursor
		last := now
		for range rapid.IntRange(2, 40).Draw(t, "runs") {
			now += rapid.Int64Range(1, 2*day).Draw(t, "pause")
			ring := append(rapid.SliceOfN(rapid.Uint64(), 0, 30).Draw(t, "others"), stays)
			slices.Sort(ring)
			l := c.owed(ring, 5*day, now, every)
			done := len(l.list)
			if rapid.IntRange(0, 4).Draw(t, "cut") == 0 {
				done = rapid.IntRange(0, done).Draw(t, "done")
			}
			cut := done < len(l.list)
			for _, i := range l.list[:done] {
				if ring[i] == stays {
					last = now
				}
			}
			if done > 0 {
				next := l.after(done)
				raw, err := next.encode()
				if err != nil {
					t.Fatal(err)
				}
				if c, err = decodeCursor(raw); err != nil {
					t.Fatalf("%s: %v", raw, err)
				}
			}
			if !cut && now-last > 2*every+2*day {
				t.Fatalf("not looked at for %d days", (now-last)/day)
			}
		}
	})
}

// What takes the place of other shares owes what any of them owes.
func TestLooksOfOtherShares(t *testing.T) {
	got := oldest([]cursor{{Began: 5, At: 9, Next: 100}, {Began: 3, At: 8, Next: 7}, {Began: 3, At: 10, Next: 6}})
	if got != (cursor{Began: 3, At: 8, Next: 6}) {
		t.Errorf("%+v", got)
	}
}

func TestParseLooks(t *testing.T) {
	c := Config{OutPath: "recordings/"}
	for _, s := range []Shard{{}, {Index: 3, Count: 8}, {Index: 0, Count: 1}} {
		got, ok := c.parseLooks("0123456789abcdef", c.looksKey("0123456789abcdef", s))
		if !ok || got.Index != s.Index || got.Count != max(1, s.Count) {
			t.Errorf("%v: %v, %v", s, got, ok)
		}
	}
	for _, key := range []string{"", "recordings/.recfin/state/looks/0123456789abcdef-8-of-8", "recordings/.recfin/state/looks/0123456789abcdef-+1-of-8", "recordings/.recfin/state/looks/1123456789abcdef-1-of-8"} {
		if _, ok := c.parseLooks("0123456789abcdef", key); ok {
			t.Errorf("%q is taken for a cursor", key)
		}
	}
}

func FuzzDecodeCursor(f *testing.F) {
	raw, err := cursor{Began: 1, At: 2, Next: 3}.encode()
	if err != nil {
		f.Fatal(err)
	}
	for _, b := range [][]byte{raw, nil, []byte("{}"), []byte(`{"format":"recfin/looks","version":1,"began":5,"at":4}`)} {
		f.Add(b)
	}
	ring := placesOf(5)
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := decodeCursor(raw)
		if err != nil {
			if !errors.Is(err, ErrRefused) {
				t.Fatal(err)
			}
			return
		}
		l := c.owed(ring, 1, 1000*day, 7*day)
		for i := range len(l.list) + 1 {
			next := l.after(i)
			if i == len(l.list) && next.At > 1000*day {
				t.Fatalf("%+v is in the future", next)
			}
		}
	})
}
