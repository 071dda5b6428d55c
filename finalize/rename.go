package finalize

import (
	"fmt"
	"path"
	"strings"
	"unicode"
)

// Rename gives the renditions whose name matches a glob another name when keys
// are read. Renditions of one name are one: a failover that called 720p
// "P720p30fps16x9" is joined by {"P720p*", "720p"}.
type Rename struct{ Glob, Name string }

// String is GLOB=NAME.
func (r Rename) String() string { return r.Glob + "=" + r.Name }

// ParseRenames reads a list of GLOB=NAME. The last "=" parts them.
func ParseRenames(list []string) ([]Rename, error) {
	var out []Rename
	for _, s := range list {
		at := strings.LastIndexByte(s, '=')
		if at < 0 {
			return nil, fmt.Errorf("%w: --rename %q: want GLOB=NAME, as in 'P720p*=720p'", ErrUsage, s)
		}
		r := Rename{Glob: s[:at], Name: s[at+1:]}
		if _, err := path.Match(r.Glob, "x"); err != nil || r.Glob == "" {
			return nil, fmt.Errorf("%w: --rename %q: %q is no glob: use * ? [a-z], as in 'P720p*=720p'", ErrUsage, s, r.Glob)
		}
		if err := checkRendition(r.Name); err != nil {
			return nil, fmt.Errorf("%w: --rename %q: the new name %w", ErrUsage, s, err)
		}
		for _, before := range out {
			if before.Glob == r.Glob && before.Name != r.Name {
				return nil, fmt.Errorf("%w: --rename gives %q two names, %q and %q", ErrUsage, r.Glob, before.Name, r.Name)
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// checkRendition says why outputs cannot have a name of their own.
func checkRendition(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("is empty")
	case name == "." || name == ".." || strings.Contains(name, "/"):
		return fmt.Errorf("has to be one path element")
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return fmt.Errorf("has a character that cannot be printed")
	}
	return nil
}

// rename is the name that a rendition goes by: that of the first Rename that
// matches, else its own.
func (c *Config) rename(rendition string) string {
	for _, r := range c.Renames {
		if ok, _ := path.Match(r.Glob, rendition); ok {
			return r.Name
		}
	}
	return rendition
}
