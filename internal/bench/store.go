package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
)

// Contenders store to store.
const (
	nameStore       = "recfin finalize --format mp4"
	nameTuned       = "rclone, ffmpeg, rclone; tuned"
	nameTunedConcat = "rclone, ffmpeg -f concat, rclone; tuned"
	nameUntuned     = "rclone, ffmpeg -f concat, rclone; no flags"
	nameDownload    = "download to nowhere"
	nameUpload      = "upload of as many bytes"
)

// runStore compares from an S3 server to the same S3 server.
func runStore(ctx context.Context, l *lab) ([]result, error) {
	s, err := l.fillGateway(ctx)
	if err != nil {
		return nil, err
	}
	flags := []string{"--transfers", "16", "--expect-continue-timeout", "0"}
	large := append(slices.Clip(flags), "--s3-chunk-size", "16M", "--s3-upload-concurrency", "4", "--s3-disable-checksum")
	one := func(args ...string) func(*room) ([]step, error) {
		return func(*room) ([]step, error) { return []step{{args: args}}, nil }
	}
	return l.compete(ctx, []contender{
		l.finalizeStore(nameStore, l.gateway.url(sources), l.outURL, "--format", "mp4"),
		l.pipeline(nameTuned, s, pipeline{copying: flags, returning: large}),
		l.pipeline(nameTunedConcat, s, pipeline{copying: flags, returning: large, concat: true}),
		l.pipeline(nameUntuned, s, pipeline{concat: true}),
		{name: nameDownload, steps: one(l.self, "download", l.gateway.url(sources))},
		{name: nameUpload, steps: func(r *room) ([]step, error) {
			return []step{{args: []string{l.self, "upload", l.outURL(r), fmt.Sprint(s.bytes)}}}, nil
		}},
	}, l.rounds)
}

// finalizeStore is recfin from a store into a store. The segments are a few seconds
// old and look as if they were live: --force says that they are all.
func (l *lab) finalizeStore(name, from string, to func(*room) string, flags ...string) contender {
	return contender{name: name, tally: tallyRead, steps: func(r *room) ([]step, error) {
		return []step{{
			args: slices.Concat([]string{l.recfin, "finalize", "--json", "--log-format", "json", "--force"}, flags, []string{"--store", from, "--out", to(r), recording}),
			env:  []string{"TMPDIR=" + r.dir},
		}}, nil
	}}
}

// pipeline says how the three commands are called.
type pipeline struct {
	copying, returning []string // flags of rclone copy, of rclone copyto
	concat             bool     // slow, and run once: ffmpeg reads a list of files; otherwise a playlist, which is quicker
}

// pipeline is what people use today: all segments onto a disk, one file of them
// beside, and that one back.
func (l *lab) pipeline(name string, s *stream, p pipeline) contender {
	return contender{name: name, once: p.concat, steps: func(r *room) ([]step, error) {
		folder, out := filepath.Join(r.dir, "segments"), filepath.Join(r.dir, "out.mp4")
		here := &stream{playlist: filepath.Join(r.dir, "index.m3u8"), list: filepath.Join(r.dir, "list.txt")}
		for _, file := range s.segments {
			here.segments = append(here.segments, filepath.Join(folder, filepath.Base(file)))
		}
		if err := here.writeLists(); err != nil {
			return nil, err
		}
		input := []string{"-i", here.playlist}
		if p.concat {
			input = []string{"-f", "concat", "-safe", "0", "-i", here.list}
		}
		env := l.gateway.rclone()
		return []step{
			{args: slices.Concat([]string{"rclone", "copy"}, p.copying, []string{"gw:" + sources + "/" + recording + "/A/1080p", folder}), env: env},
			{args: slices.Concat([]string{"ffmpeg", "-v", "error", "-nostdin"}, input, []string{"-c", "copy", "-movflags", "+faststart", out})},
			{args: slices.Concat([]string{"rclone", "copyto"}, p.returning, []string{out, "gw:" + r.bucket + "/" + recording + ".mp4"}), env: env},
		}, nil
	}}
}

// tallyRead takes the bytes that recfin has read and written from what it says itself:
// all of them from its report, those that prove what was written from its log.
func tallyRead(said spoken, c *cost) error {
	var report struct {
		Cost struct {
			BytesRead    int64 `json:"bytes_read"`
			BytesWritten int64 `json:"bytes_written"`
		} `json:"cost"`
	}
	if err := json.Unmarshal(said.out, &report); err != nil {
		return fmt.Errorf("what recfin said: %w", err)
	}
	c.Read, c.Sent = report.Cost.BytesRead, report.Cost.BytesWritten
	for line := range bytes.Lines(said.log) {
		var entry struct {
			Msg, Stage string
			BytesRead  int64 `json:"bytes_read"`
		}
		if json.Unmarshal(line, &entry) == nil && entry.Msg == "stage" && (entry.Stage == "verify" || entry.Stage == "commit") {
			c.Back += entry.BytesRead
		}
	}
	return nil
}
