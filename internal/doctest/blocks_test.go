package doctest

import (
	"fmt"
	"regexp"
	"strings"
)

// block is a fenced block of a page.
type block struct {
	kind  string   // "sh", "console", "text", ...; empty: none was given
	tty   bool     // it is what a person sees at a terminal
	line  int      // of its fence, from 1
	lines []string // without indentation of the fence
	close bool     // right behind the block before it
}

// step is a piece of shell with what it prints.
type step struct {
	line   int    // of its first line in the page
	tty    bool   // its output is a terminal
	script string // ends in a newline
	shows  bool   // the page says what is printed
	want   []string
}

// commandFirst is a line that somebody would type.
var commandFirst = regexp.MustCompile(`^(bin/)?recfin [a-z]+( |$)`)

// blocks finds the fenced blocks of a page.
func blocks(text string) ([]block, error) {
	var all []block
	var open *block
	indent, fence := "", ""
	near := false
	for i, line := range strings.Split(text, "\n") {
		bare := strings.TrimLeft(line, " ")
		switch {
		case open == nil && strings.HasPrefix(bare, "```"):
			indent = line[:len(line)-len(bare)]
			fence = bare[:len(bare)-len(strings.TrimLeft(bare, "`"))]
			kind, rest, _ := strings.Cut(strings.TrimSpace(bare[len(fence):]), " ")
			open = &block{kind: kind, tty: rest == "terminal", line: i + 1, close: near}
		case open == nil:
			near = near && bare == ""
		case strings.TrimSpace(line) == fence:
			all, open, near = append(all, *open), nil, true
		default:
			open.lines = append(open.lines, strings.TrimPrefix(line, indent))
		}
	}
	if open != nil {
		return nil, fmt.Errorf("line %d: the block does not end", open.line)
	}
	return all, nil
}

// steps gives what is executed of a page, in order.
func steps(all []block) ([]step, error) {
	var out []step
	for i, b := range all {
		switch b.kind {
		case "sh":
			s := step{line: b.line + 1, script: strings.Join(b.lines, "\n") + "\n"}
			if i+1 < len(all) && all[i+1].close && all[i+1].kind == "text" {
				s.shows, s.want = true, all[i+1].lines
			}
			out = append(out, s)
		case "console":
			some, err := consoleSteps(b)
			if err != nil {
				return nil, err
			}
			out = append(out, some...)
		case "bash", "shell", "shell-session", "zsh":
			return nil, fmt.Errorf("line %d: a block of kind %q is not executed: call it sh or console", b.line, b.kind)
		default:
			for k, line := range b.lines {
				if strings.HasPrefix(line, "$ ") {
					return nil, fmt.Errorf("line %d: a command in a block of kind %q is not executed: call it console", b.line+1+k, b.kind)
				}
				if commandFirst.MatchString(line) && !b.close {
					return nil, fmt.Errorf("line %d: a command in a block of kind %q is not executed: call it sh", b.line+1+k, b.kind)
				}
			}
		}
	}
	return out, nil
}

// consoleSteps are the commands of a console block.
func consoleSteps(b block) ([]step, error) {
	var out []step
	for k, line := range b.lines {
		command, is := strings.CutPrefix(line, "$ ")
		more, goesOn := strings.CutPrefix(line, "> ")
		switch last := len(out) - 1; {
		case is:
			out = append(out, step{line: b.line + 1 + k, tty: b.tty, script: command + "\n", shows: true})
		case last < 0:
			return nil, fmt.Errorf("line %d: a console block begins with a command", b.line+1+k)
		case goesOn && len(out[last].want) == 0:
			out[last].script += more + "\n"
		default:
			out[last].want = append(out[last].want, line)
		}
	}
	return out, nil
}
