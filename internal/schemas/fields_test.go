package schemas

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
)

// node is a schema as far as fields go.
type node struct {
	Ref         string           `json:"$ref"`
	ID          string           `json:"$id"`
	Schema      string           `json:"$schema"`
	Description string           `json:"description"`
	Type        any              `json:"type"`
	Enum        []any            `json:"enum"`
	Const       any              `json:"const"`
	Properties  map[string]*node `json:"properties"`
	Required    []string         `json:"required"`
	Additional  *bool            `json:"additionalProperties"`
	Items       *node            `json:"items"`
	OneOf       []*node          `json:"oneOf"`
	Defs        map[string]*node `json:"$defs"`
}

// read gives all schemas by file.
func read(t *testing.T) map[string]*node {
	t.Helper()
	dir, err := Folder()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*node{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		n := &node{}
		if err := json.Unmarshal(raw, n); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[filepath.Base(file)] = n
	}
	return all
}

// fields compares types with schemas.
type fields struct {
	files map[string]*node
	wrong []string
	seen  map[string]bool // pairs of type and schema
}

func (f *fields) failf(format string, args ...any) {
	f.wrong = append(f.wrong, fmt.Sprintf(format, args...))
}

// follow leads from a reference to what it names.
func (f *fields) follow(file string, n *node) (string, *node) {
	for n != nil && n.Ref != "" {
		other, name, ok := strings.Cut(n.Ref, "#/$defs/")
		if other != "" {
			file = other
		}
		if !ok || f.files[file] == nil || f.files[file].Defs[name] == nil {
			f.failf("%s: %s leads nowhere", file, n.Ref)
			return file, nil
		}
		n = f.files[file].Defs[name]
	}
	return file, n
}

// field is one that JSON has of a struct.
type field struct {
	of       reflect.Type
	optional bool
}

// fieldsOf are those of a struct and of what is embedded in it.
func fieldsOf(t reflect.Type) map[string]field {
	all := map[string]field{}
	for i := range t.NumField() {
		sf := t.Field(i)
		tag, tagged := sf.Tag.Lookup("json")
		if sf.Anonymous && !tagged {
			maps.Copy(all, fieldsOf(sf.Type))
			continue
		}
		if !sf.IsExported() {
			continue
		}
		name, rest, _ := strings.Cut(tag, ",")
		if name == "" {
			name = sf.Name
		}
		all[name] = field{sf.Type, strings.Contains(rest, "omitempty") || strings.Contains(rest, "omitzero")}
	}
	return all
}

var (
	timeType = reflect.TypeFor[time.Time]()
	slotType = reflect.TypeFor[[]any]() // segments of a plan: SegmentJSON or GapJSON
)

// compare holds a type against a schema, down to the last field.
func (f *fields) compare(where, file string, t reflect.Type, n *node) {
	file, n = f.follow(file, n)
	if n == nil {
		return
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == slotType:
		if n.Items == nil || len(n.Items.OneOf) != 2 {
			f.failf("%s: want one of two", where)
			return
		}
		f.compare(where, file, reflect.TypeFor[finalize.SegmentJSON](), n.Items.OneOf[0])
		f.compare(where, file, reflect.TypeFor[finalize.GapJSON](), n.Items.OneOf[1])
	case t.Kind() == reflect.Slice:
		if n.Items == nil {
			f.failf("%s: it is a list", where)
			return
		}
		f.compare(where+"[]", file, t.Elem(), n.Items)
	case t.Kind() == reflect.Struct && t != timeType:
		f.object(where, file, t, n)
	case n.Properties != nil || n.Items != nil:
		f.failf("%s: it is a %v", where, t)
	}
}

func (f *fields) object(where, file string, t reflect.Type, n *node) {
	if pair := fmt.Sprintf("%v %p", t, n); f.seen[pair] {
		return
	} else {
		f.seen[pair] = true
	}
	has := fieldsOf(t)
	for _, name := range slices.Sorted(maps.Keys(has)) {
		p := n.Properties[name]
		if p == nil {
			f.failf("%s.%s is not in %s", where, name, file)
			continue
		}
		if required := slices.Contains(n.Required, name); required == has[name].optional {
			f.failf("%s.%s: %s says required: %v", where, name, file, required)
		}
		f.compare(where+"."+name, file, has[name].of, p)
	}
	for name := range n.Properties {
		if _, ok := has[name]; !ok {
			f.failf("%s has %s.%s, the code has not", file, where, name)
		}
	}
}

// TestFields: every field of the code is in its schema and the other way round,
// required where the code always writes it.
func TestFields(t *testing.T) {
	f := &fields{files: read(t), seen: map[string]bool{}}
	for _, name := range slices.Sorted(maps.Keys(published)) {
		file := name + ".schema.json"
		if f.files[file] == nil {
			t.Errorf("there is no %s", file)
			continue
		}
		f.compare(name, file, reflect.TypeOf(published[name]), f.files[file])
	}
	for _, w := range f.wrong {
		t.Error(w)
	}
	for file := range f.files {
		if published[strings.TrimSuffix(file, ".schema.json")] == nil {
			t.Errorf("%s is of no type", file)
		}
	}
}

// TestFieldsCatch: fields that differ are found.
func TestFieldsCatch(t *testing.T) {
	type inner struct {
		A int `json:"a"`
	}
	type outer struct {
		Inner []inner `json:"inner"`
		B     string  `json:"b,omitempty"`
		C     string  `json:"c"`
	}
	const schema = `{"properties":{"inner":{"type":"array","items":{"properties":{%s}}},"b":{},"c":{}},"required":["inner","c"]}`
	cases := []struct{ schema, want string }{
		{fmt.Sprintf(schema, `"a":{}`), "x.inner[].a: x says required: false"},
		{strings.Replace(fmt.Sprintf(schema, `"a":{}`), `"c"]`, `"c","b"]`, 1), "x.b: x says required: true"},
		{strings.Replace(fmt.Sprintf(schema, `"a":{}`), `"c":{}`, `"d":{}`, 1), "x.c is not in x"},
		{fmt.Sprintf(schema, `"a":{},"z":{}`), "x has x.inner[].z, the code has not"},
	}
	for _, c := range cases {
		n := &node{}
		if err := json.Unmarshal([]byte(c.schema), n); err != nil {
			t.Fatal(err)
		}
		f := &fields{files: map[string]*node{"x": n}, seen: map[string]bool{}}
		f.compare("x", "x", reflect.TypeFor[outer](), n)
		if !slices.Contains(f.wrong, c.want) {
			t.Errorf("%s: %q, want %q", c.schema, f.wrong, c.want)
		}
	}
}

// TestDescriptions: every field says what it is, and the forms that the code refuses
// with a field too many allow none.
func TestDescriptions(t *testing.T) {
	var look func(file, where string, n *node, closed bool)
	look = func(file, where string, n *node, closed bool) {
		if n == nil || n.Ref != "" {
			return
		}
		if n.Properties != nil {
			if n.Description == "" {
				t.Errorf("%s: %s has no description", file, where)
			}
			if (n.Additional != nil && !*n.Additional) != closed {
				t.Errorf("%s: %s: additional properties are refused: %v", file, where, !closed)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(n.Properties)) {
			p := n.Properties[name]
			if p.Description == "" && p.Ref == "" && p.Items == nil {
				t.Errorf("%s: %s.%s has no description", file, where, name)
			}
			look(file, where+"."+name, p, closed)
		}
		look(file, where+"[]", n.Items, closed)
		for name, d := range n.Defs {
			look(file, name, d, closed)
		}
	}
	for file, n := range read(t) {
		if n.Schema != "https://json-schema.org/draft/2020-12/schema" || !strings.HasSuffix(n.ID, "/"+file) {
			t.Errorf("%s: %s, %s", file, n.Schema, n.ID)
		}
		look(file, strings.TrimSuffix(file, ".schema.json"), n, file == "recording.schema.json")
	}
}
