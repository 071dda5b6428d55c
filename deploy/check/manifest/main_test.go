package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An overlay of one's own passes if it is right, and is not printed if it is not.
func TestRun(t *testing.T) {
	base, err := filepath.Abs(filepath.Join("..", "..", "kubernetes", "base"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ grace, field, want string }{
		{"25", "terminationGracePeriodSeconds", "needs more than terminationGracePeriodSeconds 25"},
		{"60", "terminationGracePeriodSeconds", ""},
		{"60", "terminationGracePeriodSecond", "terminationGracePeriodSecond"},
	} {
		dir := t.TempDir()
		from, err := filepath.Rel(dir, base)
		if err != nil {
			t.Fatal(err)
		}
		overlay := `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ` + from + `
patches:
  - target: {kind: CronJob}
    patch: |-
      - {op: add, path: /spec/jobTemplate/spec/template/spec/` + c.field + `, value: ` + c.grace + `}
`
		if err := os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(overlay), 0o644); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		err = run([]string{dir}, &out)
		if c.want == "" && (err != nil || !strings.Contains(out.String(), "kind: CronJob")) {
			t.Errorf("%s: %s: %v\n%s", c.field, c.grace, err, out.String())
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || out.Len() > 0) {
			t.Errorf("%s: %s: %v, want %q\n%s", c.field, c.grace, err, c.want, out.String())
		}
	}
	if err := run(nil, &bytes.Buffer{}); err == nil {
		t.Error("no folder is no error")
	}
}
