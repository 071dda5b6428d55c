package probe

import (
	"bytes"
	"unicode/utf8"
)

// Container is the container format of a segment.
type Container uint8

// Containers.
const (
	Unknown Container = iota
	MPEGTS
	MP4 // ISO base media file, fragmented or not
)

// String is the name in reports: "mpegts", "mp4", "unknown".
func (c Container) String() string {
	switch c {
	case MPEGTS:
		return "mpegts"
	case MP4:
		return "mp4"
	}
	return "unknown"
}

// magics are the beginnings of files that are met among segments.
var magics = []struct{ prefix, word string }{
	{"#EXTM3U", "playlist"},
	{"\xff\xd8\xff", "JPEG"},
	{"\x89PNG\r\n\x1a\n", "PNG"},
	{"GIF8", "GIF"},
	{"\x1f\x8b", "gzip"},
	{"PK\x03\x04", "zip"},
	{"ID3", "raw audio"},
	{"\x1aE\xdf\xa3", "Matroska"},
	{"FLV\x01", "FLV"},
	{"OggS", "Ogg"},
	{"RIFF", "RIFF"},
	{"\x00\x00\x01\xba", "MPEG program stream"},
	{"<?xml", "XML"},
	{"<!DOCTYPE", "HTML"},
	{"<html", "HTML"},
	{"WEBVTT", "WebVTT"},
	{"%PDF", "PDF"},
}

const (
	tsPacket = 188
	tsSync   = 0x47
	// sniffLead is how far into a file the first packet is looked for.
	sniffLead = 16 << 10
)

// Sniff tells the container from the first bytes of an object (4 KiB are
// plenty). What is Unknown is described by a word: "text", "JPEG", "m2ts".
func Sniff(head []byte) (Container, string) {
	if len(head) == 0 {
		return Unknown, "empty"
	}
	if stride(head, tsPacket, 0) {
		return MPEGTS, ""
	}
	if isBox(head) {
		return MP4, ""
	}
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.prefix)) {
			return Unknown, m.word
		}
	}
	if isText(head) {
		return Unknown, "text"
	}
	for at := 1; at < len(head) && at <= sniffLead; at++ {
		if head[at] == tsSync && len(head)-at > 2*tsPacket && stride(head, tsPacket, at) {
			return MPEGTS, ""
		}
	}
	switch {
	case stride(head, 192, 4):
		return Unknown, "m2ts"
	case stride(head, 204, 0):
		return Unknown, "transport stream with 204-byte packets"
	case len(head) > 1 && head[0] == 0xff && head[1]&0xf6 == 0xf0:
		return Unknown, "raw audio"
	case bytes.HasPrefix(head, []byte{0, 0, 1}), bytes.HasPrefix(head, []byte{0, 0, 0, 1}):
		return Unknown, "raw video"
	case len(bytes.TrimLeft(head, "\x00")) == 0:
		return Unknown, "zeros"
	}
	return Unknown, "unknown data"
}

// stride reports whether packets of the given size begin at the given offset:
// sync bytes in step, as many as four and as far as head goes.
func stride(head []byte, size, at int) bool {
	if at >= len(head) || len(head)-at < tsPacket {
		return false
	}
	for i := 0; i < 4 && at < len(head); i++ {
		if head[at] != tsSync {
			return false
		}
		at += size
	}
	return true
}

// isBox reports whether an ISO base media file begins here: a box of a type
// that stands first in files and segments.
func isBox(head []byte) bool {
	if len(head) < 8 {
		return false
	}
	switch string(head[4:8]) {
	case "ftyp", "styp", "moov", "moof", "sidx", "prft", "emsg", "mdat", "free", "skip", "wide":
		return head[0] < 0x40
	}
	return false
}

// isText reports whether all of head is printable UTF-8.
func isText(head []byte) bool {
	for len(head) > 0 {
		r, n := utf8.DecodeRune(head)
		if r == utf8.RuneError && n == 1 && len(head) >= utf8.UTFMax || r < ' ' && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
		head = head[n:]
	}
	return true
}
