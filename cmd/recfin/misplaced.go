package main

import (
	"os"
	"regexp"
	"strings"
)

// credentialed is a URL with credentials in front of its host.
var credentialed = regexp.MustCompile(`(?s)[A-Za-z0-9+.-]+:/?/.*@`)

// misplaced refuses a URL with credentials where none is read: in the place of an
// ID, a flag or a value of another flag. What is wrong there is said in words that
// repeat it, and in one place they would be printed.
func misplaced(args []string) error {
	if len(args) == 0 || len(args) > 1 && args[1] == completeName { // which repeats none of its words
		return nil
	}
	probing := len(args) > 1 && args[1] == "probe"
	plain := false // behind "--"
	for i := 1; i < len(args); i++ {
		name, flag := flagName(args[i])
		switch {
		case !plain && args[i] == "--":
			plain = true
		case plain || !flag:
			if !probing && credentialed.MatchString(args[i]) {
				return usagef("an argument is a URL with credentials: %s may be one", urlFlags)
			}
		case isURL(name):
			if !hasValue(args[i]) {
				i++
			}
		case credentialed.MatchString(args[i]):
			return usagef("a flag holds a URL with credentials: only %s may", urlFlags)
		}
	}
	for _, e := range os.Environ() {
		name, value, _ := strings.Cut(e, "=")
		rest, ours := strings.CutPrefix(name, "RECFIN_")
		if ours && !isURL(strings.ToLower(rest)) && credentialed.MatchString(value) {
			return usagef("the variable %s holds a URL with credentials: only those of %s may", printable(name), urlFlags)
		}
	}
	return nil
}

// isURL reports whether the value of a flag is a URL that may hold credentials.
func isURL(flag string) bool { return flag == flagStore || flag == flagOut || flag == flagPush }

// urlFlags are those flags in words.
const urlFlags = "--" + flagStore + ", --" + flagOut + " and --" + flagPush

// echo is an argument in a message; one that may be KEY:SECRET@… is not repeated.
func echo(arg string) string {
	if strings.Contains(arg, "@") {
		return "an argument with an @"
	}
	return printable(arg)
}
