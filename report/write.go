package report

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"

	"recfin/finalize"
	"recfin/store"
)

//go:embed assets
var assets embed.FS

var pages = template.Must(template.ParseFS(assets, "assets/*.tmpl"))

// Write writes the page of one recording, from a plan or from what a run did.
func Write(w io.Writer, r *finalize.Report, opt Options) error {
	p, err := pageOf(r, r.DroppedAt(), opt)
	if err == nil {
		err = pages.ExecuteTemplate(w, "page.tmpl", p)
	}
	if err != nil {
		return fmt.Errorf("write the report of %s: %w", store.Printable(r.Recording), err)
	}
	return nil
}

// WriteIndex writes the page that leads to those of many recordings.
func WriteIndex(w io.Writer, rows []Row, opt Options) error {
	x, err := indexOf(rows, opt)
	if err == nil {
		err = pages.ExecuteTemplate(w, "index.tmpl", x)
	}
	if err != nil {
		return fmt.Errorf("write the index of %d recordings: %w", len(rows), err)
	}
	return nil
}

// generator is how a page says what made it: near its beginning, so that it is seen in
// the first [HeadSize] bytes.
const generator = `<meta name="generator" content="recfin report">`

// HeadSize is how many bytes of a file Wrote has to see.
const HeadSize = 512

// Wrote reports whether a file that begins with head is a page of this package, which
// another one may take the place of.
func Wrote(head []byte) bool {
	return bytes.HasPrefix(head, []byte("<!doctype html>")) && bytes.Contains(head, []byte(generator))
}
