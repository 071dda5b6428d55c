// Command bench measures recfin side by side with what people use instead, on the
// same machine and the same segments, and holds it against the targets:
//
//	go run ./internal/bench -recfin bin/recfin            # everything
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
	judge func(f *figures) []verdict
}

// sections are all of them, in the order in which they run and stand on the page.
var sections []section

func init() {
	sections = []section{
		{"store", "Store to store", runStore, judgeStore},
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
	recfin, dir, only string
	rounds, minutes   int
	quick             bool
}

func bench(ctx context.Context) error {
	var o options
	flag.StringVar(&o.recfin, "recfin", "bin/recfin", "the program")
	flag.StringVar(&o.dir, "dir", ".", "folder for a temporary folder, on the disk that is measured")
	flag.IntVar(&o.rounds, "rounds", 3, "how often each contender runs")
	flag.IntVar(&o.minutes, "minutes", 60, "length of the recording that is compared")
	flag.StringVar(&o.only, "only", "", "names of sections, by commas; empty: all")
	flag.BoolVar(&o.quick, "quick", false, "20 s of tiny pictures, one round: it shows that everything works, and measures nothing")
	flag.Parse()
	if o.rounds < 1 || o.minutes < 1 {
		return errors.New("-rounds and -minutes are at least 1")
	}
	chosen, err := choose(o.only)
	if err != nil {
		return err
	}
	l, err := newLab(o.dir, o.recfin)
	if err != nil {
		return err
	}
	l.rounds, l.seconds, l.quick = o.rounds, 60*o.minutes, o.quick
	if o.quick {
		l.rounds, l.seconds = 1, 20
	}
	f, err := l.measureAll(ctx, chosen)
	if err := errors.Join(err, l.close()); err != nil {
		return err
	}
	f.print(os.Stdout)
	return nil
}

// choose gives the sections that were named.
func choose(only string) ([]section, error) {
	if only == "" {
		return sections, nil
	}
	var chosen []section
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(sections, func(s section) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no section %q", name)
		}
		chosen = append(chosen, sections[i])
	}
	return chosen, nil
}

// measureAll runs sections.
func (l *lab) measureAll(ctx context.Context, chosen []section) (*figures, error) {
	f := &figures{
		Date: time.Now().UTC().Format(time.DateOnly), Rounds: l.rounds,
		Machine: describe(ctx, l.dir, l.recfin), Sections: map[string][]result{},
	}
	for _, s := range chosen {
		fmt.Fprintf(os.Stderr, "%s:\n", s.title)
		results, err := s.run(ctx, l)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.title, err)
		}
		f.Sections[s.name] = results
	}
	if l.hour != nil {
		f.Media.Segments, f.Media.Bytes, f.Media.Seconds = len(l.hour.segments), l.hour.bytes, l.seconds
	}
	return f, nil
}
