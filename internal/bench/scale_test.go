package main

import (
	"math"
	"testing"
	"time"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(b)) }

func TestClasses(t *testing.T) {
	var c classes
	for _, operation := range []string{
		"GetObject", "HeadObject", "PutObject", "CopyObject", "UploadPart", "UploadPartCopy", "CreateMultipartUpload", "CompleteMultipartUpload",
		"ListObjectsV2", "ListMultipartUploads", "DeleteObject", "DeleteObjects", "AbortMultipartUpload",
	} {
		c.add(operation, 1000)
	}
	if want := (classes{get: 2000, put: 6000, list: 2000, free: 3000}); c != want {
		t.Errorf("%+v, want %+v", c, want)
	}
	if got := c.dollars(); !near(got, 2*0.0004+8*0.005) {
		t.Errorf("$%v", got)
	}
	if got := c.all(); got != 13000 {
		t.Errorf("%v requests", got)
	}
}

// TestScale holds the arithmetic against numbers that were worked out by hand.
func TestScale(t *testing.T) {
	u := unit{mode: "mp4", segments: 1000, asked: classes{get: 1100, put: 200, list: 10, free: 4}, cpu: 3.6, read: 625e6, sent: 312.5e6}
	d := u.scale(1e6, 2) // 1,000 recordings
	if d.recordings != 1000 || d.asked.get != 1.1e6 || !near(d.cpuHours, 1) {
		t.Errorf("%+v", d)
	}
	shares := map[string]float64{
		"processors":                            3600. / 2 / 21600,
		"network":                               1000. / 21600, // 1 s each at 625 MB/s
		"reading, by the second, of one prefix": 1.11e6 / 5500 / 21600,
		"writing, by the second, of one prefix": 204e3 / 3500 / 21600,
		"waiting for answers":                   1.314e6 * 0.06 / 32 / 21600,
		"looking again":                         365000. / 7 * 0.06 / 32 / 21600,
		"listing names":                         365 * 0.06 / 21600, // one page after the other
	}
	for _, n := range d.needs {
		if !near(n.share, shares[n.what]) {
			t.Errorf("%s: %v, want %v", n.what, n.share, shares[n.what])
		}
		if remedies[n.what] == "" {
			t.Errorf("%s: nothing helps", n.what)
		}
	}
	if len(d.needs) != len(shares) || d.first().what != "waiting for answers" {
		t.Errorf("%+v", d.needs)
	}
	if d.machines() != 1 || d.alone().Round(time.Millisecond) != 2463750*time.Millisecond {
		t.Errorf("%v machines, %v alone", d.machines(), d.alone())
	}
	want := (1.1e6*0.0004+(200e3+10e3)*0.005)/1000 + (256*0.0004+(365+365000./7)*0.005)/1000
	if got := d.dollars(); !near(got, want) {
		t.Errorf("$%v, want $%v", got, want)
	}
	// Ten times as much: 6.8 h of a night of six.
	if d := u.scale(10e6, 2); d.machines() != 2 || d.names.list != 10*365 {
		t.Errorf("%v machines, %v pages of names", d.machines(), d.names.list)
	}
}

// TestLooks: a look at a recording is a listing, by pages of 1,000.
func TestLooks(t *testing.T) {
	for segments, want := range map[float64]float64{30: 1, 1000: 1, 1001: 2, 1800: 2} {
		if got := (unit{segments: segments}).scale(7*segments, 2).again.list; !near(got, 365*want) {
			t.Errorf("%v segments: %v looks, want %v", segments, got, 365*want)
		}
	}
}

func TestUnits(t *testing.T) {
	r := runs(modeMP4, time.Second)
	r.Runs[0].Asked, r.Runs[0].Read, r.Runs[0].Sent = requests{"segments GetObject": 5, "outputs GetObject": 2, "outputs PutObject": 3, "outputs ListObjectsV2": 1}, 10, 9
	f := &figures{Media: media{Segments: 5}, Sections: map[string][]result{"modes": {r}}}
	want := unit{mode: modeMP4, segments: 5, asked: classes{get: 7, put: 3, list: 1}, cpu: 0.5, read: 10, sent: 9}
	if got := f.units(); len(got) != 1 || got[0] != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestWords(t *testing.T) {
	for want, got := range map[string]string{
		"1,234,567": number(1234567), "999": number(999), "1,000": number(1000), "2.5": number(2.5), "12": number(12.4), "0": number(0),
		"$0.0123": money(0.0123), "$1.50": money(1.5), "$1,235": money(1234.7),
		"under 0.1 %": percent(0.0001), "1.5 %": percent(0.015), "250 %": percent(2.5), "12 ×": percent(12),
		"6 h": length(6 * time.Hour), "2.5 h": length(150 * time.Minute), "90 min": length(90 * time.Minute), "7 s": length(7 * time.Second), "3.0 days": length(72 * time.Hour),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
