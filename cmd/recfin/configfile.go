package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxConfig is more than any configuration has.
const maxConfig = 1 << 20

// setting is what a configuration file says of one flag.
type setting struct {
	key    string
	values []scalar // one, unless it is a list
	list   bool
	line   int // of the key, from 1
}

// scalar is one value as it stands in the file, without quotes.
type scalar struct {
	text string
	kind string // the tag of YAML 1.2 §10.3, such as !!str
	line int
}

// configFile is a configuration file: the settings in their order, each key once.
type configFile struct {
	path     string
	settings []setting
}

// find gives what the file says of a flag; nil where it says nothing.
func (f *configFile) find(flag string) *setting {
	if f == nil {
		return nil
	}
	for i := range f.settings {
		if f.settings[i].key == flag {
			return &f.settings[i]
		}
	}
	return nil
}

// wrong is an error about a line of the file; no line where it is 0. What it says
// holds no value that could be a secret.
func (f *configFile) wrong(line int, format string, args ...any) error {
	where := printable(f.path)
	if line > 0 {
		where += ":" + strconv.Itoa(line)
	}
	return usagef("--%s %s: %s", flagConfig, where, fmt.Sprintf(format, args...))
}

// readConfig reads a configuration file: one YAML document, a mapping of names of
// flags to values or lists of values. Whether there are such flags is not its
// business. Errors are finalize.ErrUsage and name the line.
func readConfig(path string) (*configFile, error) {
	f := &configFile{path: path}
	info, err := os.Stat(path)
	if err != nil {
		return nil, f.wrong(0, "%v", reason(err))
	}
	if !info.Mode().IsRegular() { // a pipe might never end, or never begin
		return nil, f.wrong(0, "it is no file")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, f.wrong(0, "%v", reason(err))
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxConfig+1))
	if err != nil {
		return nil, f.wrong(0, "%v", reason(err))
	}
	return f, f.parse(raw)
}

// reason is an error of the file system without the path, which is told once.
func reason(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// parse reads the text of the file.
func (f *configFile) parse(raw []byte) error {
	if len(raw) > maxConfig {
		return f.wrong(0, "it is larger than %s", size(maxConfig))
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	var doc, second yaml.Node
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		return nil // nothing but comments
	} else if err != nil {
		return f.syntax(err)
	}
	if err := d.Decode(&second); err == nil {
		return f.wrong(second.Line, "a second document begins here: one is read")
	} else if !errors.Is(err, io.EOF) {
		return f.syntax(err)
	}
	if len(doc.Content) != 1 {
		return nil
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		return nil
	}
	if root.Kind != yaml.MappingNode {
		return f.wrong(root.Line, "want lines such as %s: 30m", flagSettle)
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		s, err := f.setting(root.Content[i], root.Content[i+1])
		if err != nil {
			return err
		}
		if first := f.find(s.key); first != nil {
			return f.wrong(s.line, "%s stands there twice, first in line %d", echoKey(s.key), first.line)
		}
		f.settings = append(f.settings, s)
	}
	return nil
}

// setting reads one key with its value.
func (f *configFile) setting(key, value *yaml.Node) (setting, error) {
	s := setting{line: key.Line}
	if key.Kind != yaml.ScalarNode || key.Style&yaml.TaggedStyle != 0 {
		return s, f.wrong(key.Line, "the name of a flag is missing here")
	}
	s.key = key.Value
	if s.key == "<<" {
		return s, f.wrong(key.Line, "mappings are not merged here")
	}
	items := []*yaml.Node{value}
	if s.list = value.Kind == yaml.SequenceNode; s.list {
		items = value.Content
	}
	for _, n := range items {
		v, err := f.scalar(s.key, n)
		if err != nil {
			return s, err
		}
		s.values = append(s.values, v)
	}
	return s, nil
}

// scalar reads one value.
func (f *configFile) scalar(key string, n *yaml.Node) (scalar, error) {
	name := echoKey(key)
	switch {
	case n.Kind == yaml.AliasNode:
		return scalar{}, f.wrong(n.Line, "%s: there are no aliases here; a value that begins with * stands in quotes", name)
	case n.Kind == yaml.MappingNode:
		return scalar{}, f.wrong(n.Line, "%s: want a value, not a mapping; a value that begins with { stands in quotes", name)
	case n.Kind == yaml.SequenceNode:
		return scalar{}, f.wrong(n.Line, "%s: want values in the list, not a list in it", name)
	case n.Style&yaml.TaggedStyle != 0:
		return scalar{}, f.wrong(n.Line, "%s: there are no tags here; a value that begins with ! stands in quotes", name)
	case n.Anchor != "":
		return scalar{}, f.wrong(n.Line, "%s: there are no anchors here; a value that begins with & stands in quotes", name)
	case n.ShortTag() == "!!null":
		return scalar{}, f.wrong(n.Line, "%s has no value: write one, '' for an empty one, or leave the line out", name)
	}
	return scalar{text: n.Value, kind: n.ShortTag(), line: n.Line}, nil
}

var (
	yamlLine   = regexp.MustCompile(`^yaml: (?:line ([0-9]+): )?`)
	yamlAnchor = regexp.MustCompile(`unknown anchor .*`)
)

// syntax is what the parser found wrong. The name of an anchor is text of the file,
// perhaps of a value.
func (f *configFile) syntax(err error) error {
	text, line := err.Error(), 0
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = text[len(m[0]):]
	}
	text = yamlAnchor.ReplaceAllString(text, "there are no aliases here")
	return f.wrong(line, "%s (a value that begins with one of { [ * & ! | > %% @ ` or holds a colon and a space stands in quotes)", strings.TrimSpace(text))
}

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// echoKey is a key in a message; what does not look like a name may be a value in
// the wrong place, and is not repeated.
func echoKey(key string) string {
	if plainKey.MatchString(key) {
		return key
	}
	return "this key"
}
