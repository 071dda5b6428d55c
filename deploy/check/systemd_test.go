package check

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// installed is where the units expect recfin.
const installed = "/usr/local/bin/recfin"

// need gives the path of a program that a test needs. Without it the test is
// skipped, or fails where RECFIN_TEST_REQUIRE is set.
func need(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil && os.Getenv("RECFIN_TEST_REQUIRE") != "" {
		t.Fatalf("%s is required (RECFIN_TEST_REQUIRE is set): %v", program, err)
	}
	if err != nil {
		t.Skipf("%s is not installed; set RECFIN_TEST_REQUIRE=1 to make this a failure", program)
	}
	return path
}

func readFile(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// dropIns are the units that the drop-ins are for.
var dropIns = map[string]string{
	"credentials.conf": "recfin.service",
	"folder.conf":      "recfin.service",
	"metrics.conf":     "recfin.service",
	"broadcaster.conf": "broadcaster.service",
}

// verify lets systemd read the units as they would be installed, with one that is
// changed, and gives what it has to say.
func verify(t *testing.T, change func(name, text string) string) string {
	t.Helper()
	analyze := need(t, "systemd-analyze")
	dir := t.TempDir()
	program := recfin(t).Path
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(change(name, text), installed, program)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("broadcaster.service", "[Service]\nExecStart=/bin/true\n")
	for _, unit := range []string{"recfin.service", "recfin.timer"} {
		write(unit, readFile(t, "..", "systemd", unit))
	}
	files, err := os.ReadDir(filepath.Join("..", "systemd", "drop-ins"))
	if err != nil || len(files) != len(dropIns) {
		t.Fatalf("drop-ins: %v, %v", files, err)
	}
	for _, f := range files {
		write(filepath.Join(dropIns[f.Name()]+".d", f.Name()), readFile(t, "..", "systemd", "drop-ins", f.Name()))
	}
	cmd := exec.Command(analyze, "verify", "--man=no", "./recfin.service", "./recfin.timer", "./broadcaster.service")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	said := string(out)
	if err != nil {
		said += err.Error()
	}
	return said
}

func TestUnits(t *testing.T) {
	if said := verify(t, func(_, text string) string { return text }); said != "" {
		t.Errorf("systemd-analyze verify: %s", said)
	}
	for _, c := range []struct{ name, old, new string }{
		{"recfin.service", "ProtectSystem=strict", "ProtectSytem=strict"},
		{"recfin.service", "ProtectSystem=strict", "ProtectSystem=verystrict"},
		{"recfin.service", "Type=oneshot", "Type=once"},
		{"recfin.service", "TimeoutStopSec=30s", "TimeoutStopSec=30x"},
		{"recfin.service", installed, "/usr/local/bin/refcin"},
		{"recfin.timer", "03:17:00", "25:17:00"},
		{"broadcaster.service.d/broadcaster.conf", "ExecStartPre=-", "ExecStartPer=-"},
		{"recfin.service.d/credentials.conf", "LoadCredential=aws:", "LoadCredential="},
	} {
		said := verify(t, func(name, text string) string {
			if name != c.name {
				return text
			}
			changed := strings.ReplaceAll(text, c.old, c.new)
			if changed == text {
				t.Errorf("%s has no %s to spoil", c.name, c.old)
			}
			return changed
		})
		if said == "" {
			t.Errorf("%s in the place of %s in %s is not seen", c.new, c.old, c.name)
		}
	}
}

// What may be done to a machine by the service is little.
func TestHardening(t *testing.T) {
	analyze := need(t, "systemd-analyze")
	out, err := exec.Command(analyze, "security", "--offline=true", "--threshold=15", "--no-pager", "../systemd/recfin.service").CombinedOutput()
	if err != nil {
		t.Errorf("the exposure level is above 1.5: %v\n%s", err, out)
	}
	if !strings.Contains(string(out), "Overall exposure level") {
		t.Errorf("%s", out)
	}
}

// The flags of units exist, and their times fit together.
func TestUnitTimes(t *testing.T) {
	service := ParseUnit(readFile(t, "..", "systemd", "recfin.service"))
	broadcaster := ParseUnit(readFile(t, "..", "systemd", "drop-ins", "broadcaster.conf"))
	for _, u := range []struct {
		unit Unit
		key  string
	}{{service, "Service.ExecStart"}, {broadcaster, "Service.ExecStartPre"}} {
		lines := u.unit.All(u.key)
		if len(lines) != 1 {
			t.Fatalf("%s: %q", u.key, lines)
		}
		words := strings.Fields(strings.TrimPrefix(lines[0], "-"))
		if words[0] != installed {
			t.Errorf("%s starts %s", u.key, words[0])
		}
		var variables []string
		for _, e := range u.unit.All("Service.Environment") {
			name, _, _ := strings.Cut(e, "=")
			variables = append(variables, name)
		}
		lacks(t, words[1:], variables)
	}
	lacks(t, []string{"run"}, []string{strings.Split(ParseUnit(readFile(t, "..", "systemd", "drop-ins", "metrics.conf")).Get("Service.Environment"), "=")[0]})

	start := service.Get("Service.ExecStart")
	if grace, stop := timeOf(t, start, "--grace="), timeOf(t, service.Get("Service.TimeoutStopSec"), ""); grace+spare > stop {
		t.Errorf("--grace %v needs more than TimeoutStopSec %v", grace, stop)
	}
	if longest, stop := timeOf(t, start, "--max-duration="), timeOf(t, service.Get("Service.TimeoutStartSec"), ""); longest+time.Minute > stop {
		t.Errorf("--max-duration %v needs more than TimeoutStartSec %v", longest, stop)
	}
	pre := broadcaster.Get("Service.ExecStartPre")
	if !strings.HasPrefix(pre, "-") {
		t.Errorf("ExecStartPre=%s keeps the broadcaster from starting", pre)
	}
	if budget, limit := timeOf(t, pre, "--budget="), timeOf(t, broadcaster.Get("Service.TimeoutStartSec"), ""); 2*budget > limit {
		t.Errorf("--budget %v leaves the broadcaster little of TimeoutStartSec %v", budget, limit)
	}
}

// lacks says which flags and variables recfin does not have.
func lacks(t *testing.T, args, variables []string) {
	t.Helper()
	bad, err := recfin(t).Lacks(args, variables)
	if err != nil {
		t.Error(err)
	}
	for _, b := range bad {
		t.Error(b)
	}
}

// timeOf reads a time that stands behind a word.
func timeOf(t *testing.T, text, behind string) time.Duration {
	t.Helper()
	_, rest, ok := strings.Cut(text, behind)
	rest, _, _ = strings.Cut(rest, " ")
	d, err := time.ParseDuration(rest)
	if !ok || err != nil {
		t.Fatalf("%q has no %s: %v", text, behind, err)
	}
	return d
}

// What systemd takes for a failure, and what it tries again, is what Kubernetes
// does with the CronJob; only 4, of which a Job can but fail, is no failure here.
func TestUnitExitCodes(t *testing.T) {
	codes, err := ExitCodes()
	if err != nil {
		t.Fatal(err)
	}
	service := ParseUnit(readFile(t, "..", "systemd", "recfin.service"))
	for key, want := range map[string][]string{
		"Service.SuccessExitStatus":        {"exitNotSettled", "exitInterrupted", "exitTerminated"},
		"Service.RestartPreventExitStatus": {"exitRefused", "exitUsage"},
	} {
		var numbers []string
		for _, name := range want {
			numbers = append(numbers, strconv.Itoa(int(codes[name])))
		}
		if got := strings.Fields(service.Get(key)); !slices.Equal(got, numbers) {
			t.Errorf("%s=%q, want %q", key, got, numbers)
		}
	}
	if got := service.Get("Service.Restart"); got != "on-failure" {
		t.Errorf("Restart=%s", got)
	}
}
