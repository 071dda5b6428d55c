package check

import (
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a zone is judged alike on every machine

	"github.com/robfig/cron/v3"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// Lengths that the API server allows (a CronJob adds 11 characters to the name of
// its jobs, an Indexed Job the index to that of its pods).
const (
	maxCronName = 52
	maxName     = 63
)

// findings collects what is wrong with one object.
type findings struct {
	name string
	list []string
}

// need adds a finding unless ok, which it gives back.
func (f *findings) need(ok bool, format string, args ...any) bool {
	if !ok {
		f.list = append(f.list, f.name+": "+fmt.Sprintf(format, args...))
	}
	return ok
}

// judgeCron holds a CronJob against the rules of the API server that its type does
// not express, and against ours: one run at a time, begun late rather than never.
func judgeCron(f *findings, name string, spec *batchv1.CronJobSpec) {
	f.need(len(name) <= maxCronName, "the name is longer than %d characters", maxCronName)
	_, err := cron.ParseStandard(spec.Schedule)
	f.need(err == nil, "schedule %q: %v", spec.Schedule, err)
	f.need(!strings.Contains(spec.Schedule, "TZ="), "schedule: the zone belongs into timeZone")
	if f.need(spec.TimeZone != nil, "timeZone is that of the controller") {
		_, err := time.LoadLocation(*spec.TimeZone)
		f.need(err == nil && *spec.TimeZone != "" && !strings.EqualFold(*spec.TimeZone, "Local"), "timeZone %q: %v", *spec.TimeZone, err)
	}
	f.need(spec.ConcurrencyPolicy == batchv1.ForbidConcurrent, "concurrencyPolicy is %q", spec.ConcurrencyPolicy)
	late := spec.StartingDeadlineSeconds
	f.need(late != nil && *late >= 10, "startingDeadlineSeconds: unset, a hundred missed runs stop the CronJob; below 10, a run may never begin")
	for _, n := range []*int32{spec.SuccessfulJobsHistoryLimit, spec.FailedJobsHistoryLimit} {
		f.need(n != nil && *n >= 1, "successfulJobsHistoryLimit, failedJobsHistoryLimit: the last job of each kind should stay")
	}
}

// judgeJob holds a job against the rules of the API server that its type does not
// express, and against ours: it ends, and is cleaned up.
func judgeJob(f *findings, name string, job *batchv1.JobSpec) {
	f.need(job.ActiveDeadlineSeconds != nil && *job.ActiveDeadlineSeconds > 0, "activeDeadlineSeconds: the job may last for ever")
	f.need(job.TTLSecondsAfterFinished != nil && *job.TTLSecondsAfterFinished > 0, "ttlSecondsAfterFinished: the job stays for ever")
	f.need(job.BackoffLimit == nil || *job.BackoffLimit >= 0, "backoffLimit is negative")
	restart := job.Template.Spec.RestartPolicy
	f.need(restart == corev1.RestartPolicyNever || restart == corev1.RestartPolicyOnFailure, "restartPolicy %q: want Never or OnFailure", restart)
	judgeIndexed(f, name, job)
	if job.PodFailurePolicy == nil {
		f.need(false, "podFailurePolicy: every failure is tried again")
		return
	}
	f.need(restart == corev1.RestartPolicyNever, "podFailurePolicy needs restartPolicy Never")
	f.need(job.PodReplacementPolicy == nil || *job.PodReplacementPolicy == batchv1.Failed, "podFailurePolicy needs podReplacementPolicy Failed")
	f.need(len(job.PodFailurePolicy.Rules) <= 20, "podFailurePolicy has more than 20 rules")
	for i, rule := range job.PodFailurePolicy.Rules {
		of := &findings{name: fmt.Sprintf("%s: podFailurePolicy.rules[%d]", f.name, i)}
		judgeRule(of, job, rule)
		f.list = append(f.list, of.list...)
	}
}

// judgeRule looks at one answer to a failure.
func judgeRule(f *findings, job *batchv1.JobSpec, rule batchv1.PodFailurePolicyRule) {
	switch rule.Action {
	case batchv1.PodFailurePolicyActionFailJob, batchv1.PodFailurePolicyActionIgnore, batchv1.PodFailurePolicyActionCount:
	case batchv1.PodFailurePolicyActionFailIndex:
		f.need(job.BackoffLimitPerIndex != nil, "FailIndex needs backoffLimitPerIndex")
	default:
		f.need(false, "there is no action %q", rule.Action)
	}
	f.need((rule.OnExitCodes != nil) != (len(rule.OnPodConditions) > 0), "want either onExitCodes or onPodConditions")
	for _, c := range rule.OnPodConditions {
		f.need(c.Type != "", "a condition has no type")
		f.need(c.Status == corev1.ConditionTrue || c.Status == corev1.ConditionFalse || c.Status == corev1.ConditionUnknown, "status %q", c.Status)
	}
	if rule.OnExitCodes == nil {
		return
	}
	codes := rule.OnExitCodes
	f.need(codes.Operator == batchv1.PodFailurePolicyOnExitCodesOpIn || codes.Operator == batchv1.PodFailurePolicyOnExitCodesOpNotIn, "there is no operator %q", codes.Operator)
	f.need(len(codes.Values) >= 1 && len(codes.Values) <= 255, "want 1 to 255 exit codes")
	f.need(slices.IsSorted(codes.Values) && len(slices.Compact(slices.Clone(codes.Values))) == len(codes.Values), "exit codes %v: want them in order, each once", codes.Values)
	f.need(codes.Operator != batchv1.PodFailurePolicyOnExitCodesOpIn || !slices.Contains(codes.Values, 0), "0 is no failure")
	if codes.ContainerName != nil {
		spec := job.Template.Spec
		f.need(slices.ContainsFunc(slices.Concat(spec.InitContainers, spec.Containers), func(c corev1.Container) bool { return c.Name == *codes.ContainerName }),
			"there is no container %q", *codes.ContainerName)
	}
}

// judgeIndexed looks at how a job shares its work.
func judgeIndexed(f *findings, name string, job *batchv1.JobSpec) {
	indexed := job.CompletionMode != nil && *job.CompletionMode == batchv1.IndexedCompletion
	if !indexed {
		f.need(job.BackoffLimitPerIndex == nil, "backoffLimitPerIndex needs completionMode Indexed")
		f.need(job.MaxFailedIndexes == nil, "maxFailedIndexes needs backoffLimitPerIndex")
		f.need(job.Completions == nil && job.Parallelism == nil, "without completionMode Indexed all pods would do the same work")
		return
	}
	if !f.need(job.Completions != nil && *job.Completions > 0, "completionMode Indexed needs completions") {
		return
	}
	n := *job.Completions
	f.need(job.Parallelism != nil && *job.Parallelism == n, "parallelism is not completions (%d): shares would wait for one another", n)
	f.need(job.BackoffLimitPerIndex != nil && *job.BackoffLimitPerIndex >= 0 && job.BackoffLimit == nil, "want backoffLimitPerIndex, and no backoffLimit for all shares together")
	f.need(job.MaxFailedIndexes == nil || job.BackoffLimitPerIndex != nil && *job.MaxFailedIndexes <= n, "maxFailedIndexes: want at most completions, and backoffLimitPerIndex")
	f.need(len(fmt.Sprintf("%s-%d", name, n-1)) <= maxName, "the name is too long for that of a pod")
}
