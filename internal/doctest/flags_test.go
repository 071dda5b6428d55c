package doctest

import (
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// help asks recfin for the flags of its commands, each once.
type help struct {
	file string
	mu   sync.Mutex
	of   map[string]map[string]bool // nil: there is no such command
}

var flagInHelp = regexp.MustCompile(`--([a-z][a-z0-9-]*)`)

func (h *help) flags(command string) map[string]bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if known, ok := h.of[command]; ok {
		return known
	}
	var all map[string]bool
	if out, err := exec.Command(h.file, command, "--help").Output(); err == nil {
		all = map[string]bool{"help": true}
		for _, m := range flagInHelp.FindAllStringSubmatch(string(out), -1) {
			all[m[1]] = true
		}
	}
	h.of[command] = all
	return all
}

// commandLine is a call of recfin: by name, by path, as a container's image.
var commandLine = regexp.MustCompile(`(?:^|[\s"'/=(])recfin(?::[a-z0-9.]+)? ([a-z]+)((?:[ \t]+[^|;&<>#` + "`" + `]*)?)`)

var flagInLine = regexp.MustCompile(`(?:^|\s)--([a-zA-Z][a-zA-Z0-9_-]*)`)

// badFlags says which command lines of a page name a command or a flag that is not
// there. In prose only code counts.
func (h *help) badFlags(text string) []string {
	var bad []string
	look := func(line int, code string) {
		for _, m := range commandLine.FindAllStringSubmatch(code, -1) {
			flags := h.flags(m[1])
			if flags == nil {
				bad = append(bad, fmt.Sprintf("line %d: there is no command recfin %s", line, m[1]))
				continue
			}
			for _, f := range flagInLine.FindAllStringSubmatch(m[2], -1) {
				if !flags[f[1]] {
					bad = append(bad, fmt.Sprintf("line %d: recfin %s has no flag --%s", line, m[1], f[1]))
				}
			}
		}
	}
	inside := ""
	joined := ""
	for i, line := range strings.Split(text, "\n") {
		bare := strings.TrimLeft(line, " ")
		if strings.HasPrefix(bare, "```") {
			if inside == "" {
				inside, _, _ = strings.Cut("```"+strings.TrimSpace(strings.Trim(bare, "`")), " ")
			} else {
				inside = ""
			}
			continue
		}
		switch {
		case inside == "" && !strings.HasPrefix(bare, "```"):
			for _, code := range codeSpan.FindAllString(line, -1) {
				if code = strings.Trim(code, "`"); strings.HasPrefix(code, "recfin ") {
					look(i+1, code)
				}
			}
		case strings.HasSuffix(line, "\\"):
			joined += strings.TrimSuffix(line, "\\")
		case inside == "```text" || inside == "```json":
		case inside == "```console" && joined == "" && !strings.HasPrefix(line, "$ "): // what is printed
		default:
			look(i+1, strings.TrimPrefix(joined+bare, "$ "))
			joined = ""
		}
	}
	return bad
}

// TestFlagsInPages: each command line in a page, also in blocks that are not executed,
// has a command and flags that exist.
func TestFlagsInPages(t *testing.T) {
	t.Parallel()
	h := &help{file: recfin(t), of: map[string]map[string]bool{}}
	for page, text := range pages(t) {
		for _, bad := range h.badFlags(text) {
			t.Errorf("%s, %s", page, bad)
		}
	}
	cases := []struct{ page, want string }{
		{"```yaml\nargs: recfin run --store x --json\n```\n", ""},
		{"```ini\nExecStart=/usr/bin/recfin run --stor x\n```\n", "has no flag --stor"},
		{"```yaml\nkubectl exec x -- recfin rum\n```\n", "no command recfin rum"},
		{"```sh\nrecfin run \\\n  --jsno\n```\n", "has no flag --jsno"},
		{"```console\n$ true\nrecfin says so --often\n```\n", ""},
		{"```console\n$ recfin plan --explian x\n```\n", "has no flag --explian"},
		{"Say `recfin plan --explian KEY`.\n", "has no flag --explian"},
		{"Say recfin does --this, or `recfin plan --explain KEY | x --y`.\n", ""},
		{"```sh\ndocker run recfin:latest run --nothing\n```\n", "has no flag --nothing"},
	}
	for _, c := range cases {
		if got := strings.Join(h.badFlags(c.page), "\n"); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%q: %q, want %q", c.page, got, c.want)
		}
	}
}
