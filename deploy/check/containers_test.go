package check

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// The flags and variables of all containers, and the settings in ConfigMaps, are
// those of recfin.
func TestContainerFlags(t *testing.T) {
	for dir, set := range manifests(t) {
		for _, w := range set.Workloads {
			for _, c := range w.Recfin() {
				var variables []string
				for _, e := range c.Env {
					variables = append(variables, e.Name)
				}
				bad, err := recfin(t).Lacks(c.Args, variables)
				if err != nil {
					t.Errorf("%s: %s: %v", dir, w.Name, err)
				}
				for _, b := range bad {
					t.Errorf("%s: %s: %s", dir, w.Name, b)
				}
			}
		}
	}
}

// Every container does its work when it is started with its arguments, variables
// and settings: only the store is another one, a folder with a broadcast.
func TestContainersRun(t *testing.T) {
	program := recfin(t)
	var pushed atomic.Int32
	gateway := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { pushed.Add(1) }))
	defer gateway.Close()
	for dir, set := range manifests(t) {
		for _, w := range set.Workloads {
			for _, c := range w.Recfin() {
				live := filepath.Join(t.TempDir(), "live")
				if out, err := exec.Command(program.Path, "demo", live).CombinedOutput(); err != nil {
					t.Fatalf("recfin demo: %v\n%s", err, out)
				}
				cmd := exec.Command(program.Path, arguments(c)...)
				cmd.Env = append(environment(t, set, w, c, gateway.URL), "RECFIN_STORE="+live)
				out, err := cmd.CombinedOutput()
				if err != nil || strings.Contains(string(out), "WARN") || strings.Contains(string(out), `"warn`) {
					t.Errorf("%s: %s: recfin %q: %v\n%s", dir, w.Name, cmd.Args[1:], err, out)
				}
			}
		}
	}
	if pushed.Load() == 0 {
		t.Error("nothing was pushed to the Pushgateway")
	}
}

// arguments are those of a container, as they are given to the program; the
// recording is that of the broadcast.
func arguments(c corev1.Container) []string {
	args := append([]string(nil), c.Args...)
	for i, arg := range args {
		args[i] = strings.ReplaceAll(arg, "$(POD_NAME)", "broadcaster-0")
		if i > 0 && arg == "foo" {
			args[i] = "demo"
		}
	}
	return args
}

// environment is that of a container, with its files in a folder of the test.
func environment(t *testing.T, set Set, w Workload, c corev1.Container, gateway string) []string {
	t.Helper()
	var env []string
	for _, e := range c.Env {
		switch e.Name {
		case "RECFIN_PUSHGATEWAY":
			e.Value = gateway
		case "RECFIN_SHARD":
			env = append(env, "JOB_COMPLETION_INDEX=3") // by Kubernetes
		}
		for _, m := range c.VolumeMounts {
			if !strings.HasPrefix(e.Value, m.MountPath+"/") {
				continue
			}
			dir := t.TempDir()
			for name, text := range mounted(t, set, w, m.Name) {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			e.Value = dir + strings.TrimPrefix(e.Value, m.MountPath)
		}
		env = append(env, e.Name+"="+e.Value)
	}
	return env
}

// mounted are the files of a volume.
func mounted(t *testing.T, set Set, w Workload, volume string) map[string]string {
	t.Helper()
	for _, v := range w.Pod.Spec.Volumes {
		if v.Name == volume && v.ConfigMap != nil && set.ConfigMaps[v.ConfigMap.Name] != nil {
			return set.ConfigMaps[v.ConfigMap.Name].Data
		}
	}
	t.Fatalf("%s: the volume %s is nothing", w.Name, volume)
	return nil
}
