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
// and by whether they are about segments or about outputs ("segments GetObject").
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
		if bucket, operation, ok := parseAccess(string(line)); ok {
			if bucket != sources {
				bucket = outs // they have another name in each run
			}
			a.seen[bucket+" "+operation]++
		}
	}
	return a.seen.since(nil), nil
}

// parseAccess gives the bucket and the operation of a line of an access log:
// owner, bucket, [time zone], address, requester, id, operation, key …
func parseAccess(line string) (bucket, operation string, ok bool) {
	head, rest, found := strings.Cut(line, " [")
	if !found {
		return "", "", false
	}
	_, rest, found = strings.Cut(rest, "] ")
	before, after := strings.Fields(head), strings.Fields(rest)
	if !found || len(before) < 2 || len(after) < 4 {
		return "", "", false
	}
	operation, ok = strings.CutPrefix(after[3], "s3_")
	return before[1], operation, ok
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
