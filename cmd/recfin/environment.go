package main

import (
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// envPrefix begins the names of all our variables.
const envPrefix = "RECFIN_"

// notOurs are variables with our prefix that others set: the tests, and Kubernetes
// for a Service whose name begins with recfin (docker links variables).
var notOurs = regexp.MustCompile(`^RECFIN_(TEST_.*|([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_[A-Z]+)?)?))$`)

// strange is a variable that looks like ours and that no flag reads.
type strange struct {
	name  string
	meant string // what it was probably meant to be; empty if nothing is near
}

// strangeVariables finds the strange variables of the environment, sorted. A mistyped one
// would otherwise do nothing, silently.
func strangeVariables(app *cli.App) []strange {
	var known []string
	for _, f := range allFlags(app) {
		if v := variable(f); v != "" {
			known = append(known, v)
		}
	}
	var all []strange
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, envPrefix) && !notOurs.MatchString(name) && !slices.Contains(known, name) {
			all = append(all, strange{name, nearestVariable(name, known)})
		}
	}
	slices.SortFunc(all, func(a, b strange) int { return strings.Compare(a.name, b.name) })
	return all
}

// nearestVariable compares what stands behind the prefix, which all have.
func nearestVariable(name string, known []string) string {
	var rest []string
	for _, k := range known {
		rest = append(rest, strings.TrimPrefix(k, envPrefix))
	}
	if meant := nearest(strings.TrimPrefix(name, envPrefix), rest); meant != "" {
		return envPrefix + meant
	}
	return ""
}

// warnOfVariables logs a line for each strange variable.
func warnOfVariables(app *cli.App, log *logger) {
	for _, s := range strangeVariables(app) {
		hint := "recfin config lists what is read"
		if s.meant != "" {
			hint = "did you mean " + s.meant + "?"
		}
		log.warn("no flag reads this variable of the environment", "name", s.name, "hint", hint)
	}
}
