package main

import (
	"bytes"
	"os"
	"strings"
)

// accessLog counts the requests that versitygw writes into its access log, which
// has the form of the server access logs of Amazon S3: a line for each request.
type accessLog struct {
	file string
	read int64 // bytes that were read so far
	seen requests
}

// count reads what was written since and gives the requests so far, by operation
// and by what they are about ("segments GetObject").
func (a *accessLog) count() (requests, error) {
	f, err := os.Open(a.file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return nil, err
	}
	text := make([]byte, fi.Size()-a.read)
	n, err := f.ReadAt(text, a.read)
	if n < len(text) {
		return nil, err
	}
	a.read += int64(n)
	// A line begins with its end of line and is written at once: none is cut here.
	for line := range bytes.Lines(text) {
		if where, operation, ok := parseAccess(string(line)); ok {
			a.seen[where+" "+operation]++
		}
	}
	return a.seen.since(nil), nil
}

// parseAccess gives what a line of an access log is about (segments, outputs, or what
// recfin keeps for itself), and the operation: owner, bucket, [time zone], address, requester, id, operation,
// key, target …
func parseAccess(line string) (where, operation string, ok bool) {
	head, rest, found := strings.Cut(line, " [")
	if !found {
		return "", "", false
	}
	_, rest, found = strings.Cut(rest, "] ")
	before, after := strings.Fields(head), strings.Fields(rest)
	if !found || len(before) < 2 || len(after) < 6 {
		return "", "", false
	}
	where, key, target := outs, after[4], after[5]
	listed := strings.Contains(target, "prefix="+recording+"%2F") || strings.Contains(target, "prefix=&") || strings.HasSuffix(target, "prefix=")
	if before[1] == sources && (strings.HasPrefix(key, recording+"/") || key == "-" && listed) {
		where = sources
	}
	if strings.Contains("/"+key, "/.recfin/") || strings.Contains(target, "prefix=") && strings.Contains(target, ".recfin") {
		where = private
	}
	operation, ok = strings.CutPrefix(after[3], "s3_")
	return where, operation, ok
}

// since gives what came after, without what there was none of. The result is new.
func (r requests) since(before requests) requests {
	more := requests{}
	for kind, n := range r {
		if d := n - before[kind]; d != 0 {
			more[kind] = d
		}
	}
	return more
}
