package main

import "testing"

// Whatever goes wrong in a hook is said, and stops no node.
func TestExitZero(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		args []string
		says string
		code int // without the flag
	}{
		{[]string{"recover"}, "no store", exitUsage},
		{[]string{"recover", "--store", dir, "--no-such-flag"}, "no-such-flag", exitUsage},
		{[]string{"recover", "--store", dir, "--budget", "0s"}, "--budget", exitUsage},
		{[]string{"recover", "--store", dir, "foo"}, "takes no IDs", exitUsage},
		{[]string{"recover", "--store", "s3+http://KEY:SECRET@127.0.0.1:1/live", "--budget", "1s"}, `"msg":"error"`, exitUnavailable},
	} {
		mustRecfin(t, c.code, c.args...).says(t, c.says)
		forgiving := append([]string{"recover", "--exit-zero"}, c.args[1:]...)
		mustRecfin(t, exitDone, forgiving...).says(t, c.says)
	}

	mustRecfin(t, exitUsage, "recover", "--exit-zero=false")
	mustRecfin(t, exitUsage, "run", "--exit-zero", "--store", dir).says(t, "exit-zero") // a flag of recover alone
	t.Setenv("RECFIN_EXIT_ZERO", "1")
	mustRecfin(t, exitDone, "recover")
	mustRecfin(t, exitUsage, "recover", "--exit-zero=false")
	mustRecfin(t, exitUsage, "run").says(t, "no store")
}
