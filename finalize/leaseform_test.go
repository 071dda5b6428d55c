package finalize

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/store"
	"recfin/store/mem"
)

// leaseCases are texts that may stand where leases do.
var leaseCases = []string{
	"", "null", "{}", "[]", "{}{}", "\x00\xff", strings.Repeat(`{"settings":`, 10_001), strings.Repeat("[", 70_000),
	`{"format":"recfin/lease","version":1}`,
	`{"format":"recfin/lease","version":2,"recording":"foo","token":"00000000000000000000000000000000","settings":{}}`,
	`{"format":"recfin/lease","version":1,"recording":"foo","token":"00000000000000000000000000000000","host":"h","pid":1,"since":"2026-01-01T00:00:00Z","settings":{"stores":["mem://test/"],"out":"mem://test/","out_path":"o/","layouts":["nonce"],"formats":"hls","durations":"auto","split":"never","gaps":"close","session_gap_ns":1,"settle_ns":1}}`,
	`{"format":"recfin/lease","version":1,"recording":"../foo","token":"00000000000000000000000000000000","settings":{}}`,
	`{"format":"recfin/lease","version":1,"recording":"foo","token":"00000000000000000000000000000000","pid":-1,"settings":{}}`,
	`{"format":"recfin/lease","version":1,"recording":"foo","token":"00000000000000000000000000000000","pid":99999999999999999999,"settings":{}}`,
	`{"format":"recfin/lease","version":1,"recording":"foo","token":"x","settings":{}}`,
	`{"format":"recfin/lease","version":1,"recording":"foo","token":"00000000000000000000000000000000","more":1,"settings":{}}`,
	`{"format":"recfin/lease","version":1,"recording":"foo","token":"00000000000000000000000000000000","settings":{"stores":["mem://test/"],"out":"mem://test/","out_path":"o/","layouts":["{recording}/\u001b[31m{seq}"],"time_zone":"../../etc/passwd"}}`,
}

// base are the settings of somebody who would finish what a lease says.
func base() Config {
	s := mem.New(mem.Options{})
	return Config{Sources: []store.Store{s}, OutPath: "o/", Delete: DeleteLeftovers}.Defaults()
}

// FuzzLease: whatever stands there is refused or understood in full, and what is
// understood never leads to settings that delete or that cannot work.
func FuzzLease(f *testing.F) {
	for _, text := range leaseCases {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := decodeLease(raw)
		if err != nil {
			if l != nil || !errors.Is(err, errNoLease) {
				t.Fatalf("%v with %v", l, err)
			}
			return
		}
		if text := (&LeasedError{Recording: l.Recording, Lease: l}).Error(); strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("a control character is in %q", text)
		}
		again, err := l.encode()
		if err != nil {
			t.Fatal(err)
		}
		m, err := decodeLease(again)
		if err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		if twice, _ := m.encode(); !bytes.Equal(twice, again) {
			t.Errorf("written again it is\n%s\nand was\n%s", twice, again)
		}
		switch cfg, err := l.Settings.into(base()); {
		case err != nil && !errors.Is(err, ErrUsage):
			t.Errorf("settings: %v", err)
		case err == nil && (cfg.Delete != DeleteNone || cfg.Check() != nil || len(cfg.Sources) != 1):
			t.Errorf("settings %+v", cfg)
		}
	})
}

// TestLeaseSettings: whoever finishes has the settings of who began.
func TestLeaseSettings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := base()
		zone := rapid.SampledFrom([]string{"", "Europe/Berlin", "Asia/Kathmandu"}).Draw(t, "zone")
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"nonce", "livepeer", "mediamtx", "{recording}/{nonce}/{rendition}/{seq}.ts"}), 1, 3, rapid.ID).Draw(t, "layouts")
		if want.Layouts, err = ParseLayouts(names, loc); err != nil {
			t.Fatal(err)
		}
		want.TimeZone, want.Delete = zone, DeleteNone
		want.Formats = rapid.SampledFrom([]Formats{{HLS: true}, {MP4: true}, {HLS: true, MP4: true}}).Draw(t, "formats")
		glob := rapid.SliceOfN(rapid.StringMatching(`[a-z0-9*?]{1,5}`), 0, 3)
		want.Selection = Selection{Include: glob.Draw(t, "in"), Exclude: glob.Draw(t, "out")}
		for _, g := range rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z=*]{1,5}`), 0, 3, rapid.ID).Draw(t, "renames") {
			want.Renames = append(want.Renames, Rename{Glob: g, Name: "x" + strings.ReplaceAll(g, "=", "")})
		}
		want.Durations = rapid.SampledFrom([]Durations{DurationsAuto, DurationsTrust, DurationsProbe}).Draw(t, "durations")
		want.Split = rapid.SampledFrom([]Split{SplitNever, SplitMidnight}).Draw(t, "split")
		want.Gaps = rapid.SampledFrom([]Gaps{GapsClose, GapsKeep}).Draw(t, "gaps")
		want.SessionGap = time.Duration(rapid.Int64Range(0, 1<<50).Draw(t, "gap"))
		want.Settle = time.Duration(rapid.Int64Range(0, 1<<50).Draw(t, "settle"))
		want.Force = rapid.Bool().Draw(t, "force")

		l := &Lease{Format: leaseFormat, Version: leaseVersion, Recording: "foo", Token: strings.Repeat("0", 32), Settings: want.leaseSettings([]string{"a", "b"})}
		raw, err := l.encode()
		if err != nil {
			t.Fatal(err)
		}
		if l, err = decodeLease(raw); err != nil {
			t.Fatal(err)
		}
		other := base()
		other.Sources, other.Out = want.Sources, want.Out
		got, err := l.Settings.into(other)
		if err != nil {
			t.Fatal(err)
		}
		a, b := got.leaseSettings(nil), want.leaseSettings(nil)
		if fmt.Sprintf("%+v", a) != fmt.Sprintf("%+v", b) || got.Delete != DeleteNone {
			t.Errorf("settings:\n got  %+v\n want %+v", a, b)
		}
		if key := "cam/2026-03-01_12-00-00-000000.mp4"; zone != "" && len(names) == 1 && names[0] == "mediamtx" {
			x, _ := got.Layouts[0].Match(key)
			if y, _ := want.Layouts[0].Match(key); !reflect.DeepEqual(x, y) {
				t.Errorf("%s is %+v, and was %+v", key, x, y)
			}
		}
	})
}

// TestLeaseSettingsElsewhere: a lease of other stores is no reason to work in these.
func TestLeaseSettingsElsewhere(t *testing.T) {
	cfg := base()
	layouts, err := ParseLayouts([]string{"nonce"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Layouts, cfg.Formats = layouts, Formats{HLS: true}
	for what, change := range map[string]func(*LeaseSettings){
		"another store":    func(s *LeaseSettings) { s.Stores = []string{"s3://a/"} },
		"one store more":   func(s *LeaseSettings) { s.Stores = append(s.Stores, "s3://a/") },
		"another out":      func(s *LeaseSettings) { s.Out = "s3://a/" },
		"another folder":   func(s *LeaseSettings) { s.OutPath = "p/" },
		"no layout":        func(s *LeaseSettings) { s.Layouts = nil },
		"no zone":          func(s *LeaseSettings) { s.TimeZone = "Nowhere/Land" },
		"a negative time":  func(s *LeaseSettings) { s.SessionGap = -1 },
		"no format":        func(s *LeaseSettings) { s.Formats = "" },
		"a strange format": func(s *LeaseSettings) { s.Formats = "avi" },
	} {
		s := cfg.leaseSettings(nil)
		change(&s)
		if _, err := s.into(cfg); !errors.Is(err, ErrUsage) {
			t.Errorf("%s: %v", what, err)
		}
	}
	s := cfg.leaseSettings(nil)
	if _, err := s.into(cfg); err != nil {
		t.Errorf("the same: %v", err)
	}
}
