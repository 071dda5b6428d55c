package serve

import (
	"time"

	"recfin/finalize"
)

// Options say what is served, and to whom. The zero value of each but Config is that
// of the command line.
type Options struct {
	Config     finalize.Config // stores, layouts and what else a plan needs
	Recordings []string        // only these; empty: all that are found
	Generated  string          // ends each page, such as "recfin 1.0"; may be empty

	// Hosts are names, with or without a port, by which the server may be asked, besides
	// localhost and any address. "*" is any name.
	Hosts []string
	// Origins are pages of others (https://player.example) whose scripts may load
	// playlists and media, besides those of this machine. "*" is any.
	Origins []string

	// Trouble is told what went wrong on this side, with the path that was asked for;
	// called from several goroutines. May be nil.
	Trouble func(path string, err error)

	Refresh time.Duration // plans and lists older than this are made anew when they are looked at; 0: 30 s
	Cache   int64         // bytes of plans that are held, about; 0: 64 MiB. The last one is held in any case
	Plans   int           // made at once; 0: 2
	Reads   int           // bodies of objects under way at once; 0: 32
	Idle    time.Duration // a body of which nothing moves for so long is given up; 0: 1 min
}

func (o Options) defaults() Options {
	o.Config = o.Config.Defaults()
	if o.Refresh == 0 {
		o.Refresh = 30 * time.Second
	}
	if o.Cache == 0 {
		o.Cache = 64 << 20
	}
	if o.Plans == 0 {
		o.Plans = 2
	}
	if o.Reads == 0 {
		o.Reads = 32
	}
	if o.Idle == 0 {
		o.Idle = time.Minute
	}
	return o
}
