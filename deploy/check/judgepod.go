package check

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// leastMemory is what a recording of two days needs with room for what else is
// under way.
var leastMemory = resource.MustParse("384Mi")

// spare is how long before the kill of Kubernetes recfin should have ended by
// itself.
const spare = 3 * time.Second

// Judge names everything that is wrong with a manifest although it decodes.
func (s Set) Judge() []string {
	var all []string
	for _, w := range s.Workloads {
		f := &findings{name: w.Name}
		_, name, _ := strings.Cut(w.Name, "/")
		if w.Cron != nil {
			judgeCron(f, name, w.Cron)
		}
		if w.Job != nil {
			judgeJob(f, name, w.Job)
		}
		s.judgePod(f, w)
		for _, c := range w.Recfin() {
			of := &findings{name: f.name + ": container " + c.Name}
			judgeContainer(of, c)
			judgeTimes(of, w, c)
			f.list = append(f.list, of.list...)
		}
		all = append(all, f.list...)
	}
	slices.Sort(all)
	return all
}

// judgePod holds a pod against the profile "restricted", and its references against
// what is in the manifest.
func (s Set) judgePod(f *findings, w Workload) {
	spec := w.Pod.Spec
	f.need(len(w.Recfin()) > 0, "nothing here runs recfin")
	sec := spec.SecurityContext
	f.need(sec != nil && sec.RunAsNonRoot != nil && *sec.RunAsNonRoot, "runAsNonRoot is not set")
	f.need(sec != nil && sec.RunAsUser != nil && *sec.RunAsUser > 0 && sec.RunAsGroup != nil && *sec.RunAsGroup > 0 && sec.FSGroup != nil, "want a numeric user, group and fsGroup")
	f.need(sec != nil && sec.SeccompProfile != nil && sec.SeccompProfile.Type == corev1.SeccompProfileTypeRuntimeDefault, "seccompProfile is not RuntimeDefault")
	f.need(spec.AutomountServiceAccountToken != nil && !*spec.AutomountServiceAccountToken, "automountServiceAccountToken: recfin never talks to the cluster")
	f.need(spec.EnableServiceLinks != nil && !*spec.EnableServiceLinks, "enableServiceLinks: a Service named recfin would set RECFIN_ variables")
	f.need(s.Accounts[spec.ServiceAccountName] != nil, "there is no service account %q", spec.ServiceAccountName)
	volumes := map[string]bool{}
	for _, v := range spec.Volumes {
		f.need(!volumes[v.Name], "two volumes %q", v.Name)
		volumes[v.Name] = true
		if v.ConfigMap != nil {
			f.need(s.ConfigMaps[v.ConfigMap.Name] != nil, "there is no ConfigMap %q", v.ConfigMap.Name)
		}
	}
	for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
		for _, m := range c.VolumeMounts {
			f.need(volumes[m.Name], "container %s: there is no volume %q", c.Name, m.Name)
		}
	}
	for _, c := range spec.InitContainers {
		_, zero := Flag(c, "exit-zero")
		_, budget := Flag(c, "budget")
		f.need(zero && budget && len(c.Args) > 0 && c.Args[0] == "recover", "init container %s: want recover with --budget and --exit-zero, or it may keep the node from starting", c.Name)
		f.need(c.RestartPolicy == nil, "init container %s: with a restartPolicy it is not waited for", c.Name)
	}
}

var reference = regexp.MustCompile(`\$\(([^)]*)\)`)

// judgeContainer looks at one that runs our image, which has no shell.
func judgeContainer(f *findings, c corev1.Container) {
	f.need(len(c.Command) == 0, "command: the image has its entrypoint and nothing else")
	f.need(len(c.Args) > 0, "args: there is no command of recfin")
	sec := c.SecurityContext
	f.need(sec != nil && sec.AllowPrivilegeEscalation != nil && !*sec.AllowPrivilegeEscalation, "allowPrivilegeEscalation is not false")
	f.need(sec != nil && sec.ReadOnlyRootFilesystem != nil && *sec.ReadOnlyRootFilesystem, "readOnlyRootFilesystem is not set")
	f.need(sec != nil && sec.Capabilities != nil && slices.Equal(sec.Capabilities.Drop, []corev1.Capability{"ALL"}) && len(sec.Capabilities.Add) == 0, "capabilities are not all dropped")
	limit, ok := c.Resources.Limits[corev1.ResourceMemory]
	f.need(ok && limit.Cmp(leastMemory) >= 0, "the memory limit is below %s", leastMemory.String())
	for name, request := range c.Resources.Requests {
		if limit, ok := c.Resources.Limits[name]; ok {
			f.need(request.Cmp(limit) <= 0, "more %s is requested than allowed", name)
		}
	}
	names := map[string]bool{}
	for _, e := range c.Env {
		f.need(!names[e.Name], "two variables %s", e.Name)
		names[e.Name] = true
		f.need(e.Value == "" || e.ValueFrom == nil, "variable %s has two values", e.Name)
		f.need(e.Name != "GOMEMLIMIT", "GOMEMLIMIT: recfin sets one itself")
	}
	for _, arg := range c.Args {
		for _, m := range reference.FindAllStringSubmatch(arg, -1) {
			f.need(names[m[1]], "%s: there is no variable %s", arg, m[1])
		}
	}
}

// judgeTimes compares the times that recfin is told with those of Kubernetes, and
// the number of shares with that of pods.
func judgeTimes(f *findings, w Workload, c corev1.Container) {
	grace, ok := span(f, c, "grace")
	f.need(ok, "--grace is not given")
	if kill := w.Pod.Spec.TerminationGracePeriodSeconds; ok && f.need(kill != nil, "terminationGracePeriodSeconds is not given") {
		f.need(grace+spare <= time.Duration(*kill)*time.Second, "--grace %v needs more than terminationGracePeriodSeconds %d", grace, *kill)
	}
	if w.Job == nil {
		return
	}
	longest, ok := span(f, c, "max-duration")
	f.need(ok || w.Cron == nil, "--max-duration is not given")
	if deadline := w.Job.ActiveDeadlineSeconds; ok && deadline != nil {
		f.need(longest+grace < time.Duration(*deadline)*time.Second, "--max-duration %v ends after activeDeadlineSeconds %d", longest, *deadline)
	}
	shard, sharded := Flag(c, "shard")
	if indexed := w.Job.CompletionMode != nil && *w.Job.CompletionMode == batchv1.IndexedCompletion; !indexed {
		f.need(!sharded, "--shard %s: the others are nobody's", shard)
	} else if w.Job.Completions != nil {
		f.need(shard == "auto/"+strconv.Itoa(int(*w.Job.Completions)), "--shard %q: want auto/%d, as many as completions", shard, *w.Job.Completions)
	}
}

// span reads a flag of a time.
func span(f *findings, c corev1.Container, flag string) (time.Duration, bool) {
	text, ok := Flag(c, flag)
	if !ok {
		return 0, false
	}
	d, err := time.ParseDuration(text)
	f.need(err == nil, "--%s: %v", flag, err)
	return d, err == nil
}
