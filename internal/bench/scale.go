package main

import (
	"math"
	"slices"
	"time"
)

// What is assumed besides what was measured. A reader has other ones.
const (
	night       = 6 * time.Hour         // in which a nightly run shall end
	lineRate    = 5e9 / 8               // bytes a second that a machine reads and, at the same time, writes: 5 Gbit/s
	answer      = 60 * time.Millisecond // until a store answers a small request
	together    = 32                    // requests under way on one machine, as by default
	keptDays    = 365                   // days of which the recordings are there
	recheckDays = 7                     // --recheck

	mostGets = 5500 // GET, HEAD and LIST a second that S3 promises for a prefix
	mostPuts = 3500 // PUT, COPY, POST and DELETE likewise

	dollarsGet = 0.0004 / 1000 // GET, HEAD
	dollarsPut = 0.005 / 1000  // PUT, COPY, POST, LIST; DELETE is free
)

// classes of requests, as they are paid.
type classes struct{ get, put, list, free float64 }

// add counts requests of an operation, in the class that S3 prices it in.
func (c *classes) add(operation string, n float64) {
	switch operation {
	case "GetObject", "HeadObject", "HeadBucket":
		c.get += n
	case "ListObjects", "ListObjectsV2", "ListMultipartUploads", "ListParts":
		c.list += n
	case "DeleteObject", "DeleteObjects", "AbortMultipartUpload":
		c.free += n
	default: // PutObject, CopyObject, UploadPart, UploadPartCopy, Create…, Complete…
		c.put += n
	}
}

func (c classes) times(n float64) classes {
	return classes{c.get * n, c.put * n, c.list * n, c.free * n}
}

func (c classes) plus(d classes) classes {
	return classes{c.get + d.get, c.put + d.put, c.list + d.list, c.free + d.free}
}

func (c classes) all() float64 { return c.get + c.put + c.list + c.free }

func (c classes) dollars() float64 { return c.get*dollarsGet + (c.put+c.list)*dollarsPut }

// unit is what one recording takes in one mode, as it was measured.
type unit struct {
	mode       string
	segments   float64
	asked      classes
	cpu        float64 // seconds of one core
	read, sent float64 // bytes
}

// units are those of all modes that were measured.
func (f *figures) units() []unit {
	var all []unit
	for _, m := range modes {
		r := f.of("modes", m.name)
		if r == nil || f.Media.Segments == 0 {
			continue
		}
		u := unit{
			mode: m.name, segments: float64(f.Media.Segments), cpu: time.Duration(r.over(cpu).median).Seconds(),
			read: float64(r.over(read).median), sent: float64(r.over(sent).median),
		}
		for _, kind := range r.kinds() {
			u.asked.add(operation(kind), float64(r.over(asked(kind)).median))
		}
		all = append(all, u)
	}
	return all
}

// need is a limit and how much of it a day takes: 1 is all that one machine, or one
// prefix, gives within the night.
type need struct {
	what   string
	share  float64
	shared bool // more machines have more of it
}

// day is what a day of so many segments takes in one mode.
type day struct {
	segments, recordings float64
	asked                classes // for the recordings of the day
	names                classes // for each machine to find its work among what is kept
	again                classes // for all machines together to look at old ones again
	cpuHours             float64
	needs                []need // the largest first
}

// scale multiplies what was measured to a day of so many segments.
func (u unit) scale(segments float64, cores int) day {
	n := segments / u.segments
	d := day{segments: segments, recordings: n, asked: u.asked.times(n), cpuHours: n * u.cpu / 3600}
	kept := n * keptDays
	d.names = classes{get: statePages, list: math.Ceil(kept / 1000)}
	d.again = classes{list: kept / recheckDays * math.Ceil(u.segments/1000)}
	w := night.Seconds()
	d.needs = []need{
		{"processors", n * u.cpu / float64(max(cores, 1)) / w, true},
		{"network", n * max(u.read, u.sent) / lineRate / w, true},
		{"reading, by the second, of one prefix", (d.asked.get + d.asked.list) / mostGets / w, false},
		{"writing, by the second, of one prefix", (d.asked.put + d.asked.free) / mostPuts / w, false},
		{"waiting for answers", d.asked.all() * answer.Seconds() / together / w, true},
		{"looking again", d.again.list * answer.Seconds() / together / w, true},
		{"listing names", d.names.list * answer.Seconds() / w, false},
	}
	slices.SortStableFunc(d.needs, func(a, b need) int {
		switch {
		case a.share > b.share:
			return -1
		case a.share < b.share:
			return 1
		}
		return 0
	})
	return d
}

// statePages is how many pages the state of what is finished has.
const statePages = 256

// first is the limit that comes first.
func (d day) first() need { return d.needs[0] }

// busiest is the largest need that more machines have more of.
func (d day) busiest() float64 {
	most := 0.0
	for _, n := range d.needs {
		if n.shared {
			most = max(most, n.share)
		}
	}
	return most
}

// machines is how many machines end within the night. Each takes one shard.
func (d day) machines() float64 { return max(1, math.Ceil(d.busiest())) }

// alone is how long one machine takes.
func (d day) alone() time.Duration { return time.Duration(d.busiest() * float64(night)) }

// dollars is what the requests of a day cost: of the recordings of the day, of a look
// at some of the old ones again, and of each machine to find its work.
func (d day) dollars() float64 {
	return d.asked.plus(d.again).plus(d.names.times(d.machines())).dollars()
}
