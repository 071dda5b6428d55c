package finalize

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

const (
	looksFormat  = "recfin/looks"
	looksVersion = 1
	looksFolder  = "looks/" // in the folder of the state
)

// cursor says up to where the closed recordings of one share were looked at. They stand
// on a ring, in the order of nameHash; a round goes over all of it within --recheck, and
// each run does the part of what is left of it that the time since the run before is of
// the time that is left. So however often runs are, and however many recordings come
// and go, all are looked at in each round, and equally many in equal times.
//
// It stands in <out>/.recfin/state/looks/. A cursor that is lost, or that a clock has left
// in the future, owes everything.
type cursor struct {
	Format  string `json:"format"` // "recfin/looks"
	Version int    `json:"version"`
	Began   int64  `json:"began"` // the round, Unix seconds by the clock of the outputs
	At      int64  `json:"at"`    // the last look
	Next    uint64 `json:"next"`  // the place on the ring at which the next one begins
}

// looksKey is where the cursor of a share is.
func (c Config) looksKey(scope string, s Shard) string {
	return c.stateDir() + looksFolder + fmt.Sprintf("%s-%d-of-%d", scope, s.Index, max(s.Count, 1))
}

func (c cursor) encode() ([]byte, error) {
	c.Format, c.Version = looksFormat, looksVersion
	raw, err := json.Marshal(c)
	return append(raw, '\n'), err
}

func decodeCursor(raw []byte) (*cursor, error) {
	c := &cursor{}
	if err := json.Unmarshal(raw, c); err != nil {
		return nil, fmt.Errorf("%w: it is no cursor of this program: %v", ErrRefused, err)
	}
	if c.Format != looksFormat || c.Version != looksVersion || c.Began > c.At || c.Began < 0 {
		return nil, fmt.Errorf("%w: it makes no sense", ErrRefused)
	}
	return c, nil
}

// oldest is the cursor that owes the most of some: what takes the place of the cursors of
// another number of shares owes what any of them does.
func oldest(cursors []cursor) cursor {
	c := cursors[0]
	for _, o := range cursors[1:] {
		if o.Began < c.Began || o.Began == c.Began && o.Next < c.Next {
			c.Began, c.Next = o.Began, o.Next
		}
		c.At = min(c.At, o.At)
	}
	c.At = max(c.At, c.Began)
	return c
}

// turn are the places on the ring that a run is to look at: those of list, in that
// order.
type turn struct {
	ring []uint64
	list []int
	over bool // the round is
	// The cursor when so many of list were looked at.
	after func(done int) cursor
}

// owed gives the looks that are due at now. The places of the ring are sorted; since is
// when the first of them was closed, and every how long a round may take, in seconds. A
// cursor of nil is one that was lost.
func (c *cursor) owed(ring []uint64, since, now, every int64) turn {
	l := turn{ring: ring}
	lost := c != nil && (c.At > now || c.Began > now)
	if c == nil || since > c.At { // before that there was nothing to be looked at
		c = &cursor{Began: since, At: since}
	}
	if lost {
		c = &cursor{Began: max(0, now-every-1), At: max(0, now-every-1)}
	}
	n := len(ring)
	from, _ := slices.BinarySearch(ring, c.Next)
	end := c.Began + every
	if now < end {
		to := from + l.together(from, share(n-from, now-c.At, end-c.At))
		l.list = span(from, to)
		l.after = func(done int) cursor { return cursor{Began: c.Began, At: now, Next: l.at(from + done)} }
		return l
	}
	// The round is over: all that is left of it, and what the next one owes already.
	began, first := end, n-from
	l.over = true
	again := min(from, share(n, now-end, every))
	if again = l.together(0, again); again >= from {
		again, began = from, now // all of the ring
	}
	l.list = append(span(from, n), span(0, again)...)
	l.after = func(done int) cursor {
		switch {
		case done == len(l.list) && again == from:
			return cursor{Began: now, At: now}
		case done < first:
			return cursor{Began: c.Began, At: now, Next: l.at(from + done)}
		case again == from: // the round that was to begin anew is behind
			return cursor{Began: now - every, At: now, Next: l.at(done - first)}
		}
		return cursor{Began: began, At: now, Next: l.at(done - first)}
	}
	return l
}

// at is the place of ring[i]; the end of the ring is the beginning of nothing, so that it
// is met in the next round.
func (l *turn) at(i int) uint64 {
	if i < len(l.ring) {
		return l.ring[i]
	}
	return 1<<64 - 1
}

// together is n, or more where two at one place would be torn apart behind from+n.
func (l *turn) together(from, n int) int {
	for n > 0 && from+n < len(l.ring) && l.ring[from+n] == l.ring[from+n-1] {
		n++
	}
	return n
}

// share is n × part / whole, rounded down, and n where part is at least whole.
func share(n int, part, whole int64) int {
	if part <= 0 {
		return 0
	}
	if part >= whole {
		return n
	}
	hi, lo := bits.Mul64(uint64(n), uint64(part))
	q, _ := bits.Div64(hi, lo, uint64(whole))
	return int(q)
}

func span(from, to int) []int {
	all := make([]int, 0, max(0, to-from))
	for i := from; i < to; i++ {
		all = append(all, i)
	}
	return all
}

// parseLooks reads the key of a cursor of a scope back.
func (c Config) parseLooks(scope, key string) (s Shard, ok bool) {
	name, under := strings.CutPrefix(key, c.stateDir()+looksFolder+scope+"-")
	index, count, cut := strings.Cut(name, "-of-")
	i, err1 := strconv.Atoi(index)
	n, err2 := strconv.Atoi(count)
	s = Shard{Index: i, Count: n}
	return s, under && cut && err1 == nil && err2 == nil && s.check() == nil && key == c.looksKey(scope, s)
}
