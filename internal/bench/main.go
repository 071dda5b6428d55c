// Command bench measures recfin side by side with what people use instead, on the
// same machine and the same segments, and holds it against the targets:
//
//	go run ./internal/bench -recfin bin/recfin -docs docs    # everything, and the pages
//	go run ./internal/bench -recfin bin/recfin -only store -rounds 1
//
// Everything it works on is made below one folder that goes in the end, whatever
// the end is. The contenders of a section run by turns (A B A B), a few rounds,
// each with outputs of its own that are new. What counts are ratios and medians.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// section is a comparison that can be run by itself.
type section struct {
	name  string
	title string
	run   func(ctx context.Context, l *lab) ([]result, error)
	judge func(f *figures) []verdict // nil: there is no target
	about func(f *figures) string    // what is compared, in Markdown
	// rivals are pairs of contenders of which the second does as much as the first.
	rivals [][2]string
}

// sections are all of them, in the order in which they run and stand on the page.
// The Go benchmarks come after them; their name is goSection.
var sections []section

const goSection = "go"

func init() { // sections and judges know of each other
	sections = []section{
		{"store", "Store to store", runStore, judgeStore, aboutStore, [][2]string{{nameStore, nameTuned}}},
		{"latency", "A store that is far away", runLatency, judgeLatency, aboutLatency, nil},
		{"modes", "Every kind of output", runModes, nil, aboutModes, nil},
		{"local", "In a folder", runLocal, judgeLocal, aboutLocal, [][2]string{{nameLocal, namePlaylist}, {nameLocal, nameConcat}, {nameSingle, nameCat}, {nameSingle, nameRclone}}},
		{"long", "48 hours", runLong, judgeLong, aboutLong, [][2]string{{nameThin, nameThinFFmpeg}, {nameThinLong, nameThinLongPeer}}},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := func() error {
		if len(os.Args) > 1 && children[os.Args[1]] != nil {
			return children[os.Args[1]](ctx, os.Args[2:])
		}
		return bench(ctx)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	recfin, dir, only      string
	rounds, minutes, hours int
	quick                  bool
	pattern, saved         string // of the Go benchmarks
	count                  int
	docs                   string
	render                 bool
	keep                   string
	resume                 bool
}

func parseFlags() (*options, error) {
	o := &options{}
	flag.StringVar(&o.recfin, "recfin", "bin/recfin", "the program")
	flag.StringVar(&o.dir, "dir", ".", "folder for a temporary folder, on the disk that is measured")
	flag.IntVar(&o.rounds, "rounds", 3, "how often each contender runs")
	flag.IntVar(&o.minutes, "minutes", 60, "length of the recording that is compared")
	flag.IntVar(&o.hours, "hours", 4, "how many times as long the long recording is; 1: none")
	flag.StringVar(&o.only, "only", "", "names of sections, by commas; empty: all")
	flag.BoolVar(&o.quick, "quick", false, "20 s of tiny pictures, one round: it shows that everything works, and measures nothing")
	flag.StringVar(&o.pattern, "bench", ".", "Go benchmarks to run besides those that have targets; empty: none")
	flag.IntVar(&o.count, "count", 1, "how often each of those runs")
	flag.StringVar(&o.saved, "save", "bin/bench.txt", "file for what the Go benchmarks print")
	flag.StringVar(&o.docs, "docs", "", "folder of the pages that are written; empty: none is. Without -only")
	flag.StringVar(&o.keep, "keep", "", "file for the figures of each section that has run; empty: they are not kept")
	flag.BoolVar(&o.resume, "resume", false, "do not run what the file of -keep has already")
	flag.BoolVar(&o.render, "render", false, "measure nothing: write the pages anew from the figures beside them")
	flag.Parse()
	switch {
	case min(o.rounds, o.minutes, o.hours, o.count) < 1:
		return nil, errors.New("-rounds, -minutes, -hours and -count are at least 1")
	case o.resume && o.keep == "":
		return nil, errors.New("-resume needs -keep")
	case o.docs != "" && (o.only != "" || !o.ofRecord()):
		return nil, errors.New("pages have everything with a target: -docs is not for -only, nor for -bench with a pattern")
	}
	return o, nil
}

// ofRecord reports whether everything with a target runs, be it without the rest.
func (o *options) ofRecord() bool { return o.pattern == everyBenchmark || o.pattern == "" }

func bench(ctx context.Context) error {
	o, err := parseFlags()
	if err != nil {
		return err
	}
	if o.render {
		return render(o.docs)
	}
	chosen, withGo, err := choose(o.only)
	if err != nil {
		return err
	}
	l, err := newLab(o.dir, o.recfin)
	if err != nil {
		return err
	}
	l.rounds, l.seconds, l.hours, l.quick = o.rounds, 60*o.minutes, o.hours, o.quick
	if o.quick {
		l.rounds, l.seconds, l.hours = 1, 20, 2
	}
	f, err := l.begin(ctx, o)
	if err == nil {
		err = l.measureAll(ctx, chosen, f, o.keep)
	}
	if err == nil && withGo {
		f.Benchmarks, err = l.goBenchmarks(ctx, o)
		if err == nil && o.ofRecord() && !o.quick {
			f.Counts, err = l.countTests(ctx)
		}
	}
	if err := errors.Join(err, l.close()); err != nil {
		return err
	}
	f.print(os.Stdout)
	if o.docs == "" {
		return nil
	}
	return f.writePages(o.docs)
}

// choose gives the sections that were named, and whether the Go benchmarks were.
func choose(only string) (chosen []section, withGo bool, err error) {
	if only == "" {
		return sections, true, nil
	}
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(sections, func(s section) bool { return s.name == name })
		switch {
		case name == goSection:
			withGo = true
		case i < 0:
			return nil, false, fmt.Errorf("there is no section %q", name)
		default:
			chosen = append(chosen, sections[i])
		}
	}
	return chosen, withGo, nil
}

// begin gives figures without results, or those of a run that did not come to its end.
func (l *lab) begin(ctx context.Context, o *options) (*figures, error) {
	if o.resume {
		f, err := readFigures(o.keep)
		if err == nil && (f.Rounds != l.rounds || f.Media.Seconds != l.seconds || f.Media.Hours != l.hours) {
			err = fmt.Errorf("%s: it is of %d rounds, %d s, %d hours", o.keep, f.Rounds, f.Media.Seconds, f.Media.Hours)
		}
		return f, err
	}
	f := &figures{
		Date: time.Now().UTC().Format(time.DateOnly), Rounds: l.rounds,
		Machine: describe(ctx, l.dir, l.recfin), Sections: map[string][]result{},
	}
	f.Media.Seconds, f.Media.Hours = l.seconds, l.hours
	return f, nil
}

// measureAll runs the sections that f has no results of. After each it writes f to a
// file, so that what was measured is not lost with what fails later; empty: it does not.
func (l *lab) measureAll(ctx context.Context, chosen []section, f *figures, keep string) error {
	for _, s := range chosen {
		if len(f.Sections[s.name]) > 0 {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s:\n", s.title)
		results, err := s.run(ctx, l)
		if err != nil {
			return fmt.Errorf("%s: %w", s.title, err)
		}
		f.Sections[s.name] = results
		if l.hour != nil {
			f.Media.Segments, f.Media.Bytes = len(l.hour.segments), l.hour.bytes
		}
		if l.thin != "" {
			f.Media.Thin = l.thin
		}
		if keep == "" {
			continue
		}
		if err := f.write(keep); err != nil {
			return err
		}
	}
	return nil
}
