// Command manifest prints the Kubernetes objects of a folder as `kubectl kustomize`
// does, once they have passed all checks: DIR may be an overlay of your own.
package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"recfin/deploy/check"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "manifest: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("want one folder with a kustomization.yaml, got %q", args)
	}
	text, err := check.Build(args[0])
	if err != nil {
		return err
	}
	objects, err := check.Decode(text)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	set, err := check.Sort(objects)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	if wrong := set.Judge(); len(wrong) > 0 {
		return fmt.Errorf("%s:\n  %s", args[0], strings.Join(wrong, "\n  "))
	}
	_, err = out.Write(text)
	return err
}
