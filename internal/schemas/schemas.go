// Package schemas holds JSON that tests have made against the schemas that are
// published in docs/schema.
package schemas

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// T is what a *testing.T and a *rapid.T have in common.
type T interface {
	Helper()
	Errorf(format string, args ...any)
}

// The crash sweeps make the same documents thousands of times, and documents of two
// days: one is looked at once, and only up to these.
const (
	mostBytes = 1 << 20
	mostTimes = 400 // of each schema, in one process
)

var state struct {
	sync.Mutex
	compiled map[string]*jsonschema.Schema
	seen     map[[sha256.Size]byte]bool
	times    map[string]int
}

// CheckJSON is Check of what a value is as JSON.
func CheckJSON(t T, name string, v any) {
	t.Helper()
	state.Lock()
	enough := state.times[name] >= mostTimes
	state.Unlock()
	if enough {
		return
	}
	raw, err := json.Marshal(v)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	Check(t, name, raw)
}

// CheckZipped is Check of a document that is compressed with gzip.
func CheckZipped(t T, name string, raw []byte) {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	Check(t, name, plain)
}

// Check fails unless the document is valid by docs/schema/<name>.schema.json.
func Check(t T, name string, raw []byte) {
	t.Helper()
	state.Lock()
	defer state.Unlock()
	if state.times[name] >= mostTimes || len(raw) > mostBytes {
		return
	}
	id := sha256.Sum256(append([]byte(name+"\n"), raw...))
	if state.seen[id] {
		return
	}
	if state.seen == nil {
		state.seen, state.times = map[[sha256.Size]byte]bool{}, map[string]int{}
	}
	state.seen[id] = true
	state.times[name]++
	if err := validate(name, raw); err != nil {
		t.Errorf("docs/schema/%s.schema.json: %v\n%s", name, err, raw[:min(len(raw), 2000)])
	}
}

// validate holds a document against a schema. The state is locked.
func validate(name string, raw []byte) error {
	if state.compiled == nil {
		all, err := compile()
		if err != nil {
			return err
		}
		state.compiled = all
	}
	schema := state.compiled[name]
	if schema == nil {
		return fmt.Errorf("there is no such schema")
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	return schema.Validate(doc)
}

// compile reads all schemas. Formats, such as date-time, are asserted.
func compile() (map[string]*jsonschema.Schema, error) {
	dir, err := Folder()
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	files, err := filepath.Glob(filepath.Join(dir, "*.schema.json"))
	if err != nil {
		return nil, err
	}
	ids := map[string]string{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
		id, _ := doc.(map[string]any)["$id"].(string)
		if err := c.AddResource(id, doc); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
		ids[strings.TrimSuffix(filepath.Base(file), ".schema.json")] = id
	}
	all := map[string]*jsonschema.Schema{}
	for name, id := range ids {
		if all[name], err = c.Compile(id); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return all, nil
}

// Folder is docs/schema of this repository, from the folder that a test runs in.
func Folder() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "docs", "schema"), nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("there is no go.mod above the folder of the test")
		}
		dir = up
	}
}
