package check

import (
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Workload is what starts recfin: one object of a manifest, with the parts that
// it has.
type Workload struct {
	Name string // kind/name
	Cron *batchv1.CronJobSpec
	Job  *batchv1.JobSpec
	Pod  *corev1.PodTemplateSpec
}

// Set is a whole manifest: what starts pods, and what those refer to.
type Set struct {
	Workloads  []Workload
	Accounts   map[string]*corev1.ServiceAccount
	ConfigMaps map[string]*corev1.ConfigMap
}

// Sort files the objects of a manifest. A kind that nothing here judges is an error.
func Sort(objects []runtime.Object) (Set, error) {
	s := Set{Accounts: map[string]*corev1.ServiceAccount{}, ConfigMaps: map[string]*corev1.ConfigMap{}}
	for _, o := range objects {
		switch o := o.(type) {
		case *batchv1.CronJob:
			s.Workloads = append(s.Workloads, Workload{"CronJob/" + o.Name, &o.Spec, &o.Spec.JobTemplate.Spec, &o.Spec.JobTemplate.Spec.Template})
		case *batchv1.Job:
			s.Workloads = append(s.Workloads, Workload{"Job/" + o.Name, nil, &o.Spec, &o.Spec.Template})
		case *appsv1.StatefulSet:
			s.Workloads = append(s.Workloads, Workload{"StatefulSet/" + o.Name, nil, nil, &o.Spec.Template})
		case *corev1.ServiceAccount:
			s.Accounts[o.Name] = o
		case *corev1.ConfigMap:
			s.ConfigMaps[o.Name] = o
		default:
			return s, fmt.Errorf("a %T is not judged by any rule here", o)
		}
	}
	return s, nil
}

// Recfin are the containers of a workload that run our image, init containers
// first.
func (w Workload) Recfin() []corev1.Container {
	var ours []corev1.Container
	for _, list := range [][]corev1.Container{w.Pod.Spec.InitContainers, w.Pod.Spec.Containers} {
		for _, c := range list {
			if image, _, _ := strings.Cut(c.Image, ":"); image == "recfin" || strings.HasSuffix(image, "/recfin") {
				ours = append(ours, c)
			}
		}
	}
	return ours
}

// Flag gives the value of a flag in the arguments of a container, or of its
// variable.
func Flag(c corev1.Container, name string) (string, bool) {
	for _, arg := range c.Args {
		if arg == "--"+name {
			return "", true
		}
		if value, ok := strings.CutPrefix(arg, "--"+name+"="); ok {
			return value, true
		}
	}
	for _, e := range c.Env {
		if e.Name == Variable(name) {
			return e.Value, true
		}
	}
	return "", false
}

// Variable is the environment variable of a flag.
func Variable(flag string) string {
	return "RECFIN_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}
