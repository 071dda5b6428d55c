package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
)

// The long recording: two days at a bit rate that any disk has room for. It has as
// many segments, pictures and frames of sound as two days of a broadcast, and a
// clock that wraps; what it has less of are bytes. So it shows what grows with the
// number of segments and samples, and nothing of what grows with bytes.
const (
	nameThin         = "recfin finalize --format mp4, 1 h"
	nameThinCat      = "cat, 1 h"
	nameThinFFmpeg   = "ffmpeg -i index.m3u8, 1 h"
	nameThinLong     = "recfin finalize --format mp4, 48 h"
	nameThinLongCat  = "cat, 48 h"
	nameThinLongPeer = "ffmpeg -i index.m3u8, 48 h"

	thinHours = 48
)

// runLong compares 48 hours with one.
func runLong(ctx context.Context, l *lab) ([]result, error) {
	if err := l.stopGateway(); err != nil {
		return nil, err
	}
	q := thin
	if l.quick {
		q = sketch
	}
	long, err := makeStream(ctx, filepath.Join(l.dir, "long"), thinHours*l.seconds, q)
	if err != nil {
		return nil, err
	}
	defer long.remove()
	short, err := long.first(filepath.Join(l.dir, "short"), len(long.segments)/thinHours)
	if err != nil {
		return nil, err
	}
	defer short.remove()
	l.thin = fmt.Sprintf("%d segments, %d MB", len(long.segments), long.bytes/1e6)
	few := []contender{
		l.finalizeFolder(nameThin, short, "--format", "mp4"),
		l.cat(nameThinCat, short),
		l.ffmpegLocal(nameThinFFmpeg, "-i", short.playlist),
	}
	many := []contender{
		l.finalizeFolder(nameThinLong, long, "--format", "mp4"),
		l.cat(nameThinLongCat, long),
		l.ffmpegLocal(nameThinLongPeer, "-i", long.playlist),
	}
	results, err := l.compete(ctx, few, l.rounds)
	if err != nil {
		return nil, err
	}
	more, err := l.compete(ctx, many, 1)
	return slices.Concat(results, more), err
}

// judgeLong: point 3, at 48 hours.
func judgeLong(f *figures) []verdict {
	const section = "long"
	all := f.share(section, nameThinLong, nameThin, thinHours, "48 hours to one at a low bit rate")
	for _, c := range []struct{ us, them, hours string }{{nameThin, nameThinFFmpeg, "1 h"}, {nameThinLong, nameThinLongPeer, "48 h"}} {
		all = slices.Concat(all,
			f.against(section, c.us, c.them, "wall time, to ffmpeg -i index.m3u8, low bit rate, "+c.hours, wall, 0.4),
			f.against(section, c.us, c.them, "user time, to that", user, 0.5))
	}
	if us := f.of(section, nameThinLong); us != nil {
		all = append(all, verdict{what: "peak memory at 48 h", got: float64(us.over(peak).median) / (1 << 20), most: 256, format: asMiB})
	}
	for i := range all {
		all[i].point = 3
	}
	return all
}
