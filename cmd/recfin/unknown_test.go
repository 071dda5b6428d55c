package main

import (
	"strings"
	"testing"
)

// What is unknown is named with what was probably meant, in one line, and ends as
// wrong usage.
func TestUnknown(t *testing.T) {
	t.Parallel()
	for line, says := range map[string]string{
		"finalise":                        "there is no command finalise: did you mean finalize?",
		"paln foo":                        "there is no command paln: did you mean plan?",
		"tidy":                            "there is no command tidy (recfin --help lists them)",
		"help finalise":                   "there is no command finalise: did you mean finalize?",
		"run --layot x":                   "run has no flag --layot: did you mean --layout?",
		"run -layot x":                    "did you mean --layout?",
		"run --layot=x":                   "did you mean --layout?",
		"finalize foo --delete-dely 1h":   "did you mean --delete-delay?",
		"run --colour":                    "run has no flag --colour (recfin run --help lists them)",
		"plan --delete none":              "plan has no flag --delete: run and finalize have",
		"plan --budget 30s":               "plan has no flag --budget: recover has",
		"--store x run":                   "--store stands behind the command: recfin run --store",
		"--stroe x run":                   "recfin has no flag --stroe (recfin --help lists them)",
		"run --store":                     "flag needs an argument: --store",
		"finalize foo --store":            "flag needs an argument: --store",
		"finalize --json foo --store":     "flag needs an argument: --store",
		"run --store x --settle soon":     `invalid value "soon" for flag --settle: want a duration such as 30m or 24h`,
		"run --store x --delete-delay 1d": `for flag --delete-delay: want a duration such as`,
		"run --store x --concurrency 1.5": `invalid value "1.5" for flag --concurrency: want a whole number`,
		"run --store x --force=maybe":     `for flag --force: want true or false`,
		"--version":                       "recfin has no flag --version: did you mean recfin version?",
		"demo --store x":                  "demo has no flag --store: run,",
		"run --a:qqSECRETqq@host/b":       "run has no flag --an argument with an @",
		"completely-unlike-any-command-x": "there is no command completely-unlike-any-command-x (recfin --help lists them)",
	} {
		r := mustRecfin(t, exitUsage, strings.Fields(line)...)
		r.says(t, says)
		r.hides(t, "SECRET")
		if r.out != "" || strings.Count(r.err, "\n") != 1 {
			t.Errorf("recfin %s: %s", line, r.text())
		}
	}
}

// A recording may be called like a command.
func TestCalledHelp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, id := range []string{"help", "h", "run", "--help=false"} {
		r := mustRecfin(t, exitFailed, "finalize", "--store", dir, "--", id)
		if r.out == "" || strings.Contains(r.out, "Examples:") {
			t.Errorf("recfin finalize %s: %s", id, r.text())
		}
	}
}

// A mistyped variable does nothing, so every command with settings says that it is
// not read.
func TestStrangeVariables(t *testing.T) {
	dir := t.TempDir()
	for name, hint := range map[string]string{
		"RECFIN_LAYUOT": "did you mean RECFIN_LAYOUT?", "RECFIN_SETLE": "did you mean RECFIN_SETTLE?", "RECFIN_COLOUR": "recfin config lists what is read",
		"RECFIN_": "recfin config lists what is read", "RECFIN_IMPORT": "recfin config lists what is read",
		"RECFIN_PORT": "", "RECFIN_SERVICE_HOST": "", "RECFIN_SERVE_PORT_8080_TCP_ADDR": "", "RECFIN_SERVICE_PORT_HTTP": "", "RECFIN_TEST_X": "", "RECFINITY": "", "RECFIN_BUDGET": "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "10s")
			r := mustRecfin(t, exitDone, "plan", "--store", dir, "--log-format", "text")
			r.hides(t, "10s")
			if warned := strings.Contains(r.err, name); warned != (hint != "") {
				t.Errorf("%q", r.err)
			}
			if hint != "" && (strings.Count(r.err, "no flag reads this variable") != 1 || !strings.Contains(r.err, "level=WARN")) {
				t.Errorf("%q", r.err)
			}
			r.says(t, hint)
		})
	}
}
