package main

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// requirement is an ID or a glob of which something must be found.
type requirement string

// requirements reads the values of --require.
func requirements(list []string) ([]requirement, error) {
	var all []requirement
	for _, s := range list {
		if _, err := path.Match(s, "x"); err != nil {
			return nil, usagef("--%s %q is no glob: use * ? [a-z]", flagRequire, s)
		}
		all = append(all, requirement(s))
	}
	return all, nil
}

// id is the one ID that is meant; false for a glob.
func (r requirement) id() (string, bool) { return string(r), !strings.ContainsAny(string(r), `*?[\`) }

func (r requirement) meets(recording string) bool {
	ok, _ := path.Match(string(r), recording)
	return ok || string(r) == recording
}

// named adds the IDs that are required to those that were found: one may have a
// marker and no segments any more.
func named(found []string, require []requirement) []string {
	for _, r := range require {
		if id, ok := r.id(); ok {
			found = append(found, id)
		}
	}
	return distinct(found)
}

// missing is the error for what is required and is not among the names of what was
// found: of recordings, and of parts of them.
func missing(require []requirement, found []string) error {
	var all []error
	for _, r := range require {
		if !slices.ContainsFunc(found, r.meets) {
			all = append(all, fmt.Errorf("nothing found of %s, which --%s asks for: was it recorded, is the prefix right, and does --layout fit?", printable(string(r)), flagRequire))
		}
	}
	return errors.Join(all...)
}
