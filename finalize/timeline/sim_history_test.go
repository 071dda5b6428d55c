package timeline_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"recfin/finalize/timeline"
)

// simHistory is what happened, small enough to be printed: streams, who pushed
// which stretch of them, and what went wrong.
type simHistory struct {
	Kind    string
	Seed    uint64
	Gap     time.Duration
	Source  string // rendition of the broadcaster's own pictures, "" for none
	Streams []*simStream
	Pushes  []simPush
	Mishaps []simMishap
	// Copied: the bucket was copied later: upload times are those of the copy, in
	// the order of the listing.
	Copied bool
	// Coarse: upload times are whole seconds, as those of S3.
	Coarse   bool
	Midnight bool
}

// simPush is one writer's work on one stretch of a stream.
type simPush struct {
	ID, Stream    int
	Node          string
	Rends         []string
	Each, Phase   int           // GOPs in a segment; GOPs before ordinal 0
	From, To      int           // ordinals of segments
	Number        int64         // of ordinal 0
	Shift         time.Duration // of its media clock against the stream's
	Delay, Jitter time.Duration // of its uploads
	Skew          time.Duration // of the clock that dates them
	Dead          [2]int        // ordinals whose uploads waited for the end of an outage
	Trickle       time.Duration // between those uploads
	Params        string        // of its container
	Sidecar       bool          // a playlist gives the length of each
	Dated         bool          // a playlist or key gives the wall start of each
	Nameless      bool          // no number in the key
	Declares      time.Duration // metadata says this; 0: none
}

// simMishap is something that happened to the objects of one push.
type simMishap struct {
	What     string
	Push     int // ID
	From, To int // ordinals
	Rend     string
	By       time.Duration
	Node     string
}

// simObject is one listed object and what it shows.
type simObject struct {
	timeline.Flat
	push     *simPush
	stream   *simStream
	number   int // of the stream
	ordinal  int
	from, to int  // pictures
	lost     int  // pictures that were cut off its end
	bad      bool // can never be chosen
	take     uint64
	index    int // in the listing
	lie      time.Duration
}

func (p *simPush) span(s *simStream, ordinal int) (from, to int) {
	return s.gop(p.Phase + ordinal*p.Each), s.gop(p.Phase + (ordinal+1)*p.Each)
}

// media is what reading o to a level shows.
func (o *simObject) media(l timeline.Level) timeline.Media {
	m := timeline.Media{Declared: o.Media.Declared}
	if l == timeline.Unread {
		return m
	}
	if o.Media.Fault != timeline.Healthy {
		m.Fault = o.Media.Fault
		return m
	}
	s, p := o.stream, o.push
	start := (s.Clock + p.Shift + time.Duration(o.from)*s.Frame) % simWrap
	length := time.Duration(o.to-o.from) * s.Frame
	lag := s.Frame / 3
	m.Level, m.Timed, m.Start, m.Wrap, m.Access = l, true, start, simWrap, true
	m.Params = "ts" + p.Params
	m.Tracks = []timeline.TrackTime{
		{ID: 256, Video: true, Params: "avc" + o.Rendition, First: start},
		{ID: 257, Params: "aac", First: start - lag},
	}
	if l == timeline.ReadWhole {
		m.Duration = length
		for i := range m.Tracks {
			m.Tracks[i].Last = m.Tracks[i].First + length - s.Frame
			m.Tracks[i].Delta = s.Frame
		}
		m.Content.Tracks = [][]timeline.Digest{s.digests(o.from, o.to, o.take), s.digests(o.from, o.to, o.take+1)}
	}
	return m
}

func (h *simHistory) make(p *simPush, ordinal int, rend string) *simObject {
	s := h.Streams[p.Stream]
	o := &simObject{push: p, stream: s, number: p.Stream, ordinal: ordinal}
	o.from, o.to = p.span(s, ordinal)
	if rend != h.Source {
		o.take = simHash(simText(p.Node), simText(rend)) &^ 1
	}
	o.Store, o.Nonce, o.Rendition, o.Seq = "mem", p.Node, rend, p.Number+int64(ordinal)
	up := s.end(o.to) + p.Delay
	if p.Dead[0] <= ordinal && ordinal < p.Dead[1] {
		_, last := p.span(s, p.Dead[1]-1)
		up = s.end(last) + p.Delay + time.Duration(ordinal-p.Dead[0])*p.Trickle
	} else if p.Jitter > 0 {
		up += time.Duration(simHash(h.Seed, uint64(p.ID), simText(rend), uint64(ordinal)) % uint64(p.Jitter))
	}
	o.Uploaded = simDay.Add(up + p.Skew)
	length := time.Duration(o.to-o.from) * s.Frame
	o.Media.Declared = p.Declares
	if p.Sidecar {
		o.Length, o.LengthSource = length.Round(time.Millisecond), timeline.FromSidecar
	}
	if p.Dated {
		o.Begins = simDay.Add(s.begin(o.from) + p.Skew)
	}
	o.Key = fmt.Sprintf("rec/%s/%s/%d.ts", p.Node, rend, o.Seq)
	if p.Nameless {
		o.Unnumbered, o.Seq = true, 0
		if p.Dated {
			o.Length, o.LengthSource = length, timeline.FromKey
			o.Key = fmt.Sprintf("rec/%s/%s/%s-%s-full.ts", p.Node, rend, o.Begins.Format("2006-01-02T15:04:05.000"), length)
		}
	}
	o.dress()
	return o
}

// dress sets what follows from the bytes.
func (o *simObject) dress() {
	o.Size = int64(o.to-o.from) * (1200 + int64(len(o.Rendition))*100)
	o.ETag = fmt.Sprintf("%032x", simHash(o.stream.Seed, uint64(o.from), uint64(o.to), o.take, uint64(o.push.Shift)))
}

// suffer applies the mishaps to o and returns what is in the bucket after them.
func (h *simHistory) suffer(o *simObject) []*simObject {
	out := []*simObject{o}
	for _, m := range h.Mishaps {
		if m.Push != o.push.ID || o.ordinal < m.From || o.ordinal >= m.To || m.Rend != "" && m.Rend != o.Rendition {
			continue
		}
		switch m.What {
		case "lost":
			out[0] = nil
		case "late":
			o.Uploaded = o.Uploaded.Add(m.By)
		case "cut": // its writer crashed
			n := (o.to - o.from) / 2
			o.to, o.lost = o.to-n, o.lost+n
			o.dress()
		case "empty":
			o.Size, o.bad = 0, true
		case "gone":
			o.Media.Fault, o.bad = timeline.Gone, true
		case "unreadable":
			o.Media.Fault, o.bad = timeline.Unreadable, true
		case "lie": // the sidecar's length
			o.Length += m.By
			o.lie = m.By.Abs()
		case "hidden":
			o.Tombstoned, o.bad = true, true
		case "excluded":
			o.Excluded, o.bad = true, true
		case "temp":
			o.Quality, o.bad = timeline.Temp, true
		case "suspect":
			if !o.bad {
				o.Quality = timeline.Suspect
			}
		case "partial":
			if o.bad {
				break
			}
			n := (o.to - o.from) / 2
			o.to, o.lost, o.Quality = o.to-n, o.lost+n, timeline.PartialSeg
			o.Length = time.Duration(o.to-o.from) * o.stream.Frame
			o.Key = strings.Replace(o.Key, "-full", "-partial", 1)
			o.dress()
		case "copy", "retake", "mirror":
			c := *o
			switch {
			case m.What == "mirror":
				c.Store = "other"
			case m.What == "retake" && o.Rendition != h.Source:
				c.take = simHash(simText(m.Node), simText(o.Rendition)) &^ 1
				c.dress()
				fallthrough
			default:
				c.Nonce = m.Node
				c.Key = strings.Replace(c.Key, "rec/"+o.push.Node+"/", "rec/"+m.Node+"/", 1)
			}
			c.Uploaded = c.Uploaded.Add(m.By)
			out = append(out, &c)
		}
	}
	if out[0] == nil {
		out = out[1:]
	}
	return out
}

// list is the listing, in key order: of two objects of one key the later upload
// is there.
func (h *simHistory) list() []*simObject {
	at := map[string]*simObject{}
	for i := range h.Pushes {
		p := &h.Pushes[i]
		for n := p.From; n < p.To; n++ {
			for _, rend := range p.Rends {
				for _, o := range h.suffer(h.make(p, n, rend)) {
					k := o.Store + " " + o.Key
					if old := at[k]; old == nil || !o.Uploaded.Before(old.Uploaded) {
						at[k] = o
					}
				}
			}
		}
	}
	out := make([]*simObject, 0, len(at))
	for _, o := range at {
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b *simObject) int {
		return cmp.Or(cmp.Compare(a.Store, b.Store), cmp.Compare(a.Key, b.Key))
	})
	for i, o := range out {
		o.index = i
		if h.Copied {
			o.Uploaded = simDay.AddDate(0, 1, 0).Add(time.Duration(i) * time.Hour / time.Duration(len(out)+1))
		}
		if h.Coarse {
			o.Uploaded = o.Uploaded.Truncate(time.Second)
		}
	}
	return out
}

func (h *simHistory) options() timeline.Options {
	return timeline.Options{SessionGap: h.Gap, Source: h.Source, Midnight: h.Midnight, Home: "mem"}
}
