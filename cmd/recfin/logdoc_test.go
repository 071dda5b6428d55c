package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"recfin/internal/broadcast"
)

// messages are the messages that the code logs. One that is put together while it runs
// fails.
func messages(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	constants, used := map[string]string{}, []ast.Expr{}
	set := token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.ValueSpec:
				for i, v := range x.Values {
					if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING && i < len(x.Names) {
						constants[x.Names[i].Name], _ = strconv.Unquote(lit.Value)
					}
				}
			case *ast.CallExpr:
				used = append(used, message(x)...)
			}
			return true
		})
	}
	var all []string
	for _, e := range used {
		switch x := e.(type) {
		case *ast.BasicLit:
			text, _ := strconv.Unquote(x.Value)
			all = append(all, text)
		case *ast.Ident:
			if x.Name == "msg" { // of warn itself
				continue
			}
			all = append(all, constants[x.Name])
		default:
			t.Errorf("%s: the message of a log line is not constant", set.Position(e.Pos()))
		}
	}
	if len(all) < 10 {
		t.Errorf("only %q are logged", all)
	}
	return all
}

// message is the message of a call that logs.
func message(call *ast.CallExpr) []ast.Expr {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	to := ""
	switch x := f.X.(type) {
	case *ast.Ident:
		to = x.Name
	case *ast.SelectorExpr:
		to = x.Sel.Name
	}
	if to != "log" && to != "l" {
		return nil
	}
	switch f.Sel.Name {
	case "Debug", "Info", "Warn", "Error", "warn":
		if len(call.Args) > 0 {
			return call.Args[:1]
		}
	case "Log":
		return call.Args[2:3]
	}
	return nil
}

// Each message and each key is in the documents, and each message of the documents is
// logged.
func TestLogDocument(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "logs.md"))
	if err != nil {
		t.Fatal(err)
	}
	doc := string(raw)
	known := map[string]bool{}
	for _, msg := range messages(t) {
		if known[msg] = true; !strings.Contains(doc, "`"+msg+"`") {
			t.Errorf("docs/logs.md does not have the message %q", msg)
		}
	}
	rows := 0
	for _, line := range strings.Split(doc, "\n") {
		if cell, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), " | "); ok && strings.HasPrefix(cell, "`") && !strings.HasPrefix(cell, "`--") && cell != "`msg`" && !strings.HasPrefix(cell, "`run`, ") {
			for _, msg := range strings.Split(cell, ", ") {
				if rows++; !known[strings.Trim(msg, "`")] {
					t.Errorf("docs/logs.md has the message %s, which is never logged", msg)
				}
			}
		}
	}
	if rows < 10 {
		t.Errorf("%d messages in docs/logs.md", rows)
	}
	dir := t.TempDir()
	s := broadcast.Make(t, broadcast.Options{})
	broadcast.Lay(t, broadcast.Folder(dir), s.Uploads("foo/A/720p", 0, 3, onAir))
	broadcast.Lay(t, broadcast.Folder(dir), s.Uploads("foo/B/720p", 3, 3, onAir.Add(3*time.Second)))
	text := mustRecfin(t, exitDone, "run", "--store", dir, "--delete", "leftovers", "--delete-delay", "0", "--log-level", "debug").err
	text += mustRecfin(t, exitDone, "verify", "--store", dir).err
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		var keys map[string]any
		if err := json.Unmarshal([]byte(line), &keys); err != nil {
			t.Fatal(err)
		}
		for k := range keys {
			if !strings.Contains(doc, "`"+k+"`") {
				t.Errorf("docs/logs.md does not have the key %q of %v", k, keys["msg"])
			}
		}
	}
}
