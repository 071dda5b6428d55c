// Package check holds the files under deploy/ against what will read them: the
// types of the Kubernetes API, kustomize, systemd, cron and Prometheus, and
// against the program itself, its flags, variables and exit codes. It is a module
// of its own, so that none of that is a dependency of recfin.
package check
