package check

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
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

// kinds are the jobs that are answered for differently: that of a CronJob, an
// Indexed one, one by itself.
func kinds(t *testing.T) map[string]Workload {
	t.Helper()
	all := map[string]Workload{}
	for _, dir := range []string{"base", "overlays/fleet", "overlays/one"} {
		for _, w := range manifest(t, filepath.Join(kubernetes, dir)).Workloads {
			kind, _, _ := strings.Cut(w.Name, "/")
			if w.Job != nil && w.Job.CompletionMode != nil {
				kind = "Indexed"
			}
			all[kind] = w
		}
	}
	if len(all) != 3 {
		t.Fatalf("%d kinds of jobs", len(all))
	}
	return all
}

// answers are the actions that the policy of a job has for an exit code.
func answers(w Workload, code int32) []string {
	var all []string
	for _, rule := range w.Job.PodFailurePolicy.Rules {
		if rule.OnExitCodes != nil && slices.Contains(rule.OnExitCodes.Values, code) {
			all = append(all, string(rule.Action))
		}
	}
	return all
}

func itoa(n int32) string { return strconv.Itoa(int(n)) }

// Each exit code has one answer in each policy, and the right one: another attempt
// where it can end otherwise, none where it cannot.
func TestExitCodesInPolicies(t *testing.T) {
	codes, err := ExitCodes()
	if err != nil || len(codes) < 10 {
		t.Fatalf("the codes of the program: %v, %v", codes, err)
	}
	special := map[string]map[string]string{
		"CronJob": {"exitNotSettled": "FailJob", "exitRefused": "FailJob", "exitUsage": "FailJob", "exitDone": ""},
		"Indexed": {"exitNotSettled": "FailIndex", "exitRefused": "FailIndex", "exitUsage": "FailIndex", "exitDone": ""},
		"Job":     {"exitRefused": "FailJob", "exitUsage": "FailJob", "exitDone": ""},
	}
	for kind, w := range kinds(t) {
		for name, code := range codes {
			want, ok := special[kind][name]
			if !ok {
				want = "Count"
			}
			if got := strings.Join(answers(w, code), ", "); got != want {
				t.Errorf("%s: %s (%d) is answered by %q, want %q", kind, name, code, got, want)
			}
		}
		known := slices.Collect(maps.Values(codes))
		for _, rule := range w.Job.PodFailurePolicy.Rules {
			if rule.OnExitCodes == nil {
				continue
			}
			for _, code := range rule.OnExitCodes.Values {
				if !slices.Contains(known, code) {
					t.Errorf("%s answers %d, which recfin never ends with", kind, code)
				}
			}
		}
	}
}
