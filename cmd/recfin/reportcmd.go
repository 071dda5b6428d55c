package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"recfin/finalize"
	"recfin/internal/bug"
	"recfin/report"
)

const (
	flagOutput    = "output"
	flagPublicURL = "public-url"

	// indexPage is the page that leads to the others. No recording's page is called so.
	indexPage = "index.html"
)

func reportCommand() *cli.Command {
	return &cli.Command{
		Name:        "report",
		Usage:       "one HTML page of a recording: its timeline, what was dropped and why, a player",
		UsageText:   "recfin report [flags] [ID...] -o FILE|DIR",
		Description: reportHelp,
		Flags: append(withoutJSON(sourceFlags()), asFlag(), progressFlag(), delayFlag(),
			&cli.StringFlag{Name: flagOutput, Aliases: []string{"o"}, Usage: "write the page of one ID to `FILE` (- is standard output), or those of several, or of all, into the folder DIR, with an index.html", EnvVars: env(flagOutput)},
			&cli.StringFlag{Name: flagPublicURL, Usage: "where browsers reach what is in --out: `URL` of its root; a page can then play what is finalized", EnvVars: env(flagPublicURL)}),
		Action: func(c *cli.Context) error {
			output, names, as := c.String(flagOutput), distinct(c.Args().Slice()), c.String(flagAs)
			if output == "" {
				return usagef("report needs -o: a FILE for one ID (- is standard output), a folder for several or for all")
			}
			return withFinalizer(c, func(s *session) error {
				if !c.IsSet(flagFormat) { // a run may well be given another one than the default
					cfg := s.cfg
					cfg.AsCommitted = true
					var err error
					if s.f, err = finalize.New(cfg); err != nil {
						return err
					}
				}
				p := &paper{session: s, public: c.String(flagPublicURL), stdout: plainWriter(c.App.Writer)}
				switch {
				case as != "":
					return p.one(c.Context, as, output, together(s.f.PlanAs, names))
				case len(names) == 1:
					return p.one(c.Context, names[0], output, s.f.Plan)
				}
				return p.folder(c.Context, names, output)
			})
		},
	}
}

// withoutJSON are flags of a command that writes pages.
func withoutJSON(flags []cli.Flag) []cli.Flag {
	return slices.DeleteFunc(flags, func(f cli.Flag) bool { return f.Names()[0] == flagJSON })
}

// plainWriter is what is below the writer that makes strange characters visible. A
// page is no text for a terminal, and it has shown them itself.
func plainWriter(w io.Writer) io.Writer {
	if v, ok := w.(*visible); ok {
		return v.to
	}
	return w
}

// paper writes pages.
type paper struct {
	*session
	public string // URL of the root of the outputs; empty: none
	stdout io.Writer

	mu   sync.Mutex
	rows []report.Row
}

// one writes the page of one recording. Where a person must look, the page is there
// to look at, and the exit code says so as that of plan does.
func (p *paper) one(ctx context.Context, name, file string, do work) error {
	r, err := do(ctx, name)
	if as := partOf(r.Err); as != "" {
		r, err = p.f.Plan(ctx, as)
	}
	if err != nil && (r.Plan.Status == "" || stray(r.Err)) {
		return err // there is no plan
	}
	return ahead(err, p.put(r, p.standing(ctx, r), file))
}

// put writes a page to a file or to standard output.
func (p *paper) put(r *finalize.Report, standing *finalize.Standing, file string) error {
	if file == "-" {
		text, err := p.page(r, standing, "", nil)
		if err != nil {
			return err
		}
		_, err = p.stdout.Write(text)
		return err
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return usagef("-o %s is a folder: name a file, such as %s", echo(file), echo(filepath.Join(file, pageName(r.Recording))))
	}
	text, err := p.page(r, standing, filepath.Dir(file), nil)
	if err != nil {
		return err
	}
	return writeWhole(file, text)
}

// page is the page of a recording for a folder; empty: for no known place.
func (p *paper) page(r *finalize.Report, standing *finalize.Standing, dir string, links []report.Link) ([]byte, error) {
	plays, err := p.plays(r, dir)
	if err != nil {
		return nil, err
	}
	opt := report.Options{Generated: p.generated(r), Links: links, Plays: plays}
	if standing != nil {
		opt.Due = standing.Due
	}
	var b bytes.Buffer
	err = report.Write(&b, r, opt)
	return b.Bytes(), err
}

// standing is what the marker says of deletions. What is wrong with it, the plan has
// said.
func (p *paper) standing(ctx context.Context, r *finalize.Report) *finalize.Standing {
	s, err := p.f.Standing(ctx, r.Recording)
	if err != nil {
		return nil
	}
	return s
}

// generated says what made a page, and when by the store's clock.
func (p *paper) generated(r *finalize.Report) string {
	text := "recfin report of " + strings.Join(p.sources, ", ")
	if r != nil && !r.Now.IsZero() {
		text += " at " + r.Now.UTC().Format(time.RFC3339)
	}
	return text
}

// folder writes the pages of several recordings, or of all, and their index.
func (p *paper) folder(ctx context.Context, names []string, dir string) error {
	if dir == "-" {
		return usagef("-o - takes the page of one ID: name a folder for several")
	}
	direct := len(names) > 0
	if !direct {
		var err error
		if names, err = p.all(ctx); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := replaceable(filepath.Join(dir, indexPage)); err != nil { // before hours of planning
		return err
	}
	ends, err := p.pages(ctx, names, dir, direct)
	if err != nil {
		return err
	}
	if whole := wholes(ends); len(whole) > 0 {
		more, err := p.pages(ctx, whole, dir, direct)
		if err != nil {
			return err
		}
		ends = append(ends, more...)
	}
	ends = slices.DeleteFunc(ends, func(e ended) bool { return partOf(e.err) != "" || !direct && stray(e.err) })
	slices.SortFunc(p.rows, func(a, b report.Row) int { return strings.Compare(a.Recording, b.Recording) })
	var b bytes.Buffer
	if err := report.WriteIndex(&b, p.rows, report.Options{Generated: p.generated(nil)}); err != nil {
		return err
	}
	if err := writeWhole(filepath.Join(dir, indexPage), b.Bytes()); err != nil {
		return err
	}
	if code := outcome(ends, false); code != exitDone {
		return quiet{code}
	}
	return nil
}

// all are the recordings that have segments or a marker: of some the sources are gone.
func (p *paper) all(ctx context.Context) ([]string, error) {
	done, err := p.f.Finalized(ctx)
	if err != nil {
		return nil, err
	}
	found, err := p.f.Discover(ctx)
	if err != nil && (len(done) == 0 || !errors.Is(err, finalize.ErrUsage)) { // what is there fits no layout any more
		return nil, err
	}
	names := slices.Concat(done, found)
	slices.Sort(names)
	return slices.Compact(names), nil
}

// pages writes a page for each name, several at once.
func (p *paper) pages(ctx context.Context, names []string, dir string, direct bool) ([]ended, error) {
	ends := make([]ended, len(names))
	var g bug.Group
	g.SetLimit(p.readers())
	for i, name := range names {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			started := time.Now()
			r, _ := p.f.Plan(ctx, name)
			ends[i] = endOf(r)
			if partOf(r.Err) != "" || !direct && stray(r.Err) {
				return nil
			}
			p.watch.report(r, time.Since(started))
			return p.add(r, p.standing(ctx, r), dir)
		})
	}
	return ends, g.Wait()
}

// add writes one page of a folder, and notes its row.
func (p *paper) add(r *finalize.Report, standing *finalize.Standing, dir string) error {
	name := pageName(r.Recording)
	text, err := p.page(r, standing, dir, []report.Link{{Name: "All recordings", URL: indexPage}})
	if err == nil {
		err = writeWhole(filepath.Join(dir, name), text)
	}
	if err != nil {
		return fmt.Errorf("page of %s: %w", printable(r.Recording), err)
	}
	row := report.Row{Recording: r.Recording, Report: r, Standing: standing, URL: name}.Reduced()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows = append(p.rows, row)
	return nil
}
