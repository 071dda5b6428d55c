package check

import (
	"path/filepath"
	"strings"
	"testing"
)

// Every mistake in a manifest is caught: by the types, or by a rule.
func TestMistakes(t *testing.T) {
	built := map[string]string{}
	for _, dir := range []string{"base", "overlays/fleet", "overlays/one", "overlays/broadcaster"} {
		text, err := Build(filepath.Join(kubernetes, dir))
		if err != nil {
			t.Fatal(err)
		}
		built[filepath.Base(dir)] = string(text)
	}
	for _, c := range []struct{ from, old, new, want string }{
		// the types
		{"base", "concurrencyPolicy:", "concurencyPolicy:", `unknown field "spec.concurencyPolicy"`},
		{"base", "activeDeadlineSeconds: 21600", "activeDeadlineSeconds: 6h", "activeDeadlineSeconds"},
		{"base", "readOnlyRootFilesystem:", "readOnlyRootFileSystem:", `unknown field`},
		{"base", "restartPolicy: Never", "restartPolicy: Never\n          restartPolicy: Never", "already set"},
		{"base", "apiVersion: batch/v1", "apiVersion: batch/v1beta1", `no kind "CronJob"`},
		{"base", "value: /etc/recfin/recfin.yaml", "value: 8", "cannot unmarshal number"},
		{"base", "automountServiceAccountToken: false\nkind: ServiceAccount", "kind: Secret", "not judged"},
		// a CronJob
		{"base", "name: recfin\nspec:", "name: " + strings.Repeat("a", 53) + "\nspec:", "longer than 52"},
		{"base", "schedule: 17 3 * * *", "schedule: 17 25 * * *", "schedule"},
		{"base", "schedule: 17 3 * * *", "schedule: TZ=UTC 17 3 * * *", "the zone belongs"},
		{"base", "timeZone: Etc/UTC", "timeZone: Europe/Berlim", "timeZone"},
		{"base", "timeZone: Etc/UTC", "timeZone: Local", "timeZone"},
		{"base", "  timeZone: Etc/UTC\n", "", "timeZone"},
		{"base", "concurrencyPolicy: Forbid", "concurrencyPolicy: Allow", "concurrencyPolicy"},
		{"base", "startingDeadlineSeconds: 3600", "startingDeadlineSeconds: 5", "startingDeadlineSeconds"},
		{"base", "failedJobsHistoryLimit: 5", "failedJobsHistoryLimit: 0", "failedJobsHistoryLimit"},
		// a job
		{"base", "      activeDeadlineSeconds: 21600\n", "", "last for ever"},
		{"base", "      ttlSecondsAfterFinished: 604800\n", "", "stays for ever"},
		{"base", "backoffLimit: 3", "backoffLimit: -1", "negative"},
		{"base", "restartPolicy: Never", "restartPolicy: Always", "want Never or OnFailure"},
		{"base", "restartPolicy: Never", "restartPolicy: OnFailure", "needs restartPolicy Never"},
		{"base", "podReplacementPolicy: Failed", "podReplacementPolicy: TerminatingOrFailed", "needs podReplacementPolicy Failed"},
		{"base", "action: FailJob", "action: FailIndex", "FailIndex needs"},
		{"base", "action: FailJob", "action: Fail", `no action "Fail"`},
		{"base", "operator: In\n", "operator: Is\n", `no operator "Is"`},
		{"base", "- 4\n            - 5\n", "- 5\n            - 4\n", "in order"},
		{"base", "- 4\n            - 5\n", "- 5\n            - 5\n", "each once"},
		{"base", "- 4\n            - 5\n", "- 0\n            - 5\n", "0 is no failure"},
		{"base", "containerName: recfin", "containerName: refcin", `no container "refcin"`},
		{"base", `status: "True"`, `status: "Yes"`, "status"},
		{"base", "backoffLimit: 3", "backoffLimitPerIndex: 3", "needs completionMode Indexed"},
		{"base", "backoffLimit: 3", "completions: 8", "all pods would do the same work"},
		{"fleet", "parallelism: 8", "parallelism: 4", "parallelism is not completions"},
		{"fleet", "backoffLimitPerIndex: 3", "backoffLimit: 3", "want backoffLimitPerIndex"},
		{"fleet", "maxFailedIndexes: 8", "maxFailedIndexes: 9", "maxFailedIndexes"},
		{"fleet", "completions: 8\n", "\n", "needs completions"},
		{"fleet", "value: auto/8", "value: auto/7", "want auto/8"},
		{"fleet", "completionMode: Indexed\n", "\n", "are nobody's"},
		// a pod
		{"base", "runAsNonRoot: true", "runAsNonRoot: false", "runAsNonRoot"},
		{"base", "runAsUser: 65532", "runAsUser: 0", "numeric user"},
		{"base", "RuntimeDefault", "Unconfined", "seccompProfile"},
		{"base", "automountServiceAccountToken: false\n          containers", "containers", "automountServiceAccountToken"},
		{"base", "enableServiceLinks: false", "enableServiceLinks: true", "enableServiceLinks"},
		{"base", "serviceAccountName: recfin", "serviceAccountName: default", "no service account"},
		{"base", "image: recfin:dev", "image: busybox", "nothing here runs recfin"},
		{"base", "name: config\n              readOnly", "name: cfg\n              readOnly", `no volume "cfg"`},
		{"broadcaster", "        - --exit-zero\n", "", "keep the node from starting"},
		{"broadcaster", "        - --budget=30s\n", "", "keep the node from starting"},
		{"broadcaster", "name: POD_NAME\n", "name: POD\n", "no variable POD_NAME"},
		{"one", "name: recfin-foo\nspec:", "name: recfin-foo\nspec:\n  completionMode: Indexed\n", "needs completions"},
		// a container
		{"base", "- args:", "- command: [/bin/sh, -c]\n            args:", "command"},
		{"base", "allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "allowPrivilegeEscalation"},
		{"base", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "readOnlyRootFilesystem"},
		{"base", "- ALL", "- NET_RAW", "capabilities"},
		{"base", "memory: 512Mi", "memory: 128Mi", "memory limit"},
		{"base", "memory: 256Mi", "memory: 1Gi", "more memory is requested"},
		{"base", "- name: RECFIN_CONFIG", "- name: GOMEMLIMIT", "GOMEMLIMIT"},
		// times
		{"base", "--grace=25s", "--grace=30s", "needs more than terminationGracePeriodSeconds"},
		{"base", "--grace=25s", "--grace=25", "--grace"},
		{"base", "            - --grace=25s\n", "", "--grace is not given"},
		{"base", "          terminationGracePeriodSeconds: 30\n", "", "terminationGracePeriodSeconds is not given"},
		{"base", "--max-duration=5h", "--max-duration=6h", "ends after activeDeadlineSeconds"},
		{"base", "            - --max-duration=5h\n", "", "--max-duration is not given"},
	} {
		text := strings.Replace(built[c.from], c.old, c.new, 1)
		if text == built[c.from] {
			t.Errorf("%s has no %q to spoil", c.from, c.old)
			continue
		}
		if got := wrong(text); !strings.Contains(got, c.want) {
			t.Errorf("%s with %q for %q: found %q, want %q", c.from, c.new, c.old, got, c.want)
		}
	}
	for from, text := range built {
		if got := wrong(text); got != "" {
			t.Errorf("%s as it is: %s", from, got)
		}
	}
}

// wrong is all that is found in a manifest.
func wrong(text string) string {
	objects, err := Decode([]byte(text))
	if err != nil {
		return err.Error()
	}
	set, err := Sort(objects)
	if err != nil {
		return err.Error()
	}
	return strings.Join(set.Judge(), "\n")
}
