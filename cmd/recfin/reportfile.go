package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"recfin/finalize"
	"recfin/report"
)

// pageName is the file name of a recording's page: its own name where that is plain,
// and otherwise what is plain of it and a hash, so that no two have one name, also
// where file systems do not tell cases apart.
func pageName(recording string) string {
	const most = 80
	plain := len(recording) <= most && recording != strings.TrimSuffix(indexPage, ".html") && !strings.HasPrefix(recording, "-")
	var b strings.Builder
	for _, r := range recording {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
			b.WriteRune(r)
		case r >= 'A' && r <= 'Z':
			b.WriteRune(r)
			plain = false
		default:
			b.WriteByte('_')
			plain = false
		}
		if b.Len() >= most {
			break
		}
	}
	if plain && b.Len() > 0 {
		return b.String() + ".html"
	}
	sum := sha256.Sum256([]byte(recording))
	return cmp.Or(strings.TrimLeft(b.String(), "-_"), "recording") + "-" + hex.EncodeToString(sum[:6]) + ".html"
}

// writeWhole writes a page whole or not at all. What is there and is no page stays as
// it is: a name that was mistyped must cost neither a segment nor the site that the
// folder belongs to.
func writeWhole(file string, text []byte) (err error) {
	if err := replaceable(file); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".recfin-report-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(text)
	if err == nil {
		err = errors.Join(f.Chmod(0o644), f.Sync())
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}

// replaceable refuses a file that is there and is no page of ours. An empty one is
// what mktemp leaves.
func replaceable(file string) error {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular(): // renaming would put a file in the place of a device
		return usagef("-o: %s is no file (-o - is standard output)", echo(file))
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, report.HeadSize))
	if err == nil && len(head) > 0 && !report.Wrote(head) {
		err = usagef("-o: %s is there, is no page of recfin report, and stays as it is: give another name, or remove it", echo(file))
	}
	return err
}

// plays are what a page can play of a recording: what is finalized, where browsers
// reach it below a public URL, or from a page that lies in the folder of the outputs.
func (p *paper) plays(r *finalize.Report, dir string) ([]report.Play, error) {
	at, err := p.reach(dir)
	if at == nil || err != nil {
		return nil, err
	}
	var out []report.Play
	for i := range r.Plan.Sessions {
		rec := r.Plan.Sessions[i].Record
		door, first := false, len(out)
		for _, o := range rec.Outputs {
			switch {
			case o.Store != p.cfg.Out.Label():
			case o.Kind == "hls" && !door:
				door = true
				key := path.Join(path.Dir(path.Dir(o.Key)), "index.m3u8")
				out = slices.Insert(out, first, report.Play{Session: rec.Session, URL: at(key), Type: report.TypeHLS})
			case o.Kind == "mp4":
				out = append(out, report.Play{Session: rec.Session, Rendition: o.Rendition, Part: o.Part, URL: at(o.Key), Type: report.TypeMP4})
			}
		}
	}
	return out, nil
}

// reach tells how a page in a folder reaches a key of the outputs; nil: it does not.
func (p *paper) reach(dir string) (func(key string) string, error) {
	if p.public != "" {
		base, err := url.Parse(p.public)
		if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
			return nil, usagef("--%s %s: want http(s)://HOST/PATH", flagPublicURL, echo(p.public))
		}
		return func(key string) string {
			parts := strings.Split(key, "/")
			for i := range parts {
				parts[i] = url.PathEscape(parts[i])
			}
			return base.JoinPath(parts...).String()
		}, nil
	}
	root, err := url.Parse(p.cfg.Out.Label())
	if err != nil || root.Scheme != "file" || dir == "" {
		return nil, nil
	}
	below, err := inside(filepath.FromSlash(root.Path), dir)
	if err != nil || below == "" {
		return nil, err
	}
	up := strings.Repeat("../", strings.Count(filepath.ToSlash(below), "/")+1)
	if below == "." {
		up = ""
	}
	return func(key string) string { return (&url.URL{Path: up + key}).String() }, nil
}

// inside is where a folder lies below another; empty: it does not.
func inside(root, dir string) (string, error) {
	root, err := filepath.EvalSymlinks(root)
	if err != nil {
		return "", err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", fmt.Errorf("write a page into %s: %w", dir, err)
	}
	below, err := filepath.Rel(root, real)
	if err != nil || below == ".." || strings.HasPrefix(below, ".."+string(filepath.Separator)) {
		return "", nil // on another volume, or beside
	}
	return below, nil
}
