package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// lab is what all sections share. Everything it makes is below one folder.
type lab struct {
	dir     string // temporary; goes in the end
	self    string // this program
	recfin  string
	rounds  int
	seconds int  // of the recording that all contenders work on
	hours   int  // of the long ones
	quick   bool // tiny inputs: it shows that everything works, and measures nothing

	thin    string   // what the recording of low bit rate was
	hour    *stream  // as files; nil: not made yet
	gateway *gateway // nil: not running
}

// newLab makes the folder.
func newLab(parent, recfin string) (*lab, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if recfin, err = filepath.Abs(recfin); err != nil {
		return nil, err
	}
	if parent, err = filepath.Abs(parent); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(parent, "bench-")
	return &lab{dir: dir, self: self, recfin: recfin}, err
}

// close ends the server and removes the folder.
func (l *lab) close() error { return errors.Join(l.stopGateway(), os.RemoveAll(l.dir)) }

// source gives the recording as files, and makes it at the first call.
func (l *lab) source(ctx context.Context) (*stream, error) {
	if l.hour != nil {
		return l.hour, nil
	}
	q := l.quality()
	fmt.Fprintf(os.Stderr, "Making %d s of %s at %sbit/s, in segments of %d s …\n", l.seconds, q.size, q.bits, segmentSeconds)
	s, err := makeStream(ctx, filepath.Join(l.dir, "hour"), l.seconds, q)
	l.hour = s
	return s, err
}

// quality is that of the recording.
func (l *lab) quality() quality {
	if l.quick {
		return sketch
	}
	return broadcast
}

// fillGateway starts the server, if it does not run, and uploads the recording.
func (l *lab) fillGateway(ctx context.Context) (*stream, error) {
	s, err := l.source(ctx)
	if err != nil || l.gateway != nil {
		return s, err
	}
	if l.gateway, err = startGateway(ctx, filepath.Join(l.dir, "gateway")); err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "Uploading %d segments, %d MB …\n", len(s.segments), s.bytes/1e6)
	_, _, err = measure(ctx, &step{args: []string{l.self, "fill", l.gateway.url(sources), s.dir}})
	return s, l.plain(err)
}

// stopGateway ends the server and removes its buckets, if it runs.
func (l *lab) stopGateway() error {
	if l.gateway == nil {
		return nil
	}
	err := l.gateway.stop()
	l.gateway = nil
	return errors.Join(err, os.RemoveAll(filepath.Join(l.dir, "gateway")))
}

// outURL is the URL of what a contender writes in its room.
func (l *lab) outURL(r *room) string {
	return strings.Replace(l.gateway.url(r.bucket), "/"+r.bucket, "/"+r.bucket+"/recordings", 1)
}

// insideURL is the URL of a folder beside the segments, of the name of the room.
func (l *lab) insideURL(r *room) string {
	return strings.Replace(l.gateway.url(sources), "/"+sources, "/"+sources+"/"+r.bucket, 1)
}

// words stand for what differs from machine to machine and from run to run.
func (l *lab) words(r *room) *strings.Replacer {
	var pairs []string
	put := func(from, to string) {
		if from != "" {
			pairs = append(pairs, from, to)
		}
	}
	if l.gateway != nil {
		put(l.gateway.url(sources), "STORE")
		if r != nil {
			put(l.outURL(r), "OUT")
			put(l.insideURL(r), "OUT")
			put(l.gateway.url(r.bucket), "OUT")
			put("gw:"+r.bucket, "gw:out")
		}
		put(l.gateway.server.Endpoint, "ENDPOINT")
		put(l.gateway.server.SecretKey, "SECRET")
	}
	if r != nil {
		put(r.dir, "NEW")
	}
	put(filepath.Join(l.dir, "hour"), "FOLDER")
	put(filepath.Join(l.dir, "long"), "LONG")
	put(l.dir, "DIR")
	put(l.recfin, "recfin")
	put(l.self, "bench")
	return strings.NewReplacer(pairs...)
}

// loopback are the addresses of servers on this machine, of proxies too.
var loopback = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// plainText is a text without credentials and without the names of this machine.
func (l *lab) plainText(text string, r *room) string {
	if l.gateway != nil {
		_, host, _ := strings.Cut(l.gateway.server.Endpoint, "://")
		text = loopback.ReplaceAllString(text, host)
	}
	return l.words(r).Replace(text)
}

// shown is a command as a reader would type it.
func (l *lab) shown(s *step, r *room) string {
	if s.shown != "" {
		return s.shown
	}
	text := l.plainText(strings.Join(s.args, " "), r)
	if s.pipe != "" {
		text += " > " + l.plainText(s.pipe, r)
	}
	return text
}

// plain is an error without credentials and without the names of this machine.
func (l *lab) plain(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(l.plainText(err.Error(), nil))
}
