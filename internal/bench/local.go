package main

import (
	"context"
	"path/filepath"
	"slices"
)

// Contenders from a folder to a folder.
const (
	nameLocal    = "recfin finalize --format mp4"
	nameSingle   = "recfin finalize --format hls --hls single"
	nameCat      = "cat SEGMENTS > FILE"
	namePlaylist = "ffmpeg -i index.m3u8 -c copy -movflags +faststart"
	nameConcat   = "ffmpeg -f concat -c copy -movflags +faststart"
	nameRclone   = "rclone cat FOLDER > FILE (in the order of names)"
	nameHours    = "recfin finalize --format mp4, all hours"
)

// runLocal compares from a folder to the same disk. All read from the page cache.
func runLocal(ctx context.Context, l *lab) ([]result, error) {
	if err := l.stopGateway(); err != nil { // its memory and its disk are needed
		return nil, err
	}
	s, err := l.source(ctx)
	if err != nil {
		return nil, err
	}
	all := []contender{
		l.finalizeFolder(nameLocal, s, "--format", "mp4"),
		l.finalizeFolder(nameSingle, s, "--format", "hls", "--hls", "single"),
		l.cat(nameCat, s),
		l.ffmpegLocal(namePlaylist, "-i", s.playlist),
		l.ffmpegList(nameConcat, s),
		{name: nameRclone, synced: true, steps: func(r *room) ([]step, error) {
			return []step{{args: []string{"rclone", "cat", filepath.Dir(s.segments[0])}, pipe: filepath.Join(r.dir, "out.ts")}}, nil
		}},
	}
	results, err := l.compete(ctx, all, l.rounds)
	if err != nil || l.hours < 2 {
		return results, err
	}
	long, err := makeStream(ctx, filepath.Join(l.dir, "long"), l.hours*l.seconds, l.quality())
	if err != nil {
		return nil, err
	}
	defer long.remove()
	more, err := l.compete(ctx, []contender{l.finalizeFolder(nameHours, long, "--format", "mp4")}, 1)
	return append(results, more...), err
}

// finalizeFolder is recfin from a folder into a folder.
func (l *lab) finalizeFolder(name string, s *stream, flags ...string) contender {
	return contender{name: name, synced: true, tally: tallyRead, steps: func(r *room) ([]step, error) {
		return []step{{args: slices.Concat(
			[]string{l.recfin, "finalize", "--json", "--log-format", "json", "--force"}, flags,
			[]string{"--store", s.dir, "--out", r.dir, recording})}}, nil
	}}
}

// cat is the limit of the disk: the bytes one after the other.
func (l *lab) cat(name string, s *stream) contender {
	return contender{name: name, synced: true, steps: func(r *room) ([]step, error) {
		// By a list: 86,400 names do not fit on a command line.
		return []step{{
			args:  []string{"sh", "-c", `xargs cat <"$1"`, "sh", s.names},
			pipe:  filepath.Join(r.dir, "out.ts"),
			shown: "xargs cat < names.txt > NEW/out.ts",
		}}, nil
	}}
}

// ffmpegLocal joins without encoding and puts the head in front.
func (l *lab) ffmpegLocal(name string, input ...string) contender {
	return contender{name: name, synced: true, steps: func(r *room) ([]step, error) {
		return []step{{args: slices.Concat([]string{"ffmpeg", "-v", "error", "-nostdin"}, input,
			[]string{"-c", "copy", "-movflags", "+faststart", filepath.Join(r.dir, "out.mp4")})}}, nil
	}}
}

// ffmpegList is the same from a list of files, which it opens and examines one by one.
func (l *lab) ffmpegList(name string, s *stream) contender {
	c := l.ffmpegLocal(name, "-f", "concat", "-safe", "0", "-i", s.list)
	c.once = true
	return c
}

// judgeLocal: point 3, at one hour, and that more hours take their share.
func judgeLocal(f *figures) []verdict {
	const section = "local"
	us := f.of(section, nameLocal)
	if us == nil {
		return nil
	}
	all := slices.Concat(
		f.against(section, nameLocal, nameCat, "wall time, to "+nameCat, wall, 1),
		f.against(section, nameLocal, namePlaylist, "wall time, to "+namePlaylist, wall, 0.4),
		f.against(section, nameLocal, nameConcat, "wall time, to "+nameConcat, wall, 0.12),
		f.against(section, nameLocal, namePlaylist, "user time, to "+namePlaylist, user, 0.5),
		[]verdict{{what: "peak memory", got: float64(us.over(peak).median) / (1 << 20), most: 100, format: asMiB}},
		f.share(section, nameHours, nameLocal, f.Media.Hours, "hours to one at the full bit rate"),
	)
	for i := range all {
		all[i].point = 3
	}
	return all
}

// share holds that many hours take their share: times times as much as one, and a
// tenth more.
func (f *figures) share(section, long, short string, times int, what string) []verdict {
	a, b := f.of(section, long), f.of(section, short)
	if a == nil || b == nil || times < 1 {
		return nil
	}
	return []verdict{
		{what: "wall time an hour, " + what, got: ratio(a, b, wall) / float64(times), most: 1.1, format: asRatio},
		{what: "processor time an hour, " + what, got: ratio(a, b, cpu) / float64(times), most: 1.1, format: asRatio},
	}
}
