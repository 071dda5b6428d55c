package main

import (
	"fmt"
	"strings"

	"recfin/finalize"
)

// mostKeys is how many keys are named in one place; --json has all of them.
const mostKeys = 10

// deletedText says which objects are gone and which were kept after all, those of
// one reason together.
func deletedText(b *strings.Builder, r *finalize.Report) {
	var bytes int64
	for i, o := range r.Deleted {
		if bytes += o.Size; i < mostKeys {
			fmt.Fprintf(b, "  deleted %s\n", printable(o.Key))
		}
	}
	if n := len(r.Deleted); n > mostKeys {
		fmt.Fprintf(b, "  deleted %d more (--json lists all): %s (%s) in all\n", n-mostKeys, count(n, "object"), size(bytes))
	}
	number := map[string]int{}
	for _, k := range r.Kept {
		number[k.Why]++
	}
	seen := map[string]bool{}
	for _, k := range r.Kept {
		if !seen[k.Why] {
			seen[k.Why] = true
			fmt.Fprintf(b, "  kept %s: %s\n", some(k.Key, number[k.Why]), k.Why)
		}
	}
}
