package layout

import (
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"
)

func inZone(t testing.TB, pattern, zone string) *Layout {
	t.Helper()
	z, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Parse(pattern, Options{Zone: z})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Zones change their clocks at different hours, by different amounts, from
// different sides of UTC.
var zones = []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns"}

func TestTime(t *testing.T) {
	for _, c := range []struct {
		name, format, zone, text string
		want, later              string // RFC 3339; empty want: unknown; empty later: one reading
	}{
		{"plain", "20060102T150405", "UTC", "20261121T140304", "2026-11-21T14:03:04Z", ""},
		{"short", "20060102T150405", "UTC", "20261121T14030", "", ""},
		{"letters", "20060102T150405", "UTC", "2026x121T140304", "", ""},
		{"milliseconds", "2006-01-02T15:04:05.000Z", "UTC", "2026-11-21T14:03:04.250Z", "2026-11-21T14:03:04.25Z", ""},
		{"milliseconds, too few", "2006-01-02T15:04:05.000Z", "UTC", "2026-11-21T14:03:04.25Z", "", ""},
		{"any fraction", "2006-01-02T15:04:05.999", "UTC", "2026-11-21T14:03:04.1234567891", "2026-11-21T14:03:04.123456789Z", ""},
		{"any fraction, none", "2006-01-02T15:04:05.999", "UTC", "2026-11-21T14:03:04", "2026-11-21T14:03:04Z", ""},
		{"fraction after a comma", "2006-01-02T15:04:05,9", "UTC", "2026-11-21T14:03:04,5", "2026-11-21T14:03:04.5Z", ""},
		{"offset", "2006-01-02T150405-0700", "UTC", "2026-11-21T140304+0130", "2026-11-21T12:33:04Z", ""},
		{"offset with a colon", "2006-01-02T150405-07:00", "UTC", "2026-11-21T140304-01:30", "2026-11-21T15:33:04Z", ""},
		{"offset Z", "2006-01-02T150405Z07:00", "Europe/Berlin", "2026-11-21T140304Z", "2026-11-21T14:03:04Z", ""},
		{"offset, not Z", "2006-01-02T150405Z0700", "Europe/Berlin", "2026-11-21T140304+0000", "2026-11-21T14:03:04Z", ""},
		{"offset, absurd", "2006-01-02T150405-0700", "UTC", "2026-11-21T140304+2460", "", ""},
		{"offset in a repeated hour", "2006-01-02T150405-0700", "Europe/Berlin", "2026-10-25T023000+0100", "2026-10-25T01:30:00Z", ""},
		{"month 13", "20060102T150405", "UTC", "20261321T140304", "", ""},
		{"month 0", "20060102T150405", "UTC", "20260021T140304", "", ""},
		{"day 0", "20060102T150405", "UTC", "20261100T140304", "", ""},
		{"30 February", "20060102T150405", "UTC", "20260230T140304", "", ""},
		{"29 February", "20060102T150405", "UTC", "20240229T140304", "2024-02-29T14:03:04Z", ""},
		{"hour 24", "20060102T150405", "UTC", "20261121T240304", "", ""},
		{"minute 60", "20060102T150405", "UTC", "20261121T146004", "", ""},
		{"leap second", "20060102T150405", "UTC", "20161231T235960", "2017-01-01T00:00:00Z", ""},
		{"second 61", "20060102T150405", "UTC", "20161231T235961", "", ""},
		{"before 1970", "20060102T150405", "UTC", "19691231T235959", "", ""},
		{"after 2261", "20060102T150405", "UTC", "22620101T000000", "", ""},
		{"winter", "20060102T150405", "Europe/Berlin", "20261121T140304", "2026-11-21T13:03:04Z", ""},
		{"summer", "20060102T150405", "Europe/Berlin", "20260721T140304", "2026-07-21T12:03:04Z", ""},
		{"before the repeated hour", "20060102T150405", "Europe/Berlin", "20261025T015959", "2026-10-24T23:59:59Z", ""},
		{"repeated hour", "20060102T150405", "Europe/Berlin", "20261025T023000", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
		{"after the repeated hour", "20060102T150405", "Europe/Berlin", "20261025T030000", "2026-10-25T02:00:00Z", ""},
		{"repeated hour west of UTC", "20060102T150405", "America/New_York", "20261101T013000", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"},
		{"repeated half hour", "20060102T150405", "Australia/Lord_Howe", "20260405T014500", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"},
		{"left out hour", "20060102T150405", "Europe/Berlin", "20260329T023000", "2026-03-29T01:30:00Z", ""},
		{"left out day", "20060102T150405", "Pacific/Apia", "20111230T120000", "2011-12-30T22:00:00Z", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, ok := inZone(t, "{recording}/{time:"+c.format+"}.ts", c.zone).Match("foo/" + c.text + ".ts")
			if !ok {
				if c.want != "" {
					t.Fatal("unknown")
				}
				return
			}
			if got := f.Time.Format(time.RFC3339Nano); got != c.want {
				t.Errorf("Time = %s; want %s", got, c.want)
			}
			got := ""
			if later, ok := f.Later(); ok {
				got = later.Format(time.RFC3339Nano)
			}
			if got != c.later {
				t.Errorf("Later = %q; want %q", got, c.later)
			}
		})
	}
}

// TestTimeHoldsBothReadings: whatever the instant and the zone, its local time
// is read as the instant or as the other one that has the same local time.
func TestTimeHoldsBothReadings(t *testing.T) {
	layouts := map[string]*Layout{}
	for _, z := range zones {
		layouts[z] = inZone(t, "{recording}/{time:2006-01-02T15}/{time:04:05.999999}.ts", z)
	}
	rapid.Check(t, func(t *rapid.T) {
		l := layouts[rapid.SampledFrom(zones).Draw(t, "zone")]
		zone := l.patterns[0].zone
		at := time.Unix(rapid.Int64Range(86400, 4e9).Draw(t, "s"), rapid.Int64Range(0, 999999999).Draw(t, "ns")).UTC()
		if rapid.Bool().Draw(t, "near a change") {
			_, change := at.In(zone).ZoneBounds()
			if !change.IsZero() {
				at = change.UTC().Add(time.Duration(rapid.Int64Range(-2*3600e9, 2*3600e9).Draw(t, "off")))
			}
		}
		local := at.In(zone)
		f, ok := l.Match("foo/" + local.Format("2006-01-02T15") + "/" + local.Format("04:05.999999999") + ".ts")
		if !ok {
			t.Fatalf("%s is unknown", local)
		}
		later, two := f.Later()
		if !f.Time.Equal(at) && (!two || !later.Equal(at)) {
			t.Fatalf("%s read as %s, %s", local, f.Time, later)
		}
		if two && later.In(zone).Format(time.DateTime) != f.Time.In(zone).Format(time.DateTime) {
			t.Fatalf("%s and %s have different local times", f.Time, later)
		}
		if !f.Time.Equal(at) {
			return // the second reading has no key of its own
		}
		key, err := l.Format(f)
		if got, ok := l.Match(key); err != nil || !ok || got != f {
			t.Fatalf("%+v became %q (%v), which is %+v", f, key, err, got)
		}
	})
}
