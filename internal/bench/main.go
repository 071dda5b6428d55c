// Command bench runs recfin finalize beside what people use instead, on the same
// segments and the same disk, and holds it against the targets:
//
//	go run ./internal/bench -recfin bin/recfin
//
// It makes hours of 1080p30 in 4 Mbit/s MPEG-TS with AAC, in segments of 2 s,
// in a folder that it removes in the end. Then the contenders run by turns, a
// few rounds, each with an output of its own that is new: recfin finalize, cat,
// rclone cat, ffmpeg from the playlist and ffmpeg from a concat list. A run is
// over when its output is on the disk. All of them read from the page cache.
// At last recfin runs on the whole length, to show that it takes its share.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"text/tabwriter"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := bench(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context) error {
	recfin := flag.String("recfin", "bin/recfin", "the program")
	parent := flag.String("dir", ".", "folder for a temporary folder, on the disk that is measured")
	rounds := flag.Int("rounds", 3, "how often each contender runs")
	hours := flag.Int("hours", 4, "length of the long recording; 1: no long one")
	flag.Parse()
	if *rounds < 1 || *hours < 1 {
		return errors.New("-rounds and -hours are at least 1")
	}
	program, err := filepath.Abs(*recfin)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(*parent, "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	fmt.Printf("Making %d h of 1080p30 in 4 Mbit/s, in segments of %d s …\n", *hours, segmentSeconds)
	whole, err := makeStream(ctx, filepath.Join(dir, "long"), *hours)
	if err != nil {
		return err
	}
	hour, err := whole.first(filepath.Join(dir, "hour"), 3600/segmentSeconds)
	if err != nil {
		return err
	}
	fmt.Printf("One hour: %d segments, %d MB\n\n", len(hour.segments), hour.bytes/1e6)
	results := compete(ctx, dir, hour.contenders(program), *rounds)
	report(results)
	if *hours > 1 {
		long := compete(ctx, dir, whole.contenders(program)[:1], 1)[0]
		reportLong(results[0], long, *hours)
	}
	return ctx.Err()
}

// report prints a row for each contender and a row for each target.
func report(results []result) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "wall s\t(best)\tuser s\tsystem s\tpeak MB\t  ")
	for _, r := range results {
		if r.err != nil {
			fmt.Fprintf(w, "-\t\t\t\t\t  %s: %v\n", r.name, r.err)
			continue
		}
		m := r.median()
		fmt.Fprintf(w, "%.2f\t(%.2f)\t%.2f\t%.2f\t%d\t  %s\n", m.wall.Seconds(), r.best().Seconds(), m.user.Seconds(), m.system.Seconds(), m.peak>>20, r.name)
	}
	w.Flush()
	fmt.Println()
	for _, v := range verdicts(results) {
		fmt.Println(v)
	}
}

// reportLong prints what the long recording takes.
func reportLong(hour, long result, hours int) {
	if hour.err != nil || long.err != nil {
		fmt.Printf("%d hours: %v\n", hours, errors.Join(hour.err, long.err))
		return
	}
	a, b := hour.median(), long.median()
	fmt.Printf("%d hours: %.2f s wall, %.2f s user, %d MB peak: %.2f times the wall time of one, %.2f times its user time\n",
		hours, b.wall.Seconds(), b.user.Seconds(), b.peak>>20, ratio(b.wall, a.wall), ratio(b.user, a.user))
}
