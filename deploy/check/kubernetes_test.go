package check

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
)

var kubernetes = filepath.Join("..", "kubernetes")

// manifests are all that `kubectl apply -k` can be given here, built, by folder.
func manifests(t *testing.T) map[string]Set {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(kubernetes, "overlays", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("there are no overlays: %v", err)
	}
	sets := map[string]Set{}
	for _, dir := range append(dirs, filepath.Join(kubernetes, "base")) {
		sets[filepath.Base(dir)] = manifest(t, dir)
	}
	return sets
}

func manifest(t *testing.T, dir string) Set {
	t.Helper()
	text, err := Build(dir)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := Decode(text)
	if err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	set, err := Sort(objects)
	if err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	if len(set.Workloads) == 0 {
		t.Fatalf("%s starts nothing", dir)
	}
	return set
}

func TestManifests(t *testing.T) {
	for dir, set := range manifests(t) {
		for _, wrong := range set.Judge() {
			t.Errorf("%s: %s", dir, wrong)
		}
	}
}

// What stands in the files, patches included, decodes strictly before it is built
// too; and no file is out of reach of a build.
func TestFiles(t *testing.T) {
	used := ""
	var rest []string
	err := filepath.WalkDir(kubernetes, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if entry.Name() == "kustomization.yaml" {
			used += string(text)
			return nil
		}
		rest = append(rest, entry.Name())
		if !strings.Contains(string(text), "apiVersion:") {
			return nil // settings of recfin
		}
		if _, err := Decode(text); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range rest {
		if !strings.Contains(used, name) {
			t.Errorf("no kustomization names %s", name)
		}
	}
	components, err := filepath.Glob(filepath.Join(kubernetes, "components", "*"))
	if err != nil || len(components) == 0 {
		t.Fatalf("there are no components: %v", err)
	}
	for _, dir := range components {
		if !strings.Contains(used, "../../components/"+filepath.Base(dir)) {
			t.Errorf("no overlay uses the component %s", dir)
		}
	}
}

// Each exit code has one answer in each policy, and the right one.
func TestExitCodesInPolicies(t *testing.T) {
	codes, err := ExitCodes()
	if err != nil || len(codes) < 10 {
		t.Fatalf("the codes of the program: %v, %v", codes, err)
	}
	const again, job, index = batchv1.PodFailurePolicyActionCount, batchv1.PodFailurePolicyActionFailJob, batchv1.PodFailurePolicyActionFailIndex
	want := map[string]map[string]batchv1.PodFailurePolicyAction{
		"CronJob": {"exitFailed": again, "exitPartly": again, "exitNotSettled": job, "exitRefused": job, "exitUnavailable": again,
			"exitLeased": again, "exitUsage": job, "exitInterrupted": again, "exitTerminated": again},
		"Indexed": {"exitFailed": again, "exitPartly": again, "exitNotSettled": index, "exitRefused": index, "exitUnavailable": again,
			"exitLeased": again, "exitUsage": job, "exitInterrupted": again, "exitTerminated": again},
		"Job": {"exitFailed": again, "exitPartly": again, "exitNotSettled": again, "exitRefused": job, "exitUnavailable": again,
			"exitLeased": again, "exitUsage": job, "exitInterrupted": again, "exitTerminated": again},
	}
	seen := map[string]bool{}
	for dir, set := range manifests(t) {
		for _, w := range set.Workloads {
			if w.Job == nil {
				continue
			}
			kind, _, _ := strings.Cut(w.Name, "/")
			if w.Job.CompletionMode != nil {
				kind = "Indexed"
			}
			seen[kind] = true
			for name, code := range codes {
				var got []batchv1.PodFailurePolicyAction
				for _, rule := range w.Job.PodFailurePolicy.Rules {
					if rule.OnExitCodes != nil && slices.Contains(rule.OnExitCodes.Values, code) {
						got = append(got, rule.Action)
					}
				}
				if name == "exitDone" {
					if len(got) > 0 {
						t.Errorf("%s: %s: success is answered by %v", dir, w.Name, got)
					}
				} else if len(got) != 1 || got[0] != want[kind][name] {
					t.Errorf("%s: %s: %s (%d) is answered by %v, want %q", dir, w.Name, name, code, got, want[kind][name])
				}
			}
			for _, rule := range w.Job.PodFailurePolicy.Rules {
				if rule.OnExitCodes == nil {
					continue
				}
				for _, code := range rule.OnExitCodes.Values {
					if !slices.Contains(slices.Collect(maps.Values(codes)), code) {
						t.Errorf("%s: %s answers %d, which recfin never ends with", dir, w.Name, code)
					}
				}
			}
		}
	}
	for kind := range want {
		if !seen[kind] {
			t.Errorf("no manifest has a job of the kind %s", kind)
		}
	}
}
