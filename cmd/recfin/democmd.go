package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"recfin/finalize"
	"recfin/internal/demo"
	"recfin/store"
	"recfin/store/open"
)

func demoCommand() *cli.Command {
	return &cli.Command{
		Name:        "demo",
		Usage:       "a broadcast in a folder, finalized, so that a newcomer sees it work",
		UsageText:   "recfin demo [DIR]",
		Description: demoHelp,
		Action: func(c *cli.Context) error {
			dir := c.Args().First()
			if dir == "" {
				var err error
				if dir, err = os.MkdirTemp("", "recfin-demo-"); err != nil {
					return err
				}
			}
			return runDemo(c, dir)
		},
	}
}

// runDemo lays the broadcast out and does with it what a user would.
func runDemo(c *cli.Context, dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	story, err := demo.Write(dir)
	if err != nil {
		return err
	}
	w := c.App.Writer
	fmt.Fprintf(w, "A broadcast was laid out in %s:\n", dir)
	for _, line := range story.Lines {
		fmt.Fprintf(w, "  - %s\n", line)
	}
	cfg, err := demoConfig(c.Context, dir)
	if err != nil {
		return err
	}
	f, err := finalize.New(cfg)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\n$ recfin plan --store %s\n", dir)
	r, err := f.Plan(c.Context, story.Recording)
	if err != nil {
		return err
	}
	fmt.Fprint(w, planText(r))
	fmt.Fprintf(w, "\n$ recfin finalize --store %s --format hls,mp4 %s\n", dir, story.Recording)
	if r, err = f.Run(c.Context, story.Recording); err != nil {
		return err
	}
	fmt.Fprint(w, reportText(r))
	fmt.Fprintf(w, "\n$ recfin finalize --store %s --format hls,mp4 %s   # once more\n", dir, story.Recording)
	if r, err = f.Run(c.Context, story.Recording); err != nil {
		return err
	}
	fmt.Fprint(w, reportText(r))
	fmt.Fprint(w, whereToLook(cfg, dir, r))
	return nil
}

func demoConfig(ctx context.Context, dir string) (finalize.Config, error) {
	s, err := open.URL(ctx, dir)
	if err != nil {
		return finalize.Config{}, err
	}
	layouts, err := finalize.ParseLayouts([]string{defaultLayout}, nil)
	return finalize.Config{
		Sources: []store.Store{s}, Out: s, OutPath: defaultOut, Layouts: layouts,
		Formats: finalize.Formats{HLS: true, MP4: true}, SessionGap: defaultGap, Settle: defaultSettle,
		MaxDeletePercent: defaultMost,
	}, err
}

func whereToLook(cfg finalize.Config, dir string, r *finalize.Report) string {
	var b strings.Builder
	b.WriteString("\nWhere to look:\n")
	root := filepath.Join(dir, cfg.OutPath, r.Recording)
	fmt.Fprintf(&b, "  marker    %s\n", filepath.Join(root, "recording.json"))
	for _, s := range r.Plan.Sessions {
		fmt.Fprintf(&b, "  player    %s\n", filepath.Join(root, s.Record.Session, "index.m3u8"))
		for _, o := range s.Record.Outputs {
			fmt.Fprintf(&b, "  %-9s %s\n", o.Kind, filepath.Join(dir, o.Key))
		}
	}
	fmt.Fprintf(&b, "  leftovers recfin finalize --store %s --delete leftovers --delete-delay 0 %s\n", dir, r.Recording)
	return b.String()
}
