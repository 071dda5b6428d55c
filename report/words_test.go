package report

import (
	"math"
	"testing"

	"recfin/finalize"
)

func TestWords(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{clock(0), "0:00:00.000"}, {clock(3_723_004_500_000), "1:02:03.005"}, {clock(-1_500_000_000), "−0:00:01.500"},
		{spoken(0), "0.0 s"}, {spoken(59_940_000_000), "59.9 s"}, {spoken(59_960_000_000), "1 min 00 s"}, {spoken(60_000_000_000), "1 min 00 s"}, {spoken(3_599_600_000_000), "1 h 00 min"}, {spoken(172_800_000_000_000), "48 h 00 min"}, {spoken(-2_000_000_000), "−2.0 s"},
		{size(0), "0 B"}, {size(1023), "1023 B"}, {size(1024), "1.0 KiB"}, {size(1535), "1.5 KiB"}, {size(1 << 20), "1.0 MiB"}, {size(3 << 29), "1.5 GiB"}, {size(1 << 41), "2.0 TiB"},
		{digits(0), "0"}, {digits(999), "999"}, {digits(86400), "86\u202f400"}, {digits(-1234567), "−1\u202f234\u202f567"},
		{count(1, "hole"), "1 hole"}, {count(0, "hole"), "0 holes"},
		{short("abcdefghij", 5), "ab…ij"}, {short("abcde", 5), "abcde"}, {short("a\x1bb", 20), `"a\x1bb"`},
		{rate(30, 1), "30 fps"}, {rate(30000, 1001), "29.97 fps"}, {rate(25, 2), "12.5 fps"},
		{bits(999), "999 kbit/s"}, {bits(3456), "3.4 Mbit/s"},
		{list([]string{"a", "b", "c"}, 2), "a, b and 1 more"}, {list(nil, 2), ""},
		{money(0), "$0"}, {money(400), "under $0.00001"}, {money(70_000), "$0.00007"}, {money(9_999_999), "$0.00999"}, {money(10_000_000), "$0.01"}, {money(1_234_567_890), "$1.23"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// What a record says may be no time at all: it is shown somehow, and ends nothing. The
// one number without an opposite overflowed the stack, which no recover can catch.
func TestNoTime(t *testing.T) {
	for _, c := range []struct{ ns, want int64 }{
		{0, 0}, {499_999, 0}, {500_000, 1}, {-499_999, 0}, {-500_000, -1}, {1_500_000, 2}, {-1_500_000, -2},
		{math.MaxInt64, 9_223_372_036_855}, {math.MinInt64, -9_223_372_036_855},
	} {
		if got := ms(c.ns); got != c.want {
			t.Errorf("ms(%d) = %d, want %d", c.ns, got, c.want)
		}
	}
	if got := spoken(math.MinInt64); got != "−"+spoken(math.MaxInt64) {
		t.Errorf("%q", got)
	}
	if got := clock(math.MinInt64); got != clock(-math.MaxInt64) {
		t.Errorf("%q", got)
	}
}

// The prices are those of the list, per thousand requests and per GB.
func TestDollars(t *testing.T) {
	requests, egress := dollars(finalize.Cost{List: 1000, Put: 1000, Copy: 1000, Get: 1000, Head: 1000, Delete: 1000, BytesRead: 1_000_000_000, BytesWritten: 1 << 40})
	if requests != 3*5_000_000+2*400_000 || egress != 90_000_000 {
		t.Errorf("%d, %d", requests, egress)
	}
	if _, egress := dollars(finalize.Cost{BytesRead: 1 << 62}); egress < 0 {
		t.Errorf("egress of very much: %d", egress)
	}
}

// Every reason of a drop has words and a mark.
func TestReasons(t *testing.T) {
	for _, r := range []finalize.Reason{"identical", "duplicate", "truncated", "partial", "overlap", "empty", "unreadable", "gone", "changed", "late", "temporary", "tombstone", "excluded", "undecodable"} {
		if reasonWords[r] == "" || markOf(r) == "" {
			t.Errorf("%s has no words", r)
		}
	}
	for _, s := range []finalize.Status{finalize.Ready, finalize.NotSettled, finalize.Done, finalize.Damaged, finalize.Refused, finalize.Leased, finalize.Left, finalize.Failed} {
		if statusWords[s] == "" || tone(s) == "plain" {
			t.Errorf("%s has no words", s)
		}
	}
}
